"""The worker that looks at other systems' pages: what it says, and how long it waits."""

import asyncio
from collections import deque

import pytest

from bot.domain.errors import SourceUnavailable
from bot.knowledge.wiki.port import Pulled
from bot.server.monitoring.metrics import Metrics
from bot.server.workers.pages import LONGEST_WAIT, PageWorker


class Scripted:
    """A puller that gives what it was told to."""

    name = "planted"
    seconds = 30.0

    def __init__(self, *results: Pulled | Exception | None) -> None:
        self.results = deque(results)
        self.closed = 0

    async def pull(self, *, whole: bool = False) -> Pulled | None:
        result = self.results.popleft()
        if isinstance(result, Exception):
            raise result
        return result

    async def close(self) -> None:
        self.closed += 1


def worker_of(puller: Scripted, metrics: Metrics) -> PageWorker:
    """A worker whose looks take no time."""
    return PageWorker(puller, metrics, clock=lambda: 0.0)


def value(metrics: Metrics, name: str, **labels: str) -> float:
    found = metrics.registry.get_sample_value(f"firstline_{name}", {"source": "planted", **labels})
    assert found is not None
    return found


async def test_a_look_that_succeeds_is_counted() -> None:
    metrics = Metrics()
    left_out = {"https://wiki.example/2": "not everybody may read it"}
    worker = worker_of(Scripted(Pulled(3, 2, 1, left_out), Pulled(3)), metrics)
    assert [await worker.look(), await worker.look()] == [30.0, 30.0]
    assert worker.trouble() is None
    assert value(metrics, "source_looks_total", outcome="changed") == 1
    assert value(metrics, "source_looks_total", outcome="same") == 1
    assert value(metrics, "source_pages", state="held") == 3
    assert value(metrics, "source_pages", state="left_out") == 0
    assert value(metrics, "source_looked_timestamp_seconds") > 0


async def test_what_is_not_there_is_said() -> None:
    worker = worker_of(Scripted(Pulled(0, faults=("there is no space 'IT'", "nor 'HR'"))), Metrics())
    await worker.look()
    assert worker.trouble() == "there is no space 'IT'; nor 'HR'"


async def test_failures_are_said_and_waited_for_longer_each_time_and_not_for_ever() -> None:
    metrics = Metrics()
    failures = [SourceUnavailable(code="unauthorized") for _ in range(9)]
    worker = worker_of(Scripted(*failures, Pulled(1)), metrics)
    waits = [await worker.look() for _ in failures]
    assert waits[:4] == [30.0, 60.0, 120.0, 240.0]
    assert waits[-1] == LONGEST_WAIT
    assert (worker.trouble() or "").startswith("unauthorized: ")
    assert value(metrics, "source_looks_total", outcome="failed") == 9
    assert await worker.look() == 30.0
    assert worker.trouble() is None


async def test_what_a_look_took_is_part_of_the_time_to_the_next() -> None:
    times = iter([0.0, 12.0, 100.0, 190.0])
    worker = PageWorker(Scripted(Pulled(1), Pulled(1)), Metrics(), clock=lambda: next(times))
    assert [await worker.look(), await worker.look()] == [18.0, 10.0]


async def test_as_long_as_a_system_asks_for_is_waited() -> None:
    worker = worker_of(Scripted(SourceUnavailable(code="busy", retry_after=900)), Metrics())
    assert await worker.look() == 900


async def test_where_another_replica_reads_all_is_well() -> None:
    metrics = Metrics()
    worker = worker_of(Scripted(SourceUnavailable(), None), metrics)
    await worker.look()
    await worker.look()
    assert worker.trouble() is None
    assert value(metrics, "source_looks_total", outcome="elsewhere") == 1


async def test_a_mistake_of_a_plugin_ends_nothing() -> None:
    worker = worker_of(Scripted(RuntimeError("oops"), Pulled(1)), Metrics())
    assert await worker.look() == 30.0
    assert (worker.trouble() or "").startswith("mistake: ")
    assert await worker.look() == 30.0
    assert worker.trouble() is None


async def test_when_it_ends_another_may_read() -> None:
    puller = Scripted(Pulled(1))
    looked = asyncio.Event()

    async def pause(seconds: float) -> None:
        looked.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(PageWorker(puller, Metrics(), pause).run())
    await looked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert puller.closed == 1
