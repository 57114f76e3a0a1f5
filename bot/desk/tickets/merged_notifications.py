"""What becomes of the tickets that were merged into another."""

from collections.abc import Sequence
from datetime import datetime

from bot.desk.context import RequestContext
from bot.desk.merged_tickets import going_along
from bot.desk.notifications import Notifications
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.tickets.feedback import Feedback
from bot.domain.tickets.ticket import Ticket, reference


class MergedNotifications:
    """Tells their requesters what those of the other tickets are told, and asks them how it went."""

    def __init__(self, notifications: Notifications, feedback: Feedback) -> None:
        self._notifications = notifications
        self._feedback = feedback

    def claimed(self, work: UnitOfWork, ticket: Ticket, at: datetime, name: str) -> None:
        """Tell those whose tickets were merged into this one who looks after it."""
        self.tell(work, ticket, "told.claimed_merged", at, name=name)

    def freed(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> None:
        """Tell those whose tickets were merged into this one that it waits for somebody again."""
        self.tell(work, ticket, "told.freed_merged", at)

    def tell(
        self, work: UnitOfWork, ticket: Ticket, key: str, at: datetime, quote: str = "", **values: str
    ) -> None:
        """Tell those whose tickets were merged into this one what becomes of it."""
        for merged in going_along(work, ticket):
            self._notifications.requester(
                work, merged, key, at, {"target": ticket.reference, **values}, quote=quote
            )

    def resolved(
        self, work: UnitOfWork, tickets: Sequence[Ticket], at: datetime, name: str, note: str
    ) -> None:
        """Tell those whose tickets were merged into these that they are resolved, and ask how it went."""
        for merged in going_along(work, *tickets):
            values = {"name": name, "target": reference(merged.merged_into or 0)}
            key = "told.resolved_merged" if name else "told.ended_merged"
            self._feedback.told(work, merged, key, at, values, note)

    def reopened(self, context: RequestContext, ticket: Ticket) -> tuple[Ticket, ...]:
        """Tell those whose tickets were merged into this one that its end no longer holds; return them."""
        merged = going_along(context.work, ticket)
        for one in merged:
            self._feedback.closed(context, one)
            values = {"target": ticket.reference}
            self._notifications.requester(context.work, one, "told.reopened_merged", context.at, values)
        return merged

    def withdrawn(self, context: RequestContext, ticket: Ticket) -> None:
        """Give those that were merged into a withdrawn ticket back to the team."""
        # Who was joined with a ticket that is withdrawn would wait for ever: theirs goes on by itself.
        work, values = context.work, {"target": ticket.reference}
        alone = [merged for merged in going_along(work, ticket) if work.assignments.split(merged)]
        for merged in alone:
            self._notifications.record(context, merged, "split", {"from": ticket.reference})
            self._notifications.requester(work, merged, "told.split", context.at, values)
        for merged in alone:
            self._notifications.refresh(work, merged, context.at)
            self._notifications.rooms(work, merged, "room.split", context.at, values)
