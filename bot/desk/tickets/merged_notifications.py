"""What becomes of the tickets that were merged into another."""

from collections.abc import Sequence
from datetime import datetime

from bot.desk.context import Turn
from bot.desk.merged_tickets import going_along
from bot.desk.notifications import Telling
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.tickets.feedback import Feedback
from bot.domain.tickets.ticket import Ticket, reference


class Duplicates:
    """Tells their requesters what those of the other tickets are told, and asks them how it went."""

    def __init__(self, telling: Telling, feedback: Feedback) -> None:
        self._telling = telling
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
            self._telling.requester(
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

    def reopened(self, turn: Turn, ticket: Ticket) -> tuple[Ticket, ...]:
        """Tell those whose tickets were merged into this one that its end no longer holds; return them."""
        merged = going_along(turn.work, ticket)
        for one in merged:
            self._feedback.closed(turn, one)
            values = {"target": ticket.reference}
            self._telling.requester(turn.work, one, "told.reopened_merged", turn.at, values)
        return merged

    def withdrawn(self, turn: Turn, ticket: Ticket) -> None:
        """Give those that were merged into a withdrawn ticket back to the team."""
        # Who was joined with a ticket that is withdrawn would wait for ever: theirs goes on by itself.
        work, values = turn.work, {"target": ticket.reference}
        alone = [merged for merged in going_along(work, ticket) if work.handovers.split(merged)]
        for merged in alone:
            self._telling.record(turn, merged, "split", {"from": ticket.reference})
            self._telling.requester(work, merged, "told.split", turn.at, values)
        for merged in alone:
            self._telling.refresh(work, merged, turn.at)
            self._telling.rooms(work, merged, "room.split", turn.at, values)
