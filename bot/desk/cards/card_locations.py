"""Locates a ticket's cards: in the rooms of its queue, and in the mirrors."""

from collections.abc import Iterable
from datetime import datetime

from bot.desk.notifications import Notifications
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.staff.queue_rooms import QueueRooms
from bot.domain.conversations.messages import ConversationRef
from bot.domain.tickets.ticket import Ticket


class CardLocations:
    """Locations of cards; gives tickets their cards."""

    def __init__(
        self, rooms: QueueRooms, notifications: Notifications, mirrors: tuple[ConversationRef, ...] = ()
    ) -> None:
        self._rooms = rooms
        self._notifications = notifications
        self.mirrors = mirrors

    def is_room(self, conversation: ConversationRef) -> bool:
        """Tell whether a conversation is in an engineers' room or a mirror."""
        return any(room.place == conversation.place for room in (*self._rooms.all(), *self.mirrors))

    def is_mirror(self, conversation: ConversationRef) -> bool:
        """Tell whether a conversation is in a mirror."""
        return any(mirror.place == conversation.place for mirror in self.mirrors)

    def put_first_cards(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> None:
        """Put the cards of a new ticket; one that joins an outage or a cluster has none in the rooms."""
        alone = ticket.outage_id is None and ticket.cluster_id is None
        rooms = self._rooms.of_named(ticket.queue) if alone else ()
        for room in (*rooms, *self.mirrors):
            self._put_card(work, ticket, room, at)

    def put_own_cards(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> None:
        """Put the cards of a ticket that was part of an outage, of another ticket or of a cluster."""
        work.clusters.leave(ticket)
        self.put_cards(work, ticket, self._rooms.of_named(ticket.queue), at)
        self._notifications.refresh_cards(work, ticket, at)

    def put_cards(
        self, work: UnitOfWork, ticket: Ticket, rooms: Iterable[ConversationRef], at: datetime
    ) -> None:
        """Put a card in each of these rooms where the ticket has none; cards left behind stay as they are."""
        card_counts = work.assignments.rooms_of(ticket.id)
        for room in rooms:
            before = card_counts.get(room.place, 0)
            if before >= 0:
                self._put_card(work, ticket, room, at, before)

    def add_missing_cards(self, work: UnitOfWork, at: datetime, limit: int = 100) -> int:
        """Put the cards that live tickets lack in a new room or queue; return how many."""
        queues = self._rooms.queues
        lacking = [
            (room, ticket)
            for queue in queues
            for room in (*self._rooms.of(queue), *self.mirrors)
            for ticket in work.tickets.without_card(room, queues.filter_for(queue), limit)
        ]
        for room, ticket in lacking:
            self.put_cards(work, ticket, (room,), at)
        return len(lacking)

    def _put_card(
        self, work: UnitOfWork, ticket: Ticket, room: ConversationRef, at: datetime, before: int = 0
    ) -> None:
        """Put a card in this room, where the ticket left `before` cards behind."""
        thread = f"new:{ticket.token}" + (f".{before}" if before else "")
        place = ConversationRef(room.channel, room.tenant, room.space, thread, private=room.private)
        conversation_id = work.conversations.open(place)
        work.tickets.put_card(ticket.id, conversation_id, room)
        work.outbox.show_card(ticket.id, conversation_id, at)
