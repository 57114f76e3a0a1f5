"""Decides who may act on tickets."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.staff.queue_rooms import QueueRooms
from bot.desk.staff.roster_freshness import RosterFreshness
from bot.domain.people import Identity
from bot.domain.tickets.queues import Queue


@dataclass(frozen=True, slots=True)
class Colleague:
    """Engineer whom a ticket may be assigned to; `label` distinguishes those who share a name."""

    identity: Identity
    name: str
    label: str


class Permissions:
    """Permissions: by a queue's list, else the settings', else its rooms' members; a stale roster denies."""

    def __init__(self, listed: tuple[Identity, ...], freshness: RosterFreshness, rooms: QueueRooms) -> None:
        self._listed = listed
        self._freshness = freshness
        self._rooms = rooms

    def allows(self, work: UnitOfWork, identity: Identity, now: datetime, queue: str | None = None) -> bool:
        """Tell whether this identity may act now on tickets of this queue, or for None of any."""
        if queue is not None:
            return self._is_engineer_of(work, identity, now, self._rooms.queues.of(queue))
        return bool(self.queues_of(work, identity, now))

    def queues_of(self, work: UnitOfWork, identity: Identity, now: datetime) -> tuple[Queue, ...]:
        """Return the queues on whose tickets this identity may act now."""
        return tuple(
            queue for queue in self._rooms.queues if self._is_engineer_of(work, identity, now, queue)
        )

    def _is_engineer_of(self, work: UnitOfWork, identity: Identity, now: datetime, queue: Queue) -> bool:
        listed = queue.engineers or self._listed
        if listed:
            return any(entry.same_as(identity) for entry in listed)
        return work.rosters.holds(identity, self._freshness.since(now), self._room_places(queue))

    def _room_places(self, queue: Queue) -> list[str] | None:
        # Without a file of queues a channel has one room, which is not known before the channel is connected.
        return [room.place for room in self._rooms.of(queue)] if self._rooms.queues.configured else None

    def colleagues(self, work: UnitOfWork, now: datetime, queue: str) -> tuple[Colleague, ...]:
        """Return all engineers of a queue by name; listed ones whose name is unknown by id."""
        here = self._rooms.queues.of(queue)
        listed = here.engineers or self._listed
        present = work.rosters.members(
            self._freshness.since(now), None if listed else self._room_places(here)
        )
        found = (
            _match_listed(work, listed, present, self._rooms.without_tenants()) if listed else dict(present)
        )
        named = {identity: name or identity.external_id for identity, name in found.items()}
        shared = Counter(named.values())
        return tuple(
            Colleague(identity, name, f"{name} ({identity.channel})" if shared[name] > 1 else name)
            for identity, name in sorted(named.items(), key=lambda pair: (pair[1].casefold(), str(pair[0])))
        )

    def colleague(self, work: UnitOfWork, written: str, now: datetime, queue: str) -> Colleague | None:
        """Find the engineer with this identity, or the only one with this name."""
        everybody = self.colleagues(work, now, queue)
        for colleague in everybody:
            if str(colleague.identity) == written:
                return colleague
        name = written.strip().casefold()
        alike = [one for one in everybody if name in (one.name.casefold(), one.label.casefold())]
        return alike[0] if len(alike) == 1 else None


def _match_listed(
    work: UnitOfWork,
    listed: tuple[Identity, ...],
    present: tuple[tuple[Identity, str], ...],
    without_tenants: frozenset[str],
) -> dict[Identity, str]:
    found: dict[Identity, str] = {}
    for entry in listed:
        known = (*present, *work.people.with_external_id(entry.external_id))
        meant = {identity: name for identity, name in known if entry.same_as(identity)}
        # Where there are tenants, an entry without one names nobody until somebody with that id has written.
        whole = entry.tenant or entry.channel in without_tenants
        found |= meant or ({entry: ""} if whole else {})
    return found
