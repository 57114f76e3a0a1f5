"""Merges tickets about one matter, links two, and tells everybody whose ticket was merged."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.desk.cards.clusters import Clusters
from bot.desk.context import RequestContext
from bot.desk.history.merged_tickets import merged_with
from bot.desk.notifications import Notifications
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.staff.permissions import Permissions
from bot.desk.tickets.action_responses import ActionResponses
from bot.desk.tickets.feedback import Feedback
from bot.domain.conversations.messages import Outcome
from bot.domain.tickets.ticket import Ticket, TicketAction, format_reference, parse_ticket_id


class Merging:
    """Merging of tickets; the requester of a merged one is told what the other one's is told."""

    def __init__(
        self,
        permissions: Permissions,
        notifications: Notifications,
        feedback: Feedback,
        responses: ActionResponses,
        clusters: Clusters,
    ) -> None:
        self._permissions = permissions
        self._notifications = notifications
        self._feedback = feedback
        self._responses = responses
        self._clusters = clusters

    # --- what engineers do ----------------------------------------------------------------------------

    def merge(
        self, context: RequestContext, ticket: Ticket, inputs: Mapping[str, str], _seen: str
    ) -> Outcome:
        """Merge a ticket into another one, together with what was merged into it."""
        other = self._other(context, inputs)
        if other is None or other.id == ticket.id:
            return self._responses.invalid(context, ticket, "refused.no_such_ticket")
        if not self._may_touch(context, other):
            return self._not_theirs(context, ticket, other, TicketAction.MERGE)
        if not self.into(context, ticket, other):
            return self._not_merged(context, ticket, other)
        return self._responses.success(context, ticket)

    def into(self, context: RequestContext, ticket: Ticket, other: Ticket) -> bool:
        """Merge a ticket into another one and tell everybody; return False when either is closed."""
        work, at = context.work, context.at
        # Locked before it is read what is merged into this one, and who has the other one.
        other = {locked.id: locked for locked in work.assignments.lock(ticket.id, other.id)}[other.id]
        also_merged = merged_with(work, ticket)
        if not work.assignments.merge(ticket, other, at):
            return False
        self._notifications.record(context, ticket, "merged", {"into": other.reference})
        self._notifications.record(context, other, "absorbed", {"ticket": ticket.reference})
        name = other.assignee.name if other.assignee is not None else ""
        for merged in (ticket, *also_merged):
            values = {"target": other.reference, "name": name}
            key = "told.merged_claimed" if name else "told.merged"
            self._notifications.tell_requester(work, merged, key, at, values)
        self._clusters.show_own_card(work, other, at)
        for merged in (ticket, *also_merged, other):
            self._notifications.refresh_cards(work, merged, at)
        values = {"by": context.person.name, "duplicate": ticket.reference}
        question = work.texts.get(ticket.question_id)
        self._notifications.tell_rooms(work, other, "room.absorbed", at, values, quote=question)
        return True

    def link(self, context: RequestContext, ticket: Ticket, inputs: Mapping[str, str], _seen: str) -> Outcome:
        """Let two tickets show each other on their cards."""
        work, at = context.work, context.at
        other = self._other(context, inputs)
        if other is None or other.id == ticket.id:
            return self._responses.invalid(context, ticket, "refused.no_such_ticket")
        if not self._may_touch(context, other):
            return self._not_theirs(context, ticket, other, TicketAction.LINK)
        if not work.assignments.link(ticket.id, other.id, at):
            return self._responses.invalid(context, ticket, "refused.linked", other=other.reference)
        for one, two in ((ticket, other), (other, ticket)):
            self._notifications.record(context, one, "linked", {"ticket": two.reference})
            self._notifications.refresh_cards(work, one, at)
        return self._responses.success(context, ticket)

    def _other(self, context: RequestContext, inputs: Mapping[str, str]) -> Ticket | None:
        number = parse_ticket_id(inputs.get("ticket", ""))
        return context.work.tickets.get(number) if number is not None else None

    def _may_touch(self, context: RequestContext, other: Ticket) -> bool:
        """Tell whether the engineer may act on the other ticket, too; the guard has checked the first."""
        return self._permissions.admits(context.work, context.utterance, other.queue)

    def _not_theirs(
        self, context: RequestContext, ticket: Ticket, other: Ticket, action: TicketAction
    ) -> Outcome:
        self._notifications.record(context, ticket, "refused", {"move": action.value})
        return self._responses.invalid(context, ticket, "refused.other_queue", other=other.reference)

    def _not_merged(self, context: RequestContext, ticket: Ticket, other: Ticket) -> Outcome:
        if not context.work.tickets.current(ticket).live:
            return self._responses.conflict(context, ticket, TicketAction.MERGE)
        self._notifications.record(context, ticket, "refused", {"move": TicketAction.MERGE.value})
        return self._responses.invalid(context, ticket, "refused.merge_closed", target=other.reference)

    # --- what the requesters of merged tickets are told ------------------------------------------------

    def tell_claimed(self, work: UnitOfWork, ticket: Ticket, at: datetime, name: str) -> None:
        """Tell those whose tickets were merged into this one who has claimed it."""
        self.tell(work, ticket, "told.claimed_merged", at, name=name)

    def tell_released(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> None:
        """Tell those whose tickets were merged into this one that it is open again."""
        self.tell(work, ticket, "told.freed_merged", at)

    def tell(
        self, work: UnitOfWork, ticket: Ticket, key: str, at: datetime, quote: str = "", **values: str
    ) -> None:
        """Tell those whose tickets were merged into this one what happens to it."""
        for merged in merged_with(work, ticket):
            self._notifications.tell_requester(
                work, merged, key, at, {"target": ticket.reference, **values}, quote=quote
            )

    def tell_resolved(
        self, work: UnitOfWork, tickets: Sequence[Ticket], at: datetime, name: str, note: str
    ) -> None:
        """Tell those whose tickets were merged into these that they are resolved, and ask how it went."""
        for merged in merged_with(work, *tickets):
            values = {"name": name, "target": format_reference(merged.merged_into or 0)}
            resolved = "told.resolved_merged" if note else "told.resolved_merged_without_note"
            key = resolved if name else "told.ended_merged"
            self._feedback.tell_resolution(work, merged, key, at, values, note)

    def tell_reopened(self, context: RequestContext, ticket: Ticket) -> tuple[Ticket, ...]:
        """Tell those whose tickets were merged into this one that its end no longer holds; return them."""
        merged = merged_with(context.work, ticket)
        for one in merged:
            self._feedback.close_posts(context, one)
            values = {"target": ticket.reference}
            self._notifications.tell_requester(context.work, one, "told.reopened_merged", context.at, values)
        return merged

    def split_from_withdrawn(self, context: RequestContext, ticket: Ticket) -> None:
        """Give the tickets that were merged into a withdrawn one back to the team."""
        # Whoever was merged into a withdrawn ticket would wait for ever: theirs is open by itself again.
        work, values = context.work, {"target": ticket.reference}
        alone = [merged for merged in merged_with(work, ticket) if work.assignments.split(merged)]
        for merged in alone:
            self._notifications.record(context, merged, "split", {"from": ticket.reference})
            self._notifications.tell_requester(work, merged, "told.split", context.at, values)
        for merged in alone:
            self._notifications.refresh_cards(work, merged, context.at)
            self._notifications.tell_rooms(work, merged, "room.split", context.at, values)
