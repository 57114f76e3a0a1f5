"""An engineer's words on their way to the employee, where they were not written under the card."""

from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.desk.relay.texts import RelayTexts
from bot.domain.conversations.masking import clean, mask, visible
from bot.domain.tickets.relay import Course, course_of
from bot.domain.tickets.ticket import Ticket


class Sending:
    """Sends a text to the requester with the engineer's name, and shows in the rooms what was sent."""

    def __init__(self, notifications: Notifications, words: RelayTexts) -> None:
        self._notifications = notifications
        self._words = words

    def refusal(self, context: RequestContext, ticket: Ticket, text: str) -> str:
        """The sentence's key that says why a text may not be sent; empty when it may."""
        if not visible(text):
            return "refused.note_missing"
        if course_of(ticket, context.person.id, text) is Course.SENT:
            return ""
        return "refused.notes_only" if ticket.notes_only else "refused.note_marked"

    def send(self, context: RequestContext, ticket: Ticket, text: str) -> bool:
        """Send it; return whether something in it was hidden."""
        work, name = context.work, context.person.name
        shown, masked = mask(clean(text))
        self._notifications.record(context, ticket, "sent")
        episode = work.episodes.get(ticket.episode_id)
        told = self._words.to_employee(episode, ticket, name, shown, edited=False)
        # First the employee's conversation, then the cards': everybody locks them in this order.
        work.outbox.say(episode.conversation_id, told, context.at, ticket_id=ticket.id)
        in_room = self._words.to_room(ticket, Course.SENT, name, shown, edited=False)
        for conversation_id in work.tickets.cards(ticket.id):
            work.outbox.say(conversation_id, in_room, context.at, ticket_id=ticket.id)
        return masked
