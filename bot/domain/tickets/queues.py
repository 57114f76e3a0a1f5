"""Queues: their engineers, rooms, hours and targets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from bot.domain.people import Identity
from bot.domain.tickets.business_hours import Hours, always_open
from bot.domain.tickets.rota import Rota
from bot.domain.tickets.ticket import Priority


@dataclass(frozen=True, slots=True)
class Target:
    """Business time within which a ticket gets a first response and a resolution; None promises nothing."""

    first_response: timedelta | None = None
    resolution: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Moments by which a ticket should have a first response and a resolution."""

    first_response: datetime | None = None
    resolution: datetime | None = None


NO_DEADLINES = Deadlines()


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Filter for the tickets of a queue by their stored names: these, or with `others` all but these."""

    names: tuple[str, ...]
    others: bool = False

    def takes(self, name: str) -> bool:
        """Tell whether a ticket with this stored name is one of them."""
        return (name in self.names) != self.others


@dataclass(frozen=True)
class Queue:
    """Queue; without `rooms` it has the rooms of the settings, and what is None never happens.

    `rooms` holds for each channel what its settings call a room. With `workspaces` it takes the tickets of
    these alone, each written `slack:T1` or `teams:tenant`. `remind_before` is business time, or a share of
    the target. `close_after` is time by the calendar. Without `has_hours` nobody said when it is open.
    """

    id: str
    title: Mapping[str, str] = field(default_factory=dict)
    rooms: Mapping[str, str] = field(default_factory=dict)
    engineers: tuple[Identity, ...] = ()
    workspaces: frozenset[str] = frozenset()
    hours: Hours = field(default_factory=always_open)
    targets: Mapping[Priority, Target] = field(default_factory=dict)
    remind_before: timedelta | float | None = None
    unclaimed_after: timedelta | None = None
    silent_after: timedelta | None = None
    release_after: timedelta | None = None
    close_after: timedelta | None = None
    summary: time | None = None
    rota: Rota | None = None
    has_hours: bool = True

    def title_in(self, language: str) -> str:
        """Return its title in a language, else in English, else in any, else its id."""
        return self.title.get(language) or self.title.get("en") or next(iter(self.title.values()), self.id)

    def deadlines(self, priority: Priority, since: datetime) -> Deadlines:
        """Return the deadlines of a ticket of this priority."""
        target = self.targets.get(priority, Target())
        return Deadlines(self._due(target.first_response, since), self._due(target.resolution, since))

    def reminder_times(self, priority: Priority, since: datetime) -> Deadlines:
        """Return when to remind of those deadlines, before they come."""
        target = self.targets.get(priority, Target())
        return Deadlines(self._ahead(target.first_response, since), self._ahead(target.resolution, since))

    def on_call_order(self, at: datetime) -> tuple[Identity, ...]:
        """Return who is on call at a moment, then who stands in where they are away."""
        return self.rota.order(self.hours.local(at)) if self.rota else ()

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
    """Queues in force; `default` takes the tickets that name none, or one that is gone.

    `configured` is false where no file says anything: then a ticket's queue is only a label.
    """

    by_id: Mapping[str, Queue]
    default: str
    configured: bool = True

    def of(self, name: str) -> Queue:
        """Return the queue of a ticket, by its stored name."""
        return self.by_id.get(name) or self.by_id[self.default]

    def route(self, name: str, workspace: str) -> Queue:
        """Return the queue of a new ticket: the named one where it takes tickets of this workspace.

        A workspace that queues name has these alone; any other has those that name none.
        """
        own = [queue for queue in self if workspace in queue.workspaces]
        named, default = self.of(name), self.by_id[self.default]
        others = [default, *(queue for queue in self if not queue.workspaces)]
        taking = own or others
        return named if named in taking else taking[0]

    def filter_for(self, queue: Queue) -> QueueFilter:
        """Return the filter for the tickets of this queue."""
        if queue.id == self.default:
            return QueueFilter(tuple(name for name in self.by_id if name != self.default), others=True)
        return QueueFilter((queue.id,))

    def label(self, name: str, language: str) -> str:
        """Return what a card shows as the name of a ticket's queue."""
        return self.of(name).title_in(language) if self.configured else name

    def name_of(self, name: str) -> str:
        """Return the name under which a ticket's queue is counted: its id, or a mere label as it is."""
        return self.of(name).id if self.configured else name

    def __iter__(self) -> Iterator[Queue]:
        return iter(self.by_id.values())


SINGLE_QUEUE = Queues({"": Queue("", has_hours=False)}, "", configured=False)
