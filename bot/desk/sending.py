"""An engineer's words on their way to the employee, where they were not written under the card."""

from bot.desk.telling import Telling
from bot.desk.turn import Turn
from bot.domain.masking import clean, mask, visible
from bot.domain.ticket import Ticket

NOTE_SIGN = "//"


class Sending:
    """Sends a text to the requester with the engineer's name, and shows in the rooms what was sent."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling

    def refusal(self, text: str) -> str:
        """The sentence's key that says why a text may not be sent; empty when it may."""
        if not visible(text):
            return "refused.note_missing"
        if any(line.lstrip().startswith(NOTE_SIGN) for line in text.splitlines()):
            return "refused.note_marked"
        return ""

    def send(self, turn: Turn, ticket: Ticket, text: str) -> bool:
        """Send it; return whether something in it was hidden."""
        shown, masked = mask(clean(text))
        names = {"name": turn.person.name, "requester": ticket.requester.name}
        self._telling.record(turn, ticket, "sent")
        self._telling.requester(turn.work, ticket, "told.message", turn.at, names, quote=shown)
        self._telling.rooms(turn.work, ticket, "room.message", turn.at, names, quote=shown)
        return masked
