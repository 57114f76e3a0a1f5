"""Tells the writer or the rooms about a message that could not be delivered."""

from datetime import datetime

from bot.desk.cards.card_locations import CardLocations
from bot.desk.notifications import Notifications
from bot.desk.ports.channels import Delivery
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.desk.relay.texts import RelayTexts
from bot.desk.staff.queue_rooms import QueueRooms
from bot.domain.conversations.messages import Line, Reply
from bot.domain.errors import COPY_KEPT
from bot.domain.tickets.relay import RelayedMessage, Visibility
from bot.domain.tickets.ticket import Ticket


class DeliveryFailures:
    """Notifications about dead letters; a room is told nothing about posts that failed in it."""

    def __init__(
        self,
        wording: Wording,
        texts: RelayTexts,
        notifications: Notifications,
        locations: CardLocations,
        rooms: QueueRooms,
    ) -> None:
        self._wording = wording
        self._texts = texts
        self._notifications = notifications
        self._locations = locations
        self._rooms = rooms

    def tell(self, work: UnitOfWork, delivery: Delivery, code: str, at: datetime) -> None:
        """Tell whoever should know that a post became a dead letter."""
        if delivery.mark is not None or delivery.home or delivery.private_to is not None:
            return
        carried = work.relays.carried_by(delivery.revises or delivery.id)
        ticket = work.tickets.get(carried[0].ticket_id) if carried else None
        if carried is None or ticket is None:
            # A notification in the room would fail as well, and cause another one.
            if not self._locations.is_room(delivery.conversation):
                channel = delivery.conversation.channel
                self._tell_of_reply(work, delivery.ticket_id, channel, code, at)
            return
        if self._locations.is_mirror(delivery.conversation):
            return  # the rooms have it; the operator sees it in the outbox
        relay, to_employee = carried
        if relay.visibility is Visibility.FROM_EMPLOYEE:
            self._tell_employee(work, ticket, relay, delivery, code, at)
        else:
            self._tell_engineer(work, ticket, relay, delivery, code, at, to_employee=to_employee)

    def _tell_of_reply(
        self, work: UnitOfWork, ticket_id: int | None, channel: str, code: str, at: datetime
    ) -> None:
        """Tell the rooms about a reply to an employee that could not be delivered."""
        language = self._notifications.language
        where = self._wording.say(language, f"channel.{channel}")
        ticket = work.tickets.get(ticket_id) if ticket_id is not None else None
        if ticket is not None:
            values = {"name": ticket.requester.name, "channel": where, "code": code}
            self._notifications.tell_rooms(work, ticket, "room.undelivered", at, values)
            return
        text = self._wording.say(language, "room.undelivered_answer", channel=where, code=code)
        for room in self._rooms.of_named(""):
            reply = Reply((Line(text),), summary=text, language=language)
            work.outbox.say(work.conversations.open(room), reply, at)

    def _tell_engineer(
        self,
        work: UnitOfWork,
        ticket: Ticket,
        relay: RelayedMessage,
        delivery: Delivery,
        code: str,
        at: datetime,
        *,
        to_employee: bool,
    ) -> None:
        key = "relay.undelivered_room"
        if to_employee:
            kind = _failure_kind(delivery, code)
            key = f"relay.{kind}"
        channel = self._wording.say(self._texts.language, f"channel.{delivery.conversation.channel}")
        text = self._text_of(work, relay, delivery)
        reply = self._texts.in_room(key, text, requester=ticket.requester.name, channel=channel, code=code)
        work.outbox.say(relay.conversation_id, reply, at, ticket_id=ticket.id)

    def _tell_employee(
        self,
        work: UnitOfWork,
        ticket: Ticket,
        relay: RelayedMessage,
        delivery: Delivery,
        code: str,
        at: datetime,
    ) -> None:
        alive = (copy for copy in work.relays.copies(relay) if copy.alive)
        if any(not self._locations.is_mirror(work.conversations.ref(c.conversation_id)) for c in alive):
            return  # another room has it
        language = work.episodes.get(ticket.episode_id).language
        text = self._text_of(work, relay, delivery)
        values = {"ticket": ticket.reference, "code": code}
        reply = self._texts.plain(language, "relay.undelivered_asked", text, **values)
        work.outbox.say(relay.conversation_id, reply, at, ticket_id=ticket.id)

    @staticmethod
    def _text_of(work: UnitOfWork, relay: RelayedMessage, delivery: Delivery) -> str:
        return f"📎 {delivery.file.name}" if delivery.file else work.texts.get(relay.text_id)


def _failure_kind(delivery: Delivery, code: str) -> str:
    if delivery.delete:
        return "copy_kept" if code == COPY_KEPT else "not_taken_back"
    # A file that takes the place of its offer does not change a message that the reader has seen.
    return "not_changed" if delivery.revises and delivery.file is None else "undelivered"
