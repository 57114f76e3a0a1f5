"""Repository of deadlines, checks and lists of queues."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.tickets.queues import Deadlines, QueueFilter
from bot.domain.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of a queue's tickets: open, claimed, and with a missed target."""

    open: int
    claimed: int
    missed: int


class Schedule(Protocol):
    """Repository of deadlines and next checks; any other change of a ticket has it checked at once."""

    def retime(self, ticket: Ticket, deadlines: Deadlines, timing_key: str) -> None:
        """Store deadlines, and the key of what they were computed from."""

    def set_next_check(self, ticket_id: int, at: datetime | None) -> None:
        """Set when to check a ticket next; None for never."""

    def lock_due(self, now: datetime, limit: int) -> tuple[Ticket, ...]:
        """Lock tickets whose check is due until the transaction ends, without those of another replica."""

    def unclaimed(self, filters: Sequence[QueueFilter], limit: int) -> tuple[Ticket, ...]:
        """Return open tickets of these queues, by priority and age."""

    def near_deadline(
        self, filters: Sequence[QueueFilter], before: datetime, limit: int
    ) -> tuple[Ticket, ...]:
        """Return live tickets of these queues with a deadline before a time, by the next deadline."""

    def claimed_by(self, person_id: int, limit: int) -> tuple[Ticket, ...]:
        """Return the tickets that an engineer has claimed, by priority and age."""

    def counts(self, queue_filter: QueueFilter, now: datetime) -> Counts:
        """Return the counts of a queue."""

    def mark_summary_posted(self, queue: str, day: str, at: datetime) -> bool:
        """Record that a queue's summary of a day is posted; return False when it was already."""
