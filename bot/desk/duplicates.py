"""What becomes of the tickets that were merged into another."""

from collections.abc import Sequence
from datetime import datetime

from bot.desk.stores import UnitOfWork
from bot.desk.telling import Telling
from bot.desk.turn import Turn
from bot.domain.ticket import Ticket, reference


class Duplicates:
    """Tells their requesters who has the other ticket, and how it ended."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling

    def claimed(self, work: UnitOfWork, ticket: Ticket, at: datetime, name: str) -> None:
        """Tell those whose tickets were merged into this one who looks after it."""
        self.tell(work, ticket, "told.claimed_merged", at, name=name)

    def tell(self, work: UnitOfWork, ticket: Ticket, key: str, at: datetime, **values: str) -> None:
        """Tell those whose tickets were merged into this one what becomes of it."""
        for merged in work.handovers.merged_into(ticket.id):
            self._telling.requester(work, merged, key, at, {"target": ticket.reference, **values})

    def resolved(
        self, work: UnitOfWork, tickets: Sequence[Ticket], at: datetime, name: str, note: str
    ) -> None:
        """Tell those whose tickets were merged into these that they are resolved."""
        for merged in work.handovers.merged_into(*(ticket.id for ticket in tickets)):
            target = reference(merged.merged_into or 0)
            values = {"name": name, "target": target}
            key = "told.resolved_merged" if name else "told.ended_merged"
            self._telling.requester(work, merged, key, at, values, quote=note)

    def withdrawn(self, turn: Turn, ticket: Ticket) -> None:
        """Give those that were merged into a withdrawn ticket back to the team."""
        # Who was joined with a ticket that is withdrawn would wait for ever: theirs goes on by itself.
        work, values = turn.work, {"target": ticket.reference}
        alone = [merged for merged in work.handovers.merged_into(ticket.id) if work.handovers.split(merged)]
        for merged in alone:
            self._telling.record(turn, merged, "split", {"from": ticket.reference})
            self._telling.requester(work, merged, "told.split", turn.at, values)
        for merged in alone:
            self._telling.refresh(work, merged, turn.at)
            self._telling.rooms(work, merged, "room.split", turn.at, values)
