"""Queues: who works on which tickets, where, when, and how soon."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from bot.domain.people import Identity
from bot.domain.tickets.business_hours import Hours, always_open
from bot.domain.tickets.ticket import Priority

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Target:
    """How soon, in business time, somebody answers and the matter is settled; None promises nothing."""

    first_response: timedelta | None = None
    resolution: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The times by which something should be done."""

    first_response: datetime | None = None
    resolution: datetime | None = None


NO_DEADLINES = Deadlines()


@dataclass(frozen=True, slots=True)
class Override:
    """Who is on call instead, from one time on the wall's clock to another."""

    start: datetime
    end: datetime
    engineer: Identity


@dataclass(frozen=True, slots=True)
class Rota:
    """Who is on call: each of `turns` for a week in turn, counted from `starts` on the wall's clock."""

    starts: datetime
    turns: tuple[Identity, ...]
    overrides: tuple[Override, ...] = ()

    def on_call(self, local: datetime) -> Identity | None:
        """Who is on call at a time on the wall's clock; of two overrides the later one in the list counts."""
        shown = local.replace(tzinfo=None)
        for override in reversed(self.overrides):
            if override.start <= shown < override.end:
                return override.engineer
        if shown < self.starts or not self.turns:
            return None
        return self.turns[(shown - self.starts) // WEEK % len(self.turns)]


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which of the stored names mean a queue: these, or with `others` all but these."""

    names: tuple[str, ...]
    others: bool = False


@dataclass(frozen=True)
class Queue:
    """One queue; without `rooms` it has the rooms of the settings, and what is None never happens.

    `rooms` holds for each channel what its settings call a room. `remind_before` is business time, or a share
    of the target. `close_after` is time by the calendar.
    """

    id: str
    title: Mapping[str, str] = field(default_factory=dict)
    rooms: Mapping[str, str] = field(default_factory=dict)
    engineers: tuple[Identity, ...] = ()
    hours: Hours = field(default_factory=always_open)
    targets: Mapping[Priority, Target] = field(default_factory=dict)
    remind_before: timedelta | float | None = None
    unclaimed_after: timedelta | None = None
    silent_after: timedelta | None = None
    release_after: timedelta | None = None
    close_after: timedelta | None = None
    summary: time | None = None
    rota: Rota | None = None

    def title_in(self, language: str) -> str:
        """What people call it."""
        return self.title.get(language) or self.title.get("en") or next(iter(self.title.values()), self.id)

    def deadlines(self, priority: Priority, since: datetime) -> Deadlines:
        """By when a ticket of this priority should be answered and settled."""
        target = self.targets.get(priority, Target())
        return Deadlines(self._due(target.first_response, since), self._due(target.resolution, since))

    def reminder_times(self, priority: Priority, since: datetime) -> Deadlines:
        """When to remind of those times, before they come."""
        target = self.targets.get(priority, Target())
        return Deadlines(self._ahead(target.first_response, since), self._ahead(target.resolution, since))

    def on_call(self, at: datetime) -> Identity | None:
        """Who is on call then."""
        return self.rota.on_call(self.hours.local(at)) if self.rota else None

    def _due(self, amount: timedelta | None, since: datetime) -> datetime | None:
        return self.hours.after(since, amount) if amount is not None else None

    def _ahead(self, amount: timedelta | None, since: datetime) -> datetime | None:
        if amount is None or self.remind_before is None:
            return None
        before = self.remind_before
        lead = before if isinstance(before, timedelta) else amount * before
        return self.hours.after(since, amount - lead) if timedelta() < lead < amount else None


@dataclass(frozen=True)
class Queues:
    """All queues; `default` takes the tickets that name none, or one that is gone.

    `configured` is false where no file says anything: then a ticket's queue is only a label.
    """

    by_id: Mapping[str, Queue]
    default: str
    configured: bool = True

    def of(self, name: str) -> Queue:
        """The queue of a ticket."""
        return self.by_id.get(name) or self.by_id[self.default]

    def filter_for(self, queue: Queue) -> QueueFilter:
        """Which stored names mean this queue."""
        if queue.id == self.default:
            return QueueFilter(tuple(name for name in self.by_id if name != self.default), others=True)
        return QueueFilter((queue.id,))

    def label(self, name: str, language: str) -> str:
        """What the card of a ticket says of its queue."""
        return self.of(name).title_in(language) if self.configured else name

    def __iter__(self) -> Iterator[Queue]:
        return iter(self.by_id.values())


SINGLE_QUEUE = Queues({"": Queue("")}, "", configured=False)
