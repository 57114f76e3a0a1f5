"""Repositories of ticket assignments, outages and alerts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.conversations.messages import ConversationRef
from bot.domain.people import Person
from bot.domain.tickets.ticket import Priority, Ticket


class Assignments(Protocol):
    """Repository of ticket actions that involve another engineer, queue or ticket.

    Each is one guarded update that requires what whoever clicked saw, so that of several at once one wins.
    """

    def lock(self, *ticket_ids: int) -> tuple[Ticket, ...]:
        """Lock these tickets until the transaction ends, always in the same order; return them as of then."""

    def assign(self, ticket: Ticket, to: Person, at: datetime) -> bool: ...
    def transfer(self, ticket: Ticket, queue: str) -> bool: ...
    def prioritize(self, ticket: Ticket, priority: Priority, why: str) -> bool: ...
    def merge(self, ticket: Ticket, into: Ticket, at: datetime) -> bool:
        """Merge a ticket, and what was merged into it, into another; return False when either is not live."""

    def merged_into(self, *ticket_ids: int) -> tuple[Ticket, ...]:
        """Return the tickets that were merged into these."""

    def split(self, ticket: Ticket) -> bool:
        """Give a merged ticket back to the team; return False when it is not merged any more."""

    def link(self, ticket_id: int, other_id: int, at: datetime) -> bool:
        """Link two tickets; return False when they are linked already."""

    def links(self, ticket_id: int, limit: int) -> tuple[int, ...]: ...
    def count_alike(self, target: str, since: datetime, limit: int) -> int:
        """Count tickets about a target that were opened since a time, up to `limit`."""

    def leave_cards(
        self, ticket_id: int, staying: Sequence[ConversationRef], at: datetime
    ) -> tuple[int, ...]:
        """Leave behind the ticket's cards outside these rooms; return their conversations."""

    def rooms_of(self, ticket_id: int) -> Mapping[str, int]:
        """Return where the ticket had cards: how many it left behind in each place, -1 where it has one."""
