"""Events of tickets on their way to other systems: each at least once, in order, whatever fails."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.alerts import new_relic, splunk
from bot.alerts.new_relic.logs import LogSink
from bot.alerts.splunk.hec import ACK_LOOKS, HecSink
from bot.desk.ports.alerts import EventSink
from bot.desk.ports.tickets import TicketEvent
from bot.domain.errors import DeliveryFailed
from bot.server.monitoring.metrics import Metrics
from bot.server.workers.events import IDLE, LONGEST_WAIT, LOT, EventQueue, EventWorker
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk
from tests.support.fakes.event_sinks import HEC_TOKEN, LICENSE_KEY, Collector, Hec, Logs, served


async def no_pause(seconds: float) -> None:
    await asyncio.sleep(0)


def make_sink(collector: Collector) -> EventSink:
    """What sends to a collector."""
    if isinstance(collector, Hec):
        return HecSink(collector.url, HEC_TOKEN, acknowledged=True, pause=no_pause)
    return LogSink(f"{collector.url}/log/v1", LICENSE_KEY)


async def run(function: Callable[..., Any], *values: Any) -> Any:
    return function(*values)


@pytest.fixture(params=[Hec, Logs], ids=["splunk", "new_relic"])
async def collector(request: pytest.FixtureRequest) -> AsyncIterator[Collector]:
    made: Collector = request.param()
    async with served(made):
        yield made


def worker_of(helpdesk: Helpdesk, clock: Clock, sink: EventSink) -> EventWorker:
    """A worker as a process has it."""
    return EventWorker(sink, EventQueue(sink.name, helpdesk.begin, clock), run, Metrics())


@pytest.fixture
async def worker(helpdesk: Helpdesk, clock: Clock, collector: Collector) -> EventWorker:
    """A worker that has begun while one ticket was there."""
    helpdesk.claimed()
    made = worker_of(helpdesk, clock, make_sink(collector))
    assert await made.look() == IDLE
    clock.move(minutes=2)
    assert await made.look() == IDLE
    return made


def happen(helpdesk: Helpdesk, clock: Clock, times: int = 1) -> list[int]:
    """Let something happen to the ticket; the ids of those events, which are settled then."""
    with helpdesk.begin() as work:
        before = work.tickets.newest_event()
        for number in range(times):
            work.tickets.record(TicketEvent(1, clock(), f"kind_{number}", None, "web"))
        last = work.tickets.newest_event()
    clock.move(minutes=2)
    return list(range(before + 1, last + 1))


async def test_what_was_before_is_not_sent_and_what_comes_is(
    helpdesk: Helpdesk, clock: Clock, collector: Collector, worker: EventWorker
) -> None:
    assert collector.requests == 0
    ids = happen(helpdesk, clock, 3)
    await worker.look()
    assert collector.ids == ids
    assert {name: collector.events[0][name] for name in ("kind", "ticket", "channel", "priority")} == {
        "kind": "kind_0",
        "ticket": "HELP-1001",
        "channel": "web",
        "priority": "normal",
    }
    assert not set(collector.events[0]) - {
        "id", "at", "kind", "ticket", "queue", "priority", "channel", "actor",
    }  # fmt: skip
    await worker.look()
    assert collector.ids == ids


async def test_an_outage_of_an_hour_loses_nothing(
    helpdesk: Helpdesk, clock: Clock, collector: Collector, worker: EventWorker
) -> None:
    ids: list[int] = []
    waited: list[float] = []
    for minute in range(30):
        ids += happen(helpdesk, clock, 2)
        collector.faults.append((503, ""))
        waited.append(await worker.look())
        assert "Events are kept" in (worker.trouble() or ""), minute
    assert collector.ids == []
    assert waited[:3] == [1.0, 2.0, 4.0]
    assert max(waited) == LONGEST_WAIT
    # Another process goes on where this one was killed.
    clock.move(minutes=5)
    after = worker_of(helpdesk, clock, make_sink(collector))
    await after.look()
    assert (collector.ids, after.trouble()) == (ids, None)


async def test_the_time_that_is_asked_for_is_waited(
    helpdesk: Helpdesk, clock: Clock, collector: Collector, worker: EventWorker
) -> None:
    ids = happen(helpdesk, clock)
    collector.faults.append((429, "90"))
    assert await worker.look() == 90.0
    assert await worker.look() == IDLE
    assert (collector.ids, worker.trouble()) == (ids, None)


async def test_many_go_in_lots_and_in_order(
    helpdesk: Helpdesk, clock: Clock, collector: Collector, worker: EventWorker
) -> None:
    ids = happen(helpdesk, clock, LOT + 5)
    assert await worker.look() == 0.0
    assert await worker.look() == IDLE
    assert (collector.ids, collector.requests) == (ids, 2)


async def test_what_is_not_settled_waits(
    helpdesk: Helpdesk, clock: Clock, collector: Collector, worker: EventWorker
) -> None:
    ids = happen(helpdesk, clock)
    with helpdesk.begin() as work:
        work.tickets.record(TicketEvent(1, clock(), "young", None, "web"))
    await worker.look()
    assert collector.ids == ids
    clock.move(minutes=1)
    await worker.look()
    assert collector.ids == [*ids, ids[-1] + 1]


async def test_one_replica_sends_at_a_time(
    helpdesk: Helpdesk, clock: Clock, collector: Collector, worker: EventWorker
) -> None:
    ids = happen(helpdesk, clock)
    collector.faults.append((500, ""))
    await worker.look()  # it holds the turn
    other = worker_of(helpdesk, clock, make_sink(collector))
    assert await other.look() == IDLE
    assert collector.ids == []
    clock.move(minutes=4)
    await other.look()
    assert collector.ids == ids


async def test_a_wrong_key_is_a_trouble_and_loses_nothing(
    helpdesk: Helpdesk, clock: Clock, collector: Collector, worker: EventWorker
) -> None:
    happen(helpdesk, clock)
    wrong = HecSink(collector.url, "x", acknowledged=True)
    sink: EventSink = wrong if isinstance(collector, Hec) else LogSink(f"{collector.url}/log/v1", "x")
    other = worker_of(helpdesk, clock, sink)
    await other.look()
    assert "status_403" in (other.trouble() or "")
    assert collector.ids == []


async def test_a_probe_tells_whether_the_key_is_right_and_sends_nothing(collector: Collector) -> None:
    await make_sink(collector).probe()
    wrong = HecSink(collector.url, "x", acknowledged=True)
    sink: EventSink = wrong if isinstance(collector, Hec) else LogSink(f"{collector.url}/log/v1", "x")
    with pytest.raises(DeliveryFailed, match="status_403"):
        await sink.probe()
    assert collector.events == []


# --- acknowledgements of Splunk ----------------------------------------------------------------------------


async def test_an_acknowledgement_that_is_lost_brings_them_again(helpdesk: Helpdesk, clock: Clock) -> None:
    helpdesk.claimed()
    hec = Hec(lost=1)
    async with served(hec):
        worker = worker_of(helpdesk, clock, make_sink(hec))
        await worker.look()
        ids = happen(helpdesk, clock)
        hec.looks = ACK_LOOKS  # it takes longer than anybody waits
        await worker.look()
        assert (hec.ids, "not_acknowledged" in (worker.trouble() or "")) == ([], True)
        hec.looks, hec.lost = 2, 0
        await worker.look()
        assert (hec.ids, worker.trouble()) == (ids, None)


async def test_a_token_without_acknowledgement_is_told(helpdesk: Helpdesk, clock: Clock) -> None:
    helpdesk.claimed()
    hec = Hec(acknowledging=False)
    async with served(hec):
        worker = worker_of(helpdesk, clock, make_sink(hec))
        await worker.look()
        ids = happen(helpdesk, clock)
        await worker.look()
        assert "no_acknowledgement_for_this_token" in (worker.trouble() or "")
        plain = worker_of(helpdesk, clock, HecSink(hec.url, HEC_TOKEN, acknowledged=False))
        clock.move(minutes=5)
        await plain.look()
        assert hec.ids[-1] == ids[-1]


# --- the settings ------------------------------------------------------------------------------------------


def test_the_address_and_the_key_belong_together(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (splunk.sink(splunk.Settings()), new_relic.sink(new_relic.Settings())) == (None, None)
    monkeypatch.setenv("FIRSTLINE_SPLUNK_HEC_URL", "http://splunk.example.com:8088")
    monkeypatch.setenv("FIRSTLINE_NEW_RELIC_LOGS_URL", "https://log-api.eu.newrelic.com/log/v1")
    told = [*splunk.mistakes(splunk.Settings()), *new_relic.mistakes(new_relic.Settings())]
    assert [mistake.partition(":")[0].removeprefix("FIRSTLINE_") for mistake in told] == [
        "SPLUNK_HEC_URL",
        "SPLUNK_HEC_TOKEN",
        "NEW_RELIC_LICENSE_KEY",
    ]
    monkeypatch.setenv("FIRSTLINE_SPLUNK_HEC_URL", "https://splunk.example.com:8088")
    monkeypatch.setenv("FIRSTLINE_SPLUNK_HEC_TOKEN", HEC_TOKEN)
    monkeypatch.setenv("FIRSTLINE_NEW_RELIC_LICENSE_KEY", LICENSE_KEY)
    assert [*splunk.mistakes(splunk.Settings()), *new_relic.mistakes(new_relic.Settings())] == []
    made = splunk.sink(splunk.Settings()), new_relic.sink(new_relic.Settings())
    assert [sink.name for sink in made if sink is not None] == ["splunk", "new_relic"]
