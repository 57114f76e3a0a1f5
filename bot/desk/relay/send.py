"""An engineer's words on their way to the employee, where they were not written under the card."""

from bot.desk.context import Turn
from bot.desk.notifications import Telling
from bot.desk.relay.texts import RelayWords
from bot.domain.conversations.masking import clean, mask, visible
from bot.domain.tickets.relay import Course, course_of
from bot.domain.tickets.ticket import Ticket


class Sending:
    """Sends a text to the requester with the engineer's name, and shows in the rooms what was sent."""

    def __init__(self, telling: Telling, words: RelayWords) -> None:
        self._telling = telling
        self._words = words

    def refusal(self, turn: Turn, ticket: Ticket, text: str) -> str:
        """The sentence's key that says why a text may not be sent; empty when it may."""
        if not visible(text):
            return "refused.note_missing"
        if course_of(ticket, turn.person.id, text) is Course.SENT:
            return ""
        return "refused.notes_only" if ticket.notes_only else "refused.note_marked"

    def send(self, turn: Turn, ticket: Ticket, text: str) -> bool:
        """Send it; return whether something in it was hidden."""
        work, name = turn.work, turn.person.name
        shown, masked = mask(clean(text))
        self._telling.record(turn, ticket, "sent")
        episode = work.episodes.get(ticket.episode_id)
        told = self._words.to_employee(episode, ticket, name, shown, edited=False)
        # First the employee's conversation, then the cards': everybody locks them in this order.
        work.outbox.say(episode.conversation_id, told, turn.at, ticket_id=ticket.id)
        in_room = self._words.to_room(ticket, Course.SENT, name, shown, edited=False)
        for conversation_id in work.tickets.cards(ticket.id):
            work.outbox.say(conversation_id, in_room, turn.at, ticket_id=ticket.id)
        return masked
