"""Lets in as much as can be taken in before the platforms give up, and refuses the rest at once."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeVar

import structlog

from bot.domain.errors import Overloaded
from bot.server.database_threads import Run
from bot.server.monitoring.metrics import Metrics

log = structlog.get_logger()
T = TypeVar("T")
Reason = Literal["full", "late"]

GIVEN_UP = 2.3  # seconds after which the platform no longer waits: Slack's 3, less the way and the work
SOON = 1.5  # expected seconds from which what comes again by itself is refused; the rest is for the others
FULL = 2.0  # expected seconds from which everything is refused
WEIGHT = 0.1  # of the newest measurement in the mean
LONGEST = 1.0  # seconds that one measurement counts at most: a jam of minutes is over as soon as it is over
MARGIN = 0.05  # seconds beyond that, so that what began at the last moment is seen to have begun
QUIET = 10.0  # seconds between two lines of the log


class Admitted:
    """Somebody who was let in; their transaction begins in time, or never."""

    def __init__(self, until: float, clock: Callable[[], float]) -> None:
        self._until = until
        self._clock = clock
        self._begun = False

    async def run(self, run: Run, function: Callable[..., Any], *values: Any) -> Any:
        """Run a transaction with `run`; raise `Overloaded`, with nothing begun, when it is too late.

        What has begun is waited for: its end is the truth.
        """
        task = asyncio.ensure_future(run(self._in_time, function, *values))
        await asyncio.wait({task}, timeout=max(0.0, self._until - self._clock()) + MARGIN)
        if not task.done() and not self._begun:
            task.cancel()
            raise Overloaded("late")
        return await task

    def _in_time(self, function: Callable[..., T], *values: Any) -> T:
        # The sign comes before the look at the clock: who looks for it after that time cannot miss it.
        self._begun = True
        if self._clock() > self._until:
            self._begun = False
            raise Overloaded("late")
        return function(*values)


class Admission:
    """Gate before the threads of the database.

    A few are let in at a time, so that whatever else uses the threads waits for these few alone. The expected
    wait of the next one is how many wait, times the mean seconds from one end to the next while somebody
    waits, whatever it is that takes the time.
    """

    def __init__(
        self,
        threads: int,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
        given_up: float = GIVEN_UP,
    ) -> None:
        """`given_up`: seconds after which nobody waits for an answer any more."""
        # One more than there are threads: while it comes and goes on the event loop, no thread stands idle.
        self._places = asyncio.Semaphore(threads + 1)
        self._metrics = metrics
        self._clock = clock
        self._given_up = given_up
        self._waiting = 0
        self._seconds = 0.0
        self._measured_from: float | None = None  # the last end, where somebody waited for it
        self._refused = 0
        self._told = float("-inf")

    @property
    def expected_seconds(self) -> float:
        """How long the next one would wait."""
        return self._waiting * self._seconds

    @asynccontextmanager
    async def place(
        self, channel: str, *, comes_again: bool, seconds_left: float = math.inf
    ) -> AsyncIterator[Admitted]:
        """Wait for a place; raise `Overloaded` at once where the wait would be too long, or at its end.

        `comes_again`: the platform sends the same again by itself, so that less is lost by refusing it;
        `seconds_left`: what is left of the time in which it wants an answer.
        """
        arrived = self._clock()
        given_up = max(min(self._given_up, seconds_left - MARGIN), 0.0)
        if self.expected_seconds > (SOON if comes_again else FULL):
            raise self._refusal(channel, "full")
        await self._wait(channel, given_up)
        try:
            yield Admitted(arrived + given_up, self._clock)
        except Overloaded:
            self._note(channel, "late")
            raise
        finally:
            self._measure()
            self._places.release()

    async def _wait(self, channel: str, seconds: float) -> None:
        self._waiting += 1
        try:
            async with asyncio.timeout(seconds):
                await self._places.acquire()
        except TimeoutError:
            raise self._refusal(channel, "late") from None
        finally:
            self._waiting -= 1

    def _measure(self) -> None:
        now = self._clock()
        if self._measured_from is not None:
            newest = min(now - self._measured_from, LONGEST)
            self._seconds += WEIGHT * (newest - self._seconds)
        self._measured_from = now if self._waiting else None

    def _refusal(self, channel: str, reason: Reason) -> Overloaded:
        self._note(channel, reason)
        return Overloaded(reason)

    def _note(self, channel: str, reason: Reason) -> None:
        self._metrics.overloaded.labels(channel, reason).inc()
        self._refused += 1
        now = self._clock()
        if now - self._told >= QUIET:
            log.warning(
                "refused_while_overloaded",
                refused=self._refused,
                waiting=self._waiting,
                expected_seconds=round(self.expected_seconds, 2),
                next_step="see Overload in `firstline docs operations`",
            )
            self._refused, self._told = 0, now
