"""What is let in, what is refused, and that nothing is begun for whoever has given up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.domain.errors import Overloaded
from bot.server.load.admission import FULL, LONGEST, SOON, Admission
from bot.server.monitoring.metrics import Metrics
from tests.support.patience import PATIENCE


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Queue:
    """A gate of one thread, at which some wait; each that is let in ends when it is told to."""

    def __init__(self, given_up: float = PATIENCE) -> None:
        self.clock = Hands()
        self.metrics = Metrics()
        self.admission = Admission(1, self.metrics, self.clock, given_up)
        self._ends: list[asyncio.Event] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def come(self, count: int = 1, *, comes_again: bool = False) -> None:
        """Let some come, and get as far as they can."""
        for _ in range(count):
            self.tasks.append(asyncio.create_task(self._stay(comes_again=comes_again)))
        await self._settled()

    async def _stay(self, *, comes_again: bool) -> None:
        async with self.admission.place("slack", comes_again=comes_again):
            end = asyncio.Event()
            self._ends.append(end)
            await end.wait()

    async def end(self, count: int, seconds: float) -> None:
        """End those who are in, one after the other, each after so many seconds."""
        for _ in range(count):
            self.clock.seconds += seconds
            self._ends.pop(0).set()
            await self._settled()

    async def _settled(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    def refused(self, reason: str) -> int:
        """How many were refused for this reason."""
        return int(self.metrics.overloaded.labels("slack", reason)._value.get())

    async def close(self) -> None:
        """End everybody."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@asynccontextmanager
async def queue(**options: Any) -> AsyncIterator[Queue]:
    made = Queue(**options)
    try:
        yield made
    finally:
        await made.close()


async def test_the_expected_wait_is_the_queue_times_what_each_one_takes() -> None:
    async with queue() as gate:
        await gate.come(102)  # two are let in
        assert gate.admission.expected_seconds == 0, "nothing was measured yet"
        await gate.end(60, 0.01)
        assert gate.admission.expected_seconds == pytest.approx(40 * 0.01, rel=0.05)


async def test_past_the_limit_everybody_is_refused_at_once_and_first_what_comes_again() -> None:
    async with queue() as gate:
        await gate.come(202)
        await gate.end(100, 0.01)  # and 100 wait, each for the hundredth of a second of those before
        await gate.come(100, comes_again=True)
        assert gate.refused("full") == pytest.approx(100 - (SOON / 0.01 - 100), abs=2)
        before = gate.refused("full")
        await gate.come(10)
        assert gate.refused("full") == before
        await gate.come(1000)
        assert gate.refused("full") - before == pytest.approx(1000 - (FULL - SOON) / 0.01 + 10, abs=3)


async def test_who_waits_is_refused_when_the_platform_gives_up() -> None:
    async with queue(given_up=0.05) as gate:
        await gate.come(5)
        outcomes = await asyncio.gather(*gate.tasks[2:], return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [Overloaded] * 3
        assert gate.refused("late") == 3


async def test_nobody_is_refused_for_a_jam_that_is_over() -> None:
    async with queue() as gate:
        await gate.come(100)
        await gate.end(20, 0.01)
        await gate.end(1, 300.0)  # the disk was away
        assert gate.admission.expected_seconds > FULL
        await gate.end(60, 0.01)
        assert gate.admission.expected_seconds < SOON
        await gate.come(1, comes_again=True)
        assert gate.refused("full") == 0
        assert LONGEST < 300


async def run_now(function: Callable[..., Any], *values: Any) -> Any:
    return function(*values)


async def test_nothing_is_begun_for_whoever_has_given_up() -> None:
    begun: list[str] = []
    async with queue(given_up=2.5) as gate:

        async def lie_before_the_thread(seconds: float) -> None:
            async with gate.admission.place("slack", comes_again=False) as admitted:
                gate.clock.seconds += seconds
                await admitted.run(run_now, begun.append, f"after {seconds}")

        with pytest.raises(Overloaded):
            await lie_before_the_thread(2.6)
        await lie_before_the_thread(2.4)
        assert begun == ["after 2.4"]
        assert gate.refused("late") == 1


async def test_what_has_begun_is_waited_for() -> None:
    async def slow(function: Callable[..., Any], *values: Any) -> Any:
        found = function(*values)
        await asyncio.sleep(0.3)
        return found

    async with queue(given_up=0.01) as gate, gate.admission.place("slack", comes_again=False) as admitted:
        assert await admitted.run(slow, str, 7) == "7"
