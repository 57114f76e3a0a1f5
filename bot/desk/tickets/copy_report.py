"""“Copy for developers” on a card: the report, for whoever pressed it alone."""

from bot.desk.cards.ticket_card import TicketCards
from bot.desk.context import RequestContext
from bot.desk.ports.button_actions import REPORT
from bot.desk.tickets.developer_report import DeveloperReport
from bot.domain.conversations.markdown import fenced
from bot.domain.conversations.messages import Button, Click, Field, Line, Outcome, OutcomeKind, Prose, Reply
from bot.domain.tickets.ticket import Ticket

SEEN = "seen"
IN_CHAT = 8_000  # characters; the command line has all of it


class Copying:
    """Shows the report as a private line, or as a text to copy where the response itself is shown."""

    def __init__(self, report: DeveloperReport, cards: TicketCards) -> None:
        self._report = report
        self._cards = cards

    def click(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Show the report; a text to copy that was seen gives way to the card."""
        if click.argument == SEEN:
            card = self._cards.card(context.work, ticket)
            return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=card)
        text = self._report.markdown(context.work, ticket, context.language, IN_CHAT)
        title = context.say("form.report", ticket=ticket.reference)
        if not context.utterance.inline:  # a private line holds more than a form's field
            notice = Reply((Line(title), Prose(fenced(text))), summary=title, language=context.language)
            return Outcome(OutcomeKind.DONE, ticket=ticket.reference, notice=notice)
        field = Field("report", context.say("report.copy"), required=False, initial=text, copyable=True)
        close = Button(REPORT, context.say("button.report.seen"), ticket.token, SEEN, with_fields=True)
        form = Reply((), (close,), (field,), summary=title, language=context.language)
        return Outcome(OutcomeKind.FORM, ticket=ticket.reference, card=form)
