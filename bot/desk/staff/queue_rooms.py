"""The queues in force, and their rooms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import ConversationRef
from bot.domain.tickets.queues import NO_DEADLINES, Deadlines, Queue, Queues
from bot.domain.tickets.schedule import make_timing_key
from bot.domain.tickets.ticket import Priority

Rooms = Callable[[], tuple[ConversationRef, ...]]
# The place that a channel has for a room as a queue names it; None while the platform has not told it.
RoomOf = Callable[[str, str], ConversationRef | None]


def no_room(_channel: str, _room: str) -> None:
    """Know no place, where there are no channels."""


@dataclass(frozen=True, slots=True)
class Timing:
    """A new ticket's queue, its due times and what they were counted for, and when to look at it."""

    queue: str
    deadlines: Deadlines = NO_DEADLINES
    timing_key: str = ""
    next_check: datetime | None = None


class QueueRooms:
    """Which rooms a queue has: the ones that it names, else the rooms of the settings."""

    def __init__(self, library: Library, default: Rooms, room_of: RoomOf = no_room) -> None:
        self._library = library
        self._default = default
        self._room_of = room_of

    @property
    def queues(self) -> Queues:
        """The queues in force."""
        return self._library.snapshot.content.queues

    def of(self, queue: Queue) -> tuple[ConversationRef, ...]:
        """The rooms of a queue, as far as they are known."""
        if not queue.rooms:
            return self._default()
        places = (self._room_of(channel, room) for channel, room in queue.rooms.items())
        return tuple(place for place in places if place is not None)

    def of_named(self, name: str) -> tuple[ConversationRef, ...]:
        """The rooms of a ticket whose queue has this name."""
        return self.of(self.queues.of(name))

    def timing(self, name: str, priority: Priority, at: datetime) -> Timing:
        """What a ticket that is opened now with an intent's queue begins with."""
        if not self.queues.configured:
            return Timing(name)
        queue = self.queues.of(name)
        return Timing(queue.id, queue.deadlines(priority, at), make_timing_key(queue, priority, at), at)

    def all(self) -> tuple[ConversationRef, ...]:
        """Every room, once."""
        return tuple(dict.fromkeys(room for queue in self.queues for room in self.of(queue)))

    def names(self, channel: str) -> frozenset[str]:
        """The rooms that queues name in a channel."""
        return frozenset(queue.rooms[channel] for queue in self.queues if channel in queue.rooms)
