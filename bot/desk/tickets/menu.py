"""A press in a card's menu: who may, the form, the move, and what the loser of a race is told."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.desk.cards.forms import Forms
from bot.desk.cards.ticket_card import Cards
from bot.desk.context import Turn
from bot.desk.notifications import Telling
from bot.desk.ports.channels import Wording
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.staff.permissions import Engineers
from bot.domain.conversations.messages import Outcome, OutcomeKind, Press, Utterance
from bot.domain.tickets.ticket import Move, Status, Ticket, reference

MENU = {move.value: move for move in (Move.ASSIGN, Move.TRANSFER, Move.PRIORITIZE, Move.MERGE, Move.LINK)}


# Makes one move with what was filled in, and what the form's button carried of the state that was seen.
Mover = Callable[[Turn, Ticket, Mapping[str, str], str], Outcome]


class Losing:
    """Says in private why a move was not made."""

    def __init__(self, cards: Cards, telling: Telling, forms: Forms) -> None:
        self._cards = cards
        self._telling = telling
        self._forms = forms

    def late(self, turn: Turn, ticket: Ticket, move: Move) -> Outcome:
        """Somebody was faster: tell what became of the ticket."""
        self._telling.record(turn, ticket, "refused", {"move": move.value})
        current = again(turn.work, ticket)
        values = {
            "name": current.assignee.name if current.assignee else "",
            "queue": self._forms.queue_name(turn.language, current.queue),
            "priority": turn.say(f"priority.{current.priority.name.lower()}"),
            "target": reference(current.merged_into) if current.merged_into else "",
        }
        card = self._cards.card(turn.work, current)
        return turn.refuse(_why_late(current, move), card=card, ticket=current.reference, **values)

    def wrong(self, turn: Turn, ticket: Ticket, key: str, **values: str) -> Outcome:
        """What was filled in does not fit."""
        card = self._cards.card(turn.work, ticket)
        return turn.refuse(key, card=card, **{"ticket": ticket.reference, **values})

    def done(self, turn: Turn, ticket: Ticket, key: str = "", **values: str) -> Outcome:
        """It is done: the card as it is now, and a private word where the card does not tell."""
        current = again(turn.work, ticket)
        notice = turn.reply(turn.say(key, **values)) if key else None
        card = self._cards.card(turn.work, current)
        return Outcome(OutcomeKind.DONE, ticket=current.reference, notice=notice, card=card)


def _why_late(ticket: Ticket, move: Move) -> str:
    if ticket.merged_into is not None:
        return "refused.merged"
    if not ticket.live:
        return f"refused.{ticket.status}"
    if move is Move.GROUP and ticket.outage_id is not None:
        return "refused.grouped"
    if move is Move.TRANSFER:
        return "refused.transferred"
    if move is Move.PRIORITIZE:
        return "refused.prioritized"
    return "refused.claimed" if ticket.status is Status.CLAIMED else "refused.changed"


class TicketMoves:
    """The card's menu."""

    def __init__(
        self,
        wording: Wording,
        engineers: Engineers,
        telling: Telling,
        forms: Forms,
        losing: Losing,
        movers: Mapping[Move, Mover],
    ) -> None:
        self._wording = wording
        self._engineers = engineers
        self._telling = telling
        self._forms = forms
        self._losing = losing
        self._movers = movers

    def press(self, work: UnitOfWork, utterance: Utterance, press: Press) -> Outcome:
        """Ask for what the move needs, or make it."""
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        language = self._telling.reader(utterance)
        turn = Turn(work, self._wording, utterance, person, language)
        ticket, move = work.tickets.by_token(press.token), MENU[press.action]
        if ticket is None:
            return turn.refuse("ticket.unknown")
        if utterance.stranger or not self._engineers.allows(work, utterance.sender, turn.at, ticket.queue):
            self._telling.record(turn, ticket, "refused", {"move": move.value})
            return turn.refuse("refused.engineers_only")
        if not ticket.allows(move):
            return self._losing.late(turn, ticket, move)
        if press.inputs is None:
            form = self._forms.form(turn, ticket, move)
            return Outcome(OutcomeKind.FORM, ticket=ticket.reference, card=form)
        return self._movers[move](turn, ticket, press.inputs, press.argument)

    def again(self, work: UnitOfWork, utterance: Utterance, press: Press, earlier: Outcome) -> Outcome:
        """What a repeated press shows: the response to the first one may have been lost on its way."""
        ticket = work.tickets.by_token(press.token)
        person = work.people.known(utterance.sender)
        if ticket is None or person is None or not utterance.inline:
            return earlier
        if not self._engineers.allows(work, utterance.sender, utterance.at, ticket.queue):
            return earlier
        turn = Turn(work, self._wording, utterance, person, self._telling.reader(utterance))
        if earlier.kind is OutcomeKind.FORM:
            return replace(earlier, card=self._forms.form(turn, ticket, MENU[press.action]))
        return replace(earlier, card=self._losing.done(turn, ticket).card)


def again(work: UnitOfWork, ticket: Ticket) -> Ticket:
    """The ticket as it is now."""
    found = work.tickets.get(ticket.id)
    if found is None:
        raise LookupError(f"{ticket.reference} vanished while it was being changed")
    return found
