"""Repositories of deadlines, checks and lists of queues, and of engineers who are away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.people import Absence, Person
from bot.domain.tickets.queues import Deadlines, QueueFilter
from bot.domain.tickets.ticket import Ticket
from bot.domain.tickets.usual_wait import FirstResponse


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of a queue's tickets: open, claimed, and with a missed target."""

    open: int
    claimed: int
    missed: int


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """Counts of the live tickets with one stored name of a queue; those of outages miss no target.

    `oldest` is when the oldest open one was opened.
    """

    queue: str
    open: int
    claimed: int
    first_response_missed: int
    resolution_missed: int
    oldest: datetime | None


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

    def claimed_by(self, person: Person, limit: int) -> tuple[Ticket, ...]:
        """Return the tickets that an engineer has claimed, by priority and age."""

    def counts(self, queue_filter: QueueFilter, now: datetime) -> Counts:
        """Return the counts of a queue."""

    def newest_first_responses(self, since: datetime, now: datetime, limit: int) -> tuple[FirstResponse, ...]:
        """Return the first responses to the newest tickets that employees opened since a moment.

        Those of outages and those that were reopened are left out.
        """

    def count_all(self, now: datetime) -> tuple[QueueCounts, ...]:
        """Return the counts of every queue that has a live ticket."""

    def mark_summary_posted(self, queue: str, day: str, at: datetime) -> bool:
        """Record that a queue's summary of a day is posted; return False when it was already."""

    def summary_posted(self, queue: str, day: str) -> bool:
        """Tell whether a queue's summary of a day is posted."""


class Absences(Protocol):
    """Repository of absences; whoever is away with one account is away with all that are joined with it."""

    def propose(self, person: Person, token: str, until: datetime) -> None:
        """Keep an absence that is shown back."""

    def keep_post(self, token: str, post_id: int) -> None: ...
    def by_token(self, token: str) -> Absence | None: ...
    def begin(self, absence: Absence, at: datetime) -> bool:
        """Let an absence count in the place of one that lasts; return False where it counts or is over."""

    def withdraw(self, absence: Absence, at: datetime) -> None:
        """Let an absence that was shown back never count."""

    def end(self, person: Person, at: datetime) -> bool:
        """End somebody's absence; return False where there is none."""

    def of(self, person: Person, now: datetime) -> Absence | None:
        """Return the absence that somebody has now."""

    def current(self, now: datetime, limit: int) -> tuple[Absence, ...]:
        """Return the absences that last now, by their end."""

    def lock_due(self, now: datetime) -> tuple[Absence, bool] | None:
        """Lock the next absence to look at until the transaction ends; return it and whether it lasts."""

    def looked_at(self, absence: Absence, now: datetime, next_look: datetime | None) -> None:
        """Set when to look at an absence next; where that is never, it is over."""

    def check_tickets(self, person: Person) -> None:
        """Let the tickets that somebody has be checked at once."""
