"""Answers an engineer's click on a ticket: it is done, somebody was faster, or the input does not fit."""

from bot.desk.cards.forms import MENU_ACTIONS, TicketForms
from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.domain.conversations.messages import Outcome, OutcomeKind, ShowTicket
from bot.domain.people import Person
from bot.domain.tickets.ticket import Status, Ticket, TicketAction, format_reference


class ActionResponses:
    """Outcomes of ticket actions: each shows the card as it is now, and what the card does not tell."""

    def __init__(self, notifications: Notifications, forms: TicketForms) -> None:
        self._notifications = notifications
        self._forms = forms

    def success(self, context: RequestContext, ticket: Ticket, /, key: str = "", **values: str) -> Outcome:
        """It is done; with `key`, a private sentence where the card does not tell."""
        notice = context.reply(context.say(key, **values)) if key else None
        return Outcome(OutcomeKind.DONE, ticket.reference, notice=notice, shows=ShowTicket(ticket.id))

    def invalid(self, context: RequestContext, ticket: Ticket, /, key: str, **values: str) -> Outcome:
        """What was filled in does not fit."""
        return context.refuse(key, shows=ShowTicket(ticket.id), **{"ticket": ticket.reference, **values})

    def conflict(self, context: RequestContext, ticket: Ticket, action: str) -> Outcome:
        """Somebody was faster: tell what became of the ticket meanwhile."""
        current = context.work.tickets.current(ticket)
        self._notifications.record(context, ticket, "refused", {"move": str(action)})
        values = {
            "name": current.assignee.name if current.assignee else "",
            "queue": self._forms.queue_name(context.language, current.queue),
            "priority": context.say(f"priority.{current.priority.name.lower()}"),
            "target": format_reference(current.merged_into) if current.merged_into else "",
        }
        key = _conflict_with(current, action, context.person)
        return self.invalid(context, current, key, **values)


def _conflict_with(ticket: Ticket, action: str, person: Person) -> str:
    if ticket.merged_into is not None:
        return "refused.merged"
    claimed = ticket.status is Status.CLAIMED
    if action not in MENU_ACTIONS:
        if not claimed:
            return f"refused.{ticket.status}"
        return "refused.yours" if ticket.is_assigned_to(person) else "refused.claimed"
    if not ticket.live:
        return f"refused.{ticket.status}"
    if action == TicketAction.GROUP and ticket.outage_id is not None:
        return "refused.grouped"
    if action == TicketAction.TRANSFER:
        return "refused.transferred"
    if action == TicketAction.PRIORITIZE:
        return "refused.prioritized"
    return "refused.claimed" if claimed else "refused.changed"
