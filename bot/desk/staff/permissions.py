"""Decides who may act on tickets."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.staff.queue_rooms import QueueRooms
from bot.desk.staff.roster_freshness import RosterFreshness
from bot.domain.conversations.messages import ConversationRef, Utterance
from bot.domain.people import Identity
from bot.domain.tickets.queues import Queue, QueueFilter


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

    def admits(self, work: UnitOfWork, utterance: Utterance, queue: str | None = None) -> bool:
        """Tell whether what is said or clicked may count as an engineer's: every such act is asked here.

        It is decided anew each time, for changes of what was allowed once as well. An account has its own
        rights and those of the accounts that its person confirmed as theirs, never of one that an e-mail
        address alone joined.
        """
        if utterance.stranger:
            return False
        if self.allows(work, utterance.sender, utterance.at, queue):
            return True
        others = work.people.with_rights_of(utterance.sender)
        return any(self.allows(work, other, utterance.at, queue) for other in others)

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

    def queues_of_person(self, work: UnitOfWork, identity: Identity, now: datetime) -> tuple[Queue, ...]:
        """Return the queues of this identity and of those whose rights it has."""
        found = {queue.id: queue for queue in self.queues_of(work, identity, now)}
        for other in work.people.with_rights_of(identity):
            found |= {queue.id: queue for queue in self.queues_of(work, other, now)}
        return tuple(found.values())

    def _is_engineer_of(self, work: UnitOfWork, identity: Identity, now: datetime, queue: Queue) -> bool:
        listed = queue.engineers or self._listed
        if listed:
            return any(entry.same_as(identity) for entry in listed)
        return work.rosters.holds(identity, self._freshness.since(now), self._room_places(queue))

    def _room_places(self, queue: Queue) -> list[str] | None:
        # Without a file of queues a channel has one room, which is not known before the channel is connected.
        return [room.place for room in self._rooms.of(queue)] if self._rooms.queues.configured else None

    def opens(self, room: ConversationRef, member: Identity) -> bool:
        """Tell whether a member of a room may read it: all may where no list says who the engineers are."""
        return any(
            any(entry.same_as(member) for entry in listed) if listed else room in self._rooms.of(queue)
            for queue in self._rooms.queues
            for listed in (queue.engineers or self._listed,)
        )

    def is_room_of(self, room: ConversationRef, queue: str) -> bool:
        """Tell whether a room is one of those of the tickets with this stored queue."""
        return room in self._rooms.of_named(queue)

    def queues_in(self, room: ConversationRef) -> tuple[Queue, ...]:
        """Return the queues whose tickets come into a room; none where no file says which there are."""
        queues = self._rooms.queues
        return tuple(one for one in queues if room in self._rooms.of(one)) if queues.configured else ()

    def queue_of(self, name: str) -> Queue:
        """Return the queue in force of the tickets with this stored queue."""
        return self._rooms.queues.of(name)

    def filter_for(self, queue: Queue) -> QueueFilter:
        """Return the filter for the tickets of a queue."""
        return self._rooms.queues.filter_for(queue)

    def rooms_beside(self, room: ConversationRef) -> tuple[tuple[ConversationRef, ...], ...]:
        """Return the other rooms of each queue on whose tickets the members of a room may act."""
        return tuple(
            tuple(other for other in rooms if other != room)
            for queue in self._rooms.queues
            if room in (rooms := self._rooms.of(queue)) and not (queue.engineers or self._listed)
        )

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
