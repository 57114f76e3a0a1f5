"""Delivers tickets to a backend, as if it were a room in which every ticket has a card."""

from bot.desk.ports.backends import TicketBackend
from bot.desk.ports.channels import Delivery, Receipt
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import DeliveryFailed

PREFIX = "mirror."


def mirror_location(backend: str) -> ConversationRef:
    """Where the tickets of a backend are, named as a room is."""
    return ConversationRef(PREFIX + backend, "", "tickets", private=False)


class Mirror:
    """Delivers cards and what was said under them to a backend.

    So a mirror has all that a room has: one order, newest state first, retries, and no ticket forgotten.
    """

    def __init__(self, backend: TicketBackend) -> None:
        self.name = PREFIX + backend.name
        self.backend = backend

    def trouble(self) -> str | None:
        """Say in a sentence why the backend is not ready, or None."""
        return self.backend.trouble()

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Mirror a ticket, or add to it; raise `DeliveryFailed`."""
        if delivery.record is not None:
            key = delivery.record.ticket.token
            mirrored = await self.backend.mirror(delivery.record, delivery.edit, key)
            return Receipt(mirrored.id, anchor=mirrored.id, url=mirrored.url)
        if delivery.delete and not delivery.edit:  # it never got there
            return Receipt("")
        mirror_id = delivery.conversation.root
        if not mirror_id:  # the ticket itself could not be mirrored
            raise DeliveryFailed("no_ticket_there", permanent=True)
        await self.backend.comment(mirror_id, delivery.reply, str(delivery.id))
        return Receipt(str(delivery.id))
