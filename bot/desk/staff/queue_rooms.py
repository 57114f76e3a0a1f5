"""Finds the rooms of the queues in force."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import ConversationRef
from bot.domain.tickets.queues import NO_DEADLINES, Deadlines, Queue, Queues
from bot.domain.tickets.schedule import make_timing_key
from bot.domain.tickets.ticket import Priority

Rooms = Callable[[], tuple[ConversationRef, ...]]
# Finds a room of a channel by the name that a queue gives it; None while the platform has not told it.
RoomOf = Callable[[str, str], ConversationRef | None]


def no_room(_channel: str, _room: str) -> None:
    """Return None: there are no channels."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Timing of a new ticket: its queue, deadlines with their key, and its next check."""

    queue: str
    deadlines: Deadlines = NO_DEADLINES
    timing_key: str = ""
    next_check: datetime | None = None


class QueueRooms:
    """Rooms of queues: those that a queue names, else the rooms of the settings."""

    def __init__(self, library: Library, default: Rooms, room_of: RoomOf = no_room) -> None:
        self._library = library
        self._default = default
        self._room_of = room_of

    @property
    def queues(self) -> Queues:
        """Return the queues in force."""
        return self._library.snapshot.content.queues

    def of(self, queue: Queue) -> tuple[ConversationRef, ...]:
        """Return the rooms of a queue, as far as they are known."""
        if not queue.rooms:
            return self._default()
        places = (self._room_of(channel, room) for channel, room in queue.rooms.items())
        return tuple(place for place in places if place is not None)

    def without_tenants(self) -> frozenset[str]:
        """Return the channels whose rooms belong to no tenant, so that an id alone names a person there."""
        return frozenset(room.channel for room in (*self._default(), *self.all()) if not room.tenant)

    def of_named(self, name: str) -> tuple[ConversationRef, ...]:
        """Return the rooms of a ticket whose queue has this name."""
        return self.of(self.queues.of(name))

    def timing(self, name: str, priority: Priority, at: datetime, asked_in: ConversationRef) -> Timing:
        """Return the queue and the timing of a ticket that is opened at a moment, by where it was asked."""
        if not self.queues.configured:
            return Timing(name)
        queue = self.queues.route(name, f"{asked_in.channel}:{asked_in.tenant}")
        return Timing(queue.id, queue.deadlines(priority, at), make_timing_key(queue, priority, at), at)

    def all(self) -> tuple[ConversationRef, ...]:
        """Return every room once."""
        return tuple(dict.fromkeys(room for queue in self.queues for room in self.of(queue)))

    def names(self, channel: str) -> frozenset[str]:
        """Return the rooms that queues name in a channel."""
        return frozenset(queue.rooms[channel] for queue in self.queues if channel in queue.rooms)
