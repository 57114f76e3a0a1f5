"""The measurements of load run from end to end, and count what they say they count."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bench import figures
from bench.events import Request
from bench.levels.figures import Figures, Found
from bench.levels.limits import doubtful, limits
from bench.levels.meters import LongWait, statements_in, waits_in
from bench.levels.phase import Phase, lost, replies
from bench.levels.plan import Level, LoadPlan, Size
from bench.load import LoadSender, Measured, Sent
from bench.plan import ROOT
from bench.serving import Drained

PATIENCE = 900  # seconds: a bound, never a wait
HOUR = 3_600_000.0  # milliseconds


class Server:
    """Answers what it was told, and can keep the first request waiting until the second has come."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.url = ""
        self.came: list[bytes] = []
        self.second = asyncio.Event()
        self.holding = False

    async def answer(self, request: web.Request) -> web.Response:
        self.came.append(await request.read())
        if len(self.came) == 2:
            self.second.set()
        if self.holding and len(self.came) == 1:
            await self.second.wait()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server, app = Server(), web.Application()
    app.router.add_post("/", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield server
    await runner.cleanup()


@pytest.fixture
async def sender(server: Server) -> AsyncIterator[LoadSender]:
    async with aiohttp.ClientSession() as session:
        yield LoadSender(session, [server.url])


def request(name: str) -> Request:
    return Request(name.encode(), {}, f"key of {name}", f"place of {name}")


async def test_lateness_counts_from_when_it_was_due(sender: LoadSender) -> None:
    hour_ago = asyncio.get_running_loop().time() - HOUR / 1000
    await sender.send(0, request("late"), due=hour_ago)
    await sender.at_full_speed([request("at once")], 1)
    late, at_once = sender.sent
    assert late.due == hour_ago
    assert late.milliseconds >= late.late >= HOUR
    assert at_once.late == 0
    assert at_once.milliseconds < HOUR


async def test_what_is_due_is_sent_whether_or_not_the_earlier_was_answered(
    sender: LoadSender, server: Server
) -> None:
    server.holding = True  # who waits for the answer of the first never sends the second
    await sender.paced([request("first"), request("second")], rate=1000.0)
    assert server.came == [b"first", b"second"]
    first, second = sorted(sender.sent, key=lambda one: one.due)
    assert second.due - first.due == pytest.approx(0.001)


async def test_what_is_refused_at_full_speed_is_sent_again_and_at_a_pace_is_not(
    sender: LoadSender, server: Server
) -> None:
    server.statuses = [503, 503, 200, 503]
    await sender.at_full_speed([request("again")], 1)
    await sender.paced([request("once")], rate=1000.0)
    assert server.came == [b"again", b"again", b"again", b"once"]
    assert [one.status for one in sender.sent] == ["200", "503"]


def sent(name: str, status: str = "200", *, place: bool = True, milliseconds: float = 5.0) -> Sent:
    return Sent(name, f"place of {name}" if place else "", 100.0, 0.0, milliseconds, status)


def test_lost_is_what_was_acknowledged_and_is_not_kept_or_not_answered() -> None:
    events = (
        sent("well"),
        sent("overheard", place=False),
        sent("refused", "503"),
        sent("forgotten"),
        sent("without a reply"),
    )
    measured = Measured(1.0, 0.0, events)
    arrivals = {"place of well": 100.25, "place of forgotten": 101.0}
    assert lost(measured, arrivals, {"well", "overheard", "without a reply"}) == 2
    assert [*replies(measured, arrivals)] == [250.0, 1000.0]
    assert Measured.parse(measured.dumped()) == measured


def test_a_size_is_judged_by_the_median_of_its_turns() -> None:
    def turn(milliseconds: float) -> Phase:
        measured = Measured(2.0, 0.0, (sent("one", milliseconds=milliseconds), sent("two", "503")))
        of = (Size("sqlite"), Level(1.0, 2.0, 3), measured, (milliseconds + 1,))
        return Phase(*of, 0, Drained(0, 0.0, 0), 0.004, 0.001, 0.0, 100.0, 9, ())

    found = Figures([turn(7.0), turn(900.0), turn(5.0)])
    assert (found.p99, found.reply_p99) == (7.0, 8.0)
    assert (found.accepted, found.refused, found.taken_in) == (3, 3, 0.5)
    assert found.cpu == pytest.approx(4.0)
    assert found.net_cpu == pytest.approx(3.0)


LOG = """\
2026-11-30 08:56:39.1 UTC [7] LOG:  process 7 still waiting for ShareLock on transaction 9 after 50.1 ms
2026-11-30 08:56:39.1 UTC [7] DETAIL:  Process holding the lock: 8. Wait queue: 7.
2026-11-30 08:56:39.2 UTC [9] LOG:  process 9 still waiting for ExclusiveLock on tuple (1,2) after 51.0 ms
2026-11-30 08:56:39.3 UTC [7] LOG:  process 7 acquired ShareLock on transaction 9 after 230.5 ms
2026-11-30 08:56:39.3 UTC [7] STATEMENT:  UPDATE conversations SET due_at=NULL
2026-11-30 08:56:39.4 UTC [7] LOG:  statement: BEGIN READ WRITE
2026-11-30 08:56:39.5 UTC [7] LOG:  execute _pg3_0: SELECT 'for update'
\tFROM conversations
\tFOR UPDATE
2026-11-30 08:56:39.5 UTC [7] DETAIL:  Parameters: $1 = '1'
2026-11-30 08:56:39.6 UTC [7] LOG:  execute <unnamed>: UPDATE texts SET body = 'x'
2026-11-30 08:56:39.7 UTC [7] LOG:  statement: COMMIT
"""


def test_postgresqls_log_tells_long_waits_and_statements() -> None:
    assert waits_in(LOG) == [
        LongWait(230.5, "ShareLock on transaction: UPDATE conversations SET due_at=NULL"),
        LongWait(51.0, "ExclusiveLock on tuple: "),
    ]
    told = statements_in(LOG)
    assert (told.all, told.bounds, told.locking) == (4, 2, 1)


def turn_of(*events: Sent, lost: int = 0, compared: bool = True, **changes: Any) -> Found:
    """A run with one turn of the base."""
    pace = Level(1.0, 1.0, 1)
    found = Found(LoadPlan(pace, (pace,), (), people=1, compared=compared))
    measured = Measured(1.0, 0.0, events)
    phase = Phase(Size("sqlite"), pace, measured, (), lost, Drained(0, 0.0, 0), 0.0, 0.0, 0.0, 1.0, 1, ())
    found.phases.append(replace(phase, **changes))
    return found


@pytest.mark.parametrize(
    ("found", "broken"),
    [
        (turn_of(sent("well"), sent("refused", "503")), []),
        (turn_of(sent("well"), lost=1), ["acknowledged and lost"]),
        (turn_of(sent("well"), sent("odd", "500")), ["neither taken in nor refused with 503"]),
        (turn_of(sent("well"), sent("late", milliseconds=3001.0)), ["answered after 3 s"]),
        (turn_of(sent("late", milliseconds=3001.0), compared=False), []),
    ],
)
def test_a_promise_that_breaks_is_named(found: Found, broken: list[str]) -> None:
    assert [goal.what for goal in limits(found) if not goal.met] == broken


def ratios_of(p99: float, cpu: float, *waits: LongWait) -> Found:
    """A run on PostgreSQL in which all but the base take so many times as much."""
    pace = Level(1.0, 1.0, 1)
    found = Found(LoadPlan(pace, (pace,), ("postgresql",), people=1))
    for size in found.chosen.sizes("postgresql"):
        first = size == size.base
        measured = Measured(1.0, 0.0, (sent("one", milliseconds=10.0 * (1 if first else p99)),))
        of = (size, pace, measured, (12.0,), 0, Drained(0, 0.0, 0), 0.01 * (1 if first else cpu))
        found.phases.append(Phase(*of, 0.002, 0.001, 100.0, 9, waits))
    return found


def test_ratios_and_waits_for_locks_are_judged() -> None:
    assert [goal.met for goal in limits(ratios_of(1.29, 1.14))] == [True] * 7
    broken = [goal for goal in limits(ratios_of(1.31, 1.16, LongWait(80.0, "a row"))) if not goal.met]
    assert [goal.measured for goal in broken] == [
        "1.31",
        "1.31",
        "1.16, without idling 1.20",
        "5, longest 80 ms (a row)",
    ]
    assert doubtful(ratios_of(1.29, 2.0), "postgresql") == []
    again = doubtful(ratios_of(1.31, 1.0), "postgresql")
    assert [size.name for size in again] == ["10 windows", "1,000,000 tickets"]
    titles = [table.title for table in ratios_of(1.0, 1.0).tables()]
    assert titles == ["PostgreSQL: acknowledgements and replies, in ms", "PostgreSQL: what it takes"]


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_loads_are_measured_from_end_to_end(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.levels", "--quick", "--tickets", "200", "--databases", kind],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "180"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "200 tickets, " in done.stdout
    assert "10 windows" in done.stdout
    assert ("the price of one message" in done.stdout) == (kind == "postgresql")


def test_what_got_slower_or_faster_since_is_told(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    assert [*figures.changes({}, "this", 100, path)] == ["No figures are kept yet: ARGS=--write keeps them."]
    before = {
        "mixture": {figures.SHARE: 0.2, figures.CPU: 5.0},
        "tickets": {figures.SHARE: 0.1, figures.CPU: 4.0},
        "ready": {figures.MEMORY: 100.0},
    }
    figures.keep(before, "2026-03-02", "this", 100, path)
    assert json.loads(path.read_text())["figures"] == before
    assert [*figures.changes(before, "this", 100, path)] == [
        "Since 2026-03-02 nothing got slower or faster by over 10%."
    ]
    now = {
        "mixture": {figures.SHARE: 0.15, figures.CPU: 5.4},
        "tickets": {figures.SHARE: 0.1, figures.CPU: 3.0},
        "ready": {figures.MEMORY: 120.0},
        "new": {figures.CPU: 1.0},
    }
    assert [*figures.changes(now, "that", 100, path)] == [
        "Since 2026-03-02, on another machine (this):",
        "slower: mixture: share of (2) 0.2 before, now 0.15, ratio 0.75",
        "faster: tickets: processor ms 4 before, now 3, ratio 0.75",
        "larger: ready: MB 100 before, now 120, ratio 1.20",
    ]


def test_a_slower_hour_of_the_machine_is_no_slower_code(tmp_path: Path) -> None:
    kept = tmp_path / "figures.json"
    figures.keep({"a message": {figures.CPU: 4.0, figures.SHARE: 0.2}}, "2026-11-30", "a machine", 100, kept)
    now = {"a message": {figures.CPU: 6.0, figures.SHARE: 0.2}}
    told = list(figures.changes(now, "a machine", 150, kept))
    assert told == [
        "Since 2026-11-30, the machine 1.50 times as slow, nothing got slower or faster by over 10%."
    ]
    told = list(figures.changes(now, "a machine", 100, kept))
    assert told[1:] == ["slower: a message: processor ms 4 before, now 6, ratio 1.50"]
