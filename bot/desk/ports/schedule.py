"""What due times, reminders and the queue need of the storage, within the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.tickets.queues import Deadlines, QueueFilter
from bot.domain.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets of a queue are open, are claimed, and have missed a target."""

    open: int
    claimed: int
    missed: int


class Schedule(Protocol):
    """When the desk itself looks at a ticket next; any other change of a ticket lets it look at once."""

    def retime(self, ticket: Ticket, deadlines: Deadlines, timing_key: str) -> None:
        """Store due times, and what they were counted for."""

    def set_next_check(self, ticket_id: int, at: datetime | None) -> None:
        """Say when to look next; None for not at all."""

    def lock_due(self, now: datetime, limit: int) -> tuple[Ticket, ...]:
        """Tickets whose time has come, held until the transaction ends; another replica's are left out."""

    def unclaimed(self, filters: Sequence[QueueFilter], limit: int) -> tuple[Ticket, ...]:
        """Open tickets of these queues, by priority and age."""

    def near_deadline(
        self, filters: Sequence[QueueFilter], before: datetime, limit: int
    ) -> tuple[Ticket, ...]:
        """Live tickets of these queues with a target missed or due before that, by the time that is next."""

    def claimed_by(self, person_id: int, limit: int) -> tuple[Ticket, ...]:
        """What an engineer has claimed, by priority and age."""

    def counts(self, queue_filter: QueueFilter, now: datetime) -> Counts:
        """How a queue stands."""

    def mark_summary_posted(self, queue: str, day: str, at: datetime) -> bool:
        """Note that a queue's summary of a day is posted; False when it was already."""
