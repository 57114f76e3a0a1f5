"""Protocols of the repositories of tickets: their life, their history, and who works on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.conversations.episode import Episode
from bot.domain.conversations.messages import ConversationRef
from bot.domain.people import Person
from bot.domain.tickets.queues import NO_DEADLINES, Deadlines, QueueFilter
from bot.domain.tickets.ticket import Priority, Status, Ticket, TicketAction


@dataclass(frozen=True, slots=True)
class NewTicket:
    """Data that a new ticket starts with."""

    token: str
    requester: Person
    opened_by: Person | None
    episode: Episode
    question_id: int
    priority: Priority
    queue: str
    language: str
    at: datetime
    channel: str
    link: str
    target: str = ""
    why: tuple[str, ...] = ()
    outage_id: int | None = None
    deadlines: Deadlines = NO_DEADLINES
    timing_key: str = ""
    next_check: datetime | None = None


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """Event in a ticket's history: who did what, when, from where; codes, never text."""

    ticket_id: int
    at: datetime
    kind: str
    actor: Person | None
    channel: str
    detail: Mapping[str, str] = field(default_factory=dict)


class Tickets(Protocol):
    """Repository of tickets, their history and their cards."""

    def add(self, new: NewTicket) -> Ticket: ...
    def get(self, ticket_id: int) -> Ticket | None: ...
    def current(self, ticket: Ticket) -> Ticket:
        """Return the ticket as it is now; raise `LookupError` where it is gone."""

    def by_token(self, token: str) -> Ticket | None: ...
    def apply(self, ticket: Ticket, action: TicketAction, by: Person | None, at: datetime) -> bool:
        """Apply an action in one guarded update; return False when somebody was faster."""

    def reword(self, ticket: Ticket, text_id: int) -> None:
        """Replace the text of the ticket's question."""

    def note(self, ticket: Ticket, text_id: int) -> None:
        """Keep the note to the employee."""

    def notes_only(self, ticket: Ticket, on: bool) -> bool:
        """Set whether the engineers' messages stay in the rooms; return False when it was so already."""

    def with_card_in(self, conversation_id: int) -> Ticket | None:
        """Return the ticket whose card began this conversation."""

    def record(self, event: TicketEvent) -> None: ...
    def events(self, ticket_id: int) -> tuple[TicketEvent, ...]: ...
    def of(self, person_id: int, limit: int) -> tuple[Ticket, ...]:
        """Return a person's tickets, the live ones first, newest first."""

    def last_closed(self, person_id: int) -> Ticket | None:
        """Return the ticket of a person that was closed last."""

    def listed(self, statuses: Sequence[Status], limit: int) -> tuple[Ticket, ...]:
        """Return tickets with these statuses, by priority and age."""

    def count(self, statuses: Sequence[Status]) -> dict[Status, int]:
        """Count the tickets with each of these statuses."""

    def cards(self, ticket_id: int) -> tuple[int, ...]:
        """Return the conversations with a card of this ticket, without the cards that it left behind."""

    def addresses(self, ticket_id: int) -> tuple[tuple[str, str], ...]:
        """Return where this ticket is mirrored: (channel, address)."""

    def put_card(self, ticket_id: int, conversation_id: int, room: ConversationRef) -> None: ...
    def without_card(
        self, room: ConversationRef, queue_filter: QueueFilter, limit: int
    ) -> tuple[Ticket, ...]:
        """Return live tickets of a queue that have no card in this room; those of an outage need none."""


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
