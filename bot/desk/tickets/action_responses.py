"""Responds to an engineer's click on a ticket: it is done, somebody was faster, or the input is invalid."""

from bot.desk.cards.forms import MENU_ACTIONS, TicketForms
from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.domain.conversations.messages import Outcome, OutcomeKind, ShowTicket
from bot.domain.people import Person
from bot.domain.tickets.ticket import Status, Ticket, TicketAction, format_reference


class ActionResponses:
    """Responses to ticket actions: each shows the card as it is now, some with a private notice."""

    def __init__(self, notifications: Notifications, forms: TicketForms) -> None:
        self._notifications = notifications
        self._forms = forms

    def success(self, context: RequestContext, ticket: Ticket, /, key: str = "", **values: str) -> Outcome:
        """Respond that it is done; with `key`, a private sentence that the card does not show."""
        notice = context.reply(context.say(key, **values)) if key else None
        return Outcome(OutcomeKind.DONE, ticket.reference, notice=notice, shows=ShowTicket(ticket.id))

    def invalid(self, context: RequestContext, ticket: Ticket, /, key: str, **values: str) -> Outcome:
        """Respond that the input is invalid."""
        return context.refuse(key, shows=ShowTicket(ticket.id), **{"ticket": ticket.reference, **values})

    def conflict(self, context: RequestContext, ticket: Ticket, action: str) -> Outcome:
        """Respond that somebody was faster, with the current state of the ticket."""
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
