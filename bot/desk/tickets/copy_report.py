"""“Copy for developers” on a card: the report, for whoever pressed it alone."""

from bot.desk.cards.ticket_card import Cards
from bot.desk.context import Turn
from bot.desk.ports.button_actions import REPORT
from bot.desk.tickets.developer_report import DeveloperReport
from bot.domain.conversations.markdown import fenced
from bot.domain.conversations.messages import Button, Field, Line, Outcome, OutcomeKind, Press, Prose, Reply
from bot.domain.tickets.ticket import Ticket

SEEN = "seen"
IN_CHAT = 8_000  # characters; the command line has all of it


class Copying:
    """Shows the report as a private line, or as a text to copy where the response itself is shown."""

    def __init__(self, report: DeveloperReport, cards: Cards) -> None:
        self._report = report
        self._cards = cards

    def press(self, turn: Turn, ticket: Ticket, press: Press) -> Outcome:
        """Show the report; a text to copy that was seen gives way to the card."""
        if press.argument == SEEN:
            card = self._cards.card(turn.work, ticket)
            return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=card)
        text = self._report.markdown(turn.work, ticket, turn.language, IN_CHAT)
        title = turn.say("form.report", ticket=ticket.reference)
        if not turn.utterance.inline:  # a private line holds more than a form's field
            notice = Reply((Line(title), Prose(fenced(text))), summary=title, language=turn.language)
            return Outcome(OutcomeKind.DONE, ticket=ticket.reference, notice=notice)
        field = Field("report", turn.say("report.copy"), required=False, initial=text, copyable=True)
        close = Button(REPORT, turn.say("button.report.seen"), ticket.token, SEEN, with_fields=True)
        form = Reply((), (close,), (field,), summary=title, language=turn.language)
        return Outcome(OutcomeKind.FORM, ticket=ticket.reference, card=form)
