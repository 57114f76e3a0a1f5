"""Handles the menu of a ticket's card: asks for what an action needs, then carries it out."""

from collections.abc import Callable, Mapping

from bot.desk.cards.forms import TicketForms
from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.desk.tickets.action_responses import ActionResponses
from bot.domain.conversations.messages import Click, Outcome, OutcomeKind
from bot.domain.tickets.ticket import Ticket, TicketAction

# Carries out an action with the inputs, and with the state that was seen when the form opened.
CarryOut = Callable[[RequestContext, Ticket, Mapping[str, str], str], Outcome]


class TicketMenu:
    """Menu of a card: assign, transfer, prioritize, merge, link."""

    def __init__(
        self,
        forms: TicketForms,
        responses: ActionResponses,
        notifications: Notifications,
        actions: Mapping[TicketAction, CarryOut],
    ) -> None:
        self._forms = forms
        self._responses = responses
        self._notifications = notifications
        self._actions = actions

    def click(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Ask for what the action needs, or carry it out."""
        action = TicketAction(click.action)
        if not ticket.allows(action):
            return self._responses.conflict(context, ticket, action)
        if click.inputs is None:
            form = self._forms.form(context, ticket, action)
            return Outcome(OutcomeKind.FORM, ticket.reference, card=form)
        return self._actions[action](context, ticket, click.inputs, click.argument)

    def show_each(self, context: RequestContext, ticket: Ticket, _click: Click) -> Outcome:
        """Let each ticket for which this one's card stands get a card of its own."""
        if context.work.clusters.spread(ticket.id):
            self._notifications.record(context, ticket, "spread")
        return self._responses.success(context, ticket, "alike.spread")

    def notes_only(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Keep the engineers' messages in the rooms, or send them to the employee again."""
        work, on = context.work, click.argument == "on"
        if ticket.live and work.tickets.notes_only(ticket, on):
            self._notifications.record(context, ticket, "notes_only", {"on": str(on).lower()})
            self._notifications.refresh_cards(work, ticket, context.at)
            values = {"name": context.person.name, "requester": ticket.requester.name}
            self._notifications.tell_rooms(
                work, ticket, f"room.notes_{'on' if on else 'off'}", context.at, values
            )
        return self._responses.success(context, ticket)
