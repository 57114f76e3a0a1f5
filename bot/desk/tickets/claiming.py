"""Claims a ticket for an engineer, and releases it: of several clicks at the same moment exactly one wins."""

from bot.desk.context import RequestContext
from bot.desk.tickets.action_responses import ActionResponses
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.domain.conversations.messages import Click, Outcome
from bot.domain.tickets.ticket import Ticket, TicketAction


class Claiming:
    """Claim and release, as engineers click them on a card; the guards have checked that they may."""

    def __init__(self, lifecycle: TicketLifecycle, responses: ActionResponses) -> None:
        self._lifecycle = lifecycle
        self._responses = responses

    def claim(self, context: RequestContext, ticket: Ticket, _click: Click) -> Outcome:
        """Make the engineer the assignee, unless somebody was faster."""
        return self._act(context, ticket, TicketAction.CLAIM)

    def release(self, context: RequestContext, ticket: Ticket, _click: Click) -> Outcome:
        """Give the assignee's ticket back to the team."""
        return self._act(context, ticket, TicketAction.RELEASE)

    def _act(self, context: RequestContext, ticket: Ticket, action: TicketAction) -> Outcome:
        # One guarded update decides; whoever loses is told in private who has the ticket.
        if not self._lifecycle.apply(context, ticket, action):
            return self._responses.conflict(context, ticket, action)
        return self._responses.success(context, ticket)
