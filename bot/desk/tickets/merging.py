"""Tickets that are one matter, or belong together."""

from collections.abc import Mapping

from bot.desk.context import RequestContext
from bot.desk.merged_tickets import going_along
from bot.desk.notifications import Notifications
from bot.desk.staff.permissions import Permissions
from bot.desk.tickets.menu import ActionResponses, again
from bot.domain.conversations.messages import Outcome
from bot.domain.tickets.ticket import Ticket, TicketAction, ticket_id_of


class Merging:
    """Merges a duplicate into another ticket, and links two."""

    def __init__(
        self, engineers: Permissions, notifications: Notifications, responses: ActionResponses
    ) -> None:
        self._engineers = engineers
        self._notifications = notifications
        self._responses = responses

    def merge(
        self, context: RequestContext, ticket: Ticket, inputs: Mapping[str, str], _seen: str
    ) -> Outcome:
        """Let another ticket go on for this one; what was merged into this one goes along."""
        work, at = context.work, context.at
        other = self._other(context, inputs)
        if other is None or other.id == ticket.id:
            return self._responses.wrong(context, ticket, "refused.no_such_ticket")
        if not self._may_touch(context, other):
            return self._not_theirs(context, ticket, other, TicketAction.MERGE)
        # Before the look at what is merged into this one, and at who has the other one.
        other = {held.id: held for held in work.assignments.lock(ticket.id, other.id)}[other.id]
        taken_along = going_along(work, ticket)
        if not work.assignments.merge(ticket, other, at):
            return self._not_merged(context, ticket, other)
        self._notifications.record(context, ticket, "merged", {"into": other.reference})
        self._notifications.record(context, other, "absorbed", {"ticket": ticket.reference})
        name = other.assignee.name if other.assignee is not None else ""
        for merged in (ticket, *taken_along):
            values = {"target": other.reference, "name": name}
            self._notifications.requester(
                work, merged, "told.merged_claimed" if name else "told.merged", at, values
            )
        for merged in (ticket, *taken_along, other):
            self._notifications.refresh(work, merged, at)
        values = {"by": context.person.name, "duplicate": ticket.reference}
        question = work.texts.get(ticket.question_id)
        self._notifications.rooms(work, other, "room.absorbed", at, values, quote=question)
        return self._responses.done(context, ticket)

    def link(self, context: RequestContext, ticket: Ticket, inputs: Mapping[str, str], _seen: str) -> Outcome:
        """Let two tickets show each other on their cards."""
        work, at = context.work, context.at
        other = self._other(context, inputs)
        if other is None or other.id == ticket.id:
            return self._responses.wrong(context, ticket, "refused.no_such_ticket")
        if not self._may_touch(context, other):
            return self._not_theirs(context, ticket, other, TicketAction.LINK)
        if not work.assignments.link(ticket.id, other.id, at):
            return self._responses.wrong(context, ticket, "refused.linked", other=other.reference)
        for one, two in ((ticket, other), (other, ticket)):
            self._notifications.record(context, one, "linked", {"ticket": two.reference})
            self._notifications.refresh(work, one, at)
        return self._responses.done(context, ticket)

    def _other(self, context: RequestContext, inputs: Mapping[str, str]) -> Ticket | None:
        number = ticket_id_of(inputs.get("ticket", ""))
        return context.work.tickets.get(number) if number is not None else None

    def _may_touch(self, context: RequestContext, other: Ticket) -> bool:
        """Whether the presser works on the other ticket, too; that they work on theirs is settled."""
        return self._engineers.allows(context.work, context.utterance.sender, context.at, other.queue)

    def _not_theirs(
        self, context: RequestContext, ticket: Ticket, other: Ticket, move: TicketAction
    ) -> Outcome:
        self._notifications.record(context, ticket, "refused", {"move": move.value})
        return self._responses.wrong(context, ticket, "refused.other_queue", other=other.reference)

    def _not_merged(self, context: RequestContext, ticket: Ticket, other: Ticket) -> Outcome:
        if not again(context.work, ticket).live:
            return self._responses.late(context, ticket, TicketAction.MERGE)
        self._notifications.record(context, ticket, "refused", {"move": TicketAction.MERGE.value})
        return self._responses.wrong(context, ticket, "refused.merge_closed", target=other.reference)
