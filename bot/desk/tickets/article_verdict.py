"""“Name the article” on the card of a ticket that has ended, in shadow mode."""

from bot.desk.cards.shadow_mode import Shadow
from bot.desk.cards.ticket_card import Cards
from bot.desk.context import Turn
from bot.desk.notifications import Telling
from bot.desk.ports.button_actions import NAME_ARTICLE
from bot.domain.conversations.messages import Button, Outcome, OutcomeKind, Press, Reply
from bot.domain.tickets.ticket import Ticket


class Naming:
    """Takes an engineer's word on a ticket that nobody resolved, or whose article was not named then."""

    def __init__(self, shadow: Shadow, cards: Cards, telling: Telling) -> None:
        self._shadow = shadow
        self._cards = cards
        self._telling = telling

    def press(self, turn: Turn, ticket: Ticket, press: Press) -> Outcome:
        """Ask which article would have helped, or keep which."""
        work = turn.work
        if ticket.live or work.shadow.of(ticket.id) is None:
            return turn.refuse("refused.not_ended", card=self._cards.card(work, ticket))
        if press.inputs is None:
            return Outcome(OutcomeKind.FORM, ticket=ticket.reference, card=self._form(turn, ticket, press))
        named = self._shadow.named(work, ticket, press.inputs)
        if named.target is None:
            unclear = self._shadow.unclear(turn, named) if named.unknown else turn.say("refused.none_named")
            form = self._form(turn, ticket, press)
            return Outcome(OutcomeKind.FORM, ticket=ticket.reference, notice=turn.reply(unclear), card=form)
        self._telling.record(turn, ticket, "named", self._shadow.name(work, ticket, named, turn))
        self._telling.refresh(work, ticket, turn.at)
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=self._cards.card(work, ticket))

    def _form(self, turn: Turn, ticket: Ticket, press: Press) -> Reply:
        title = turn.say(f"form.{NAME_ARTICLE}", ticket=ticket.reference)
        label = turn.say(f"button.{NAME_ARTICLE}")
        send = Button(NAME_ARTICLE, label, ticket.token, style="primary", with_fields=True)
        fields = self._shadow.fields(turn.work, ticket, turn.language, press.inputs)
        return Reply((), (send,), fields, summary=title, language=turn.language)
