"""A press in a card's menu: who may, the form, the move, and what the loser of a race is told."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.desk.cards.forms import TicketForms
from bot.desk.cards.ticket_card import TicketCards
from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.desk.ports.channels import Wording
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.staff.permissions import Permissions
from bot.domain.conversations.messages import Click, Outcome, OutcomeKind, Utterance
from bot.domain.tickets.ticket import Status, Ticket, TicketAction, reference

MENU = {
    move.value: move
    for move in (
        TicketAction.ASSIGN,
        TicketAction.TRANSFER,
        TicketAction.PRIORITIZE,
        TicketAction.MERGE,
        TicketAction.LINK,
    )
}


# Makes one move with what was filled in, and what the form's button carried of the state that was seen.
Mover = Callable[[RequestContext, Ticket, Mapping[str, str], str], Outcome]


class ActionResponses:
    """Says in private why a move was not made."""

    def __init__(self, cards: TicketCards, notifications: Notifications, forms: TicketForms) -> None:
        self._cards = cards
        self._notifications = notifications
        self._forms = forms

    def late(self, context: RequestContext, ticket: Ticket, move: TicketAction) -> Outcome:
        """Somebody was faster: tell what became of the ticket."""
        self._notifications.record(context, ticket, "refused", {"move": move.value})
        current = again(context.work, ticket)
        values = {
            "name": current.assignee.name if current.assignee else "",
            "queue": self._forms.queue_name(context.language, current.queue),
            "priority": context.say(f"priority.{current.priority.name.lower()}"),
            "target": reference(current.merged_into) if current.merged_into else "",
        }
        card = self._cards.card(context.work, current)
        return context.refuse(_why_late(current, move), card=card, ticket=current.reference, **values)

    def wrong(self, context: RequestContext, ticket: Ticket, key: str, **values: str) -> Outcome:
        """What was filled in does not fit."""
        card = self._cards.card(context.work, ticket)
        return context.refuse(key, card=card, **{"ticket": ticket.reference, **values})

    def done(self, context: RequestContext, ticket: Ticket, key: str = "", **values: str) -> Outcome:
        """It is done: the card as it is now, and a private word where the card does not tell."""
        current = again(context.work, ticket)
        notice = context.reply(context.say(key, **values)) if key else None
        card = self._cards.card(context.work, current)
        return Outcome(OutcomeKind.DONE, ticket=current.reference, notice=notice, card=card)


def _why_late(ticket: Ticket, move: TicketAction) -> str:
    if ticket.merged_into is not None:
        return "refused.merged"
    if not ticket.live:
        return f"refused.{ticket.status}"
    if move is TicketAction.GROUP and ticket.outage_id is not None:
        return "refused.grouped"
    if move is TicketAction.TRANSFER:
        return "refused.transferred"
    if move is TicketAction.PRIORITIZE:
        return "refused.prioritized"
    return "refused.claimed" if ticket.status is Status.CLAIMED else "refused.changed"


class TicketMenu:
    """The card's menu."""

    def __init__(
        self,
        wording: Wording,
        engineers: Permissions,
        notifications: Notifications,
        forms: TicketForms,
        responses: ActionResponses,
        movers: Mapping[TicketAction, Mover],
    ) -> None:
        self._wording = wording
        self._engineers = engineers
        self._notifications = notifications
        self._forms = forms
        self._responses = responses
        self._movers = movers

    def click(self, work: UnitOfWork, utterance: Utterance, click: Click) -> Outcome:
        """Ask for what the move needs, or make it."""
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        language = self._notifications.reader(utterance)
        context = RequestContext(work, self._wording, utterance, person, language)
        ticket, move = work.tickets.by_token(click.token), MENU[click.action]
        if ticket is None:
            return context.refuse("ticket.unknown")
        if utterance.stranger or not self._engineers.allows(work, utterance.sender, context.at, ticket.queue):
            self._notifications.record(context, ticket, "refused", {"move": move.value})
            return context.refuse("refused.engineers_only")
        if not ticket.allows(move):
            return self._responses.late(context, ticket, move)
        if click.inputs is None:
            form = self._forms.form(context, ticket, move)
            return Outcome(OutcomeKind.FORM, ticket=ticket.reference, card=form)
        return self._movers[move](context, ticket, click.inputs, click.argument)

    def again(self, work: UnitOfWork, utterance: Utterance, click: Click, earlier: Outcome) -> Outcome:
        """What a repeated press shows: the response to the first one may have been lost on its way."""
        ticket = work.tickets.by_token(click.token)
        person = work.people.known(utterance.sender)
        if ticket is None or person is None or not utterance.inline:
            return earlier
        if not self._engineers.allows(work, utterance.sender, utterance.at, ticket.queue):
            return earlier
        context = RequestContext(
            work, self._wording, utterance, person, self._notifications.reader(utterance)
        )
        if earlier.kind is OutcomeKind.FORM:
            return replace(earlier, card=self._forms.form(context, ticket, MENU[click.action]))
        return replace(earlier, card=self._responses.done(context, ticket).card)


def again(work: UnitOfWork, ticket: Ticket) -> Ticket:
    """The ticket as it is now."""
    found = work.tickets.get(ticket.id)
    if found is None:
        raise LookupError(f"{ticket.reference} vanished while it was being changed")
    return found
