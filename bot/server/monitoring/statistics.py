"""Counts posts, tickets, ratings and judged answers in the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk.knowledge.promise import PromiseWatch
from bot.desk.ports.clock import Clock
from bot.desk.ports.schedule import QueueCounts
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.knowledge.decision import MatchResult
from bot.domain.knowledge.promise import Evidence
from bot.domain.tickets.rating import MEAN_DAYS, Mean
from bot.server.database_threads import Run

SLOW = timedelta(minutes=10)  # an older post means that a platform has been away for long


@dataclass(frozen=True, slots=True)
class Backlog:
    """Posts that wait for their delivery, with the age of the oldest, and posts that were given up."""

    waiting: int
    dead_letters: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class PromiseStatus:
    """Status of the promise; `closed`: articles are offered and not answered."""

    closed: bool
    evidence: Evidence


class Statistics:
    """Counts for /readyz and /metrics; every call is a query."""

    def __init__(
        self, begin: UnitsOfWork, run: Run, clock: Clock, targets: Collection[str], watch: PromiseWatch
    ) -> None:
        """`targets`: the names of the channels and mirrors whose posts are counted."""
        self._watch = watch
        self._begin = begin
        self._run = run
        self._clock = clock
        self._targets = targets
        self.latest: Backlog | None = None  # what was counted last

    async def backlog(self) -> Backlog:
        """The posts that wait or were given up."""
        waiting, dead, oldest = await self._run(self._read_backlog)
        self.latest = Backlog(waiting, dead, self._age(oldest))
        return self.latest

    def slow(self) -> str:
        """Say that posts have waited for long, as far as was counted; "" where they have not."""
        if self.latest is None or self.latest.oldest_seconds <= SLOW.total_seconds():
            return ""
        return (
            f"The oldest waiting post is {self.latest.oldest_seconds:.0f} seconds old: firstline outbox list"
        )

    def now(self) -> datetime:
        """The time at which it counts."""
        return self._clock()

    async def queues(self) -> tuple[QueueCounts, ...]:
        """How the queues stand, by the stored names that live tickets have."""
        found: tuple[QueueCounts, ...] = await self._run(self._read_queues)
        return found

    async def ratings(self) -> Mean:
        """The employees' marks of the last days."""
        found: Mean = await self._run(self._read_ratings)
        return found

    async def promise(self) -> PromiseStatus | None:
        """The state of the promise of few wrong answers; None where no certainty is wanted."""
        if self._watch.promise is None:
            return None
        found: PromiseStatus = await self._run(self._read_promise)
        return found

    def _read_promise(self) -> PromiseStatus:
        with self._begin.reading() as work:
            evidence = work.promises.read(self._watch.key).evidence
            return PromiseStatus(self._watch.is_closed(work, MatchResult()), evidence)

    def _read_backlog(self) -> tuple[int, int, datetime | None]:
        with self._begin.reading() as work:
            return work.deliveries.backlog(tuple(self._targets))

    def _read_queues(self) -> tuple[QueueCounts, ...]:
        with self._begin.reading() as work:
            return work.schedule.count_all(self._clock())

    def _read_ratings(self) -> Mean:
        with self._begin.reading() as work:
            return work.ratings.mean(self._clock() - timedelta(days=MEAN_DAYS))

    def _age(self, oldest: datetime | None) -> float:
        return round((self._clock() - oldest).total_seconds(), 1) if oldest else 0.0
