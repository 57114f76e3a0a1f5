"""Protocols of the repositories of tickets: their life, their history, who works on them, and like ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.conversations.episode import Episode
from bot.domain.conversations.messages import ConversationRef
from bot.domain.forms import folded
from bot.domain.people import Person
from bot.domain.tickets.queues import NO_DEADLINES, Deadlines, QueueFilter
from bot.domain.tickets.ticket import HYPHENS, LIVE, Priority, Status, Ticket, TicketAction


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
    cluster_id: int | None = None
    deadlines: Deadlines = NO_DEADLINES
    timing_key: str = ""
    next_check: datetime | None = None
    expected_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """Event in a ticket's history: who did what, when, from where; codes, never text."""

    ticket_id: int
    at: datetime
    kind: str
    actor: Person | None
    channel: str
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeskEvent:
    """Event of a ticket as other systems are told of it: ids and codes, no text and no name.

    `id` grows from event to event, and is the same however often one is sent.
    """

    id: int
    at: datetime
    kind: str
    ticket: str
    queue: str
    priority: str
    channel: str
    actor: int | None


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Filter of tickets; what is empty parts nothing.

    `queues` are stored names, `assignee` is a name in any letter case; opened from `since` on and before
    `before`.
    """

    queues: tuple[str, ...] = ()
    assignee: str = ""
    since: datetime | None = None
    before: datetime | None = None


EVERY_TICKET = TicketFilter()
_NO_HYPHENS = dict.fromkeys(map(ord, HYPHENS))


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """Ticket in a room's list: the first words of its requester, and the number of their newest message.

    `heard` is 0 where they have added nothing; it grows with each message.
    """

    ticket: Ticket
    subject: str
    heard: int = 0


@dataclass(frozen=True, slots=True)
class LookBack:
    """Search through a room's tickets, newest first, from below the id `before`; what is empty parts nothing.

    `words` are folded, and each must be somewhere in what is compared, whatever its hyphens: the question,
    the names, and what was written about the ticket. The ticket `number` comes first.
    """

    words: tuple[str, ...] = ()
    number: int | None = None
    closed: bool = False
    queue: QueueFilter | None = None
    priority: Priority | None = None
    before: int | None = None

    def takes(self, seen: "SeenTicket") -> bool:
        """Tell whether a ticket is one of those among which words are looked for."""
        if self.closed and seen.status in LIVE:
            return False
        if self.queue is not None and not self.queue.takes(seen.queue):
            return False
        return self.priority is None or seen.priority is self.priority

    def lacks(self, seen: "SeenTicket") -> tuple[str, ...]:
        """Return the words that neither a ticket's question nor its note nor a name in it has."""
        return missing(self.words, f"{seen.requester} {seen.assignee} {seen.question} {seen.note}")


def missing(words: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Return those of some folded words that are nowhere in a text."""
    compared = _joined(folded(text)) if words else ""
    return tuple(word for word in words if _joined(word) not in compared)


def _joined(text: str) -> str:
    """Return a text without hyphens, for people write wifi and Wi-Fi."""
    return text.translate(_NO_HYPHENS)


@dataclass(frozen=True, slots=True)
class SeenTicket:
    """What a search compares of a ticket; `note` is the one with which it was resolved."""

    id: int
    status: Status
    priority: Priority
    queue: str
    requester: str
    assignee: str
    question: str
    opened_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class FoundTickets:
    """Tickets that were found, and how far was looked: `before` goes on from there, None at the end."""

    entries: tuple[InboxEntry, ...] = ()
    before: int | None = None
    looked_back_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class QueueChoice:
    """Queue by which a list may be narrowed."""

    id: str
    title: str
    tickets: QueueFilter


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
    def newest_event(self) -> int:
        """Return the id of the newest event of any ticket, 0 where there is none."""

    def events_after(self, event_id: int, limit: int) -> tuple[DeskEvent, ...]:
        """Return the next events of all tickets, oldest first."""

    def of(self, person: Person, limit: int) -> tuple[Ticket, ...]:
        """Return a person's tickets, the live ones first, newest first."""

    def last_closed(self, person: Person) -> Ticket | None:
        """Return the ticket of a person that was closed last."""

    def listed(
        self, statuses: Sequence[Status], limit: int, only: TicketFilter = EVERY_TICKET
    ) -> tuple[Ticket, ...]:
        """Return tickets with these statuses that pass the filter, by priority and age."""

    def cards(self, ticket_id: int) -> tuple[int, ...]:
        """Return the conversations with a card of this ticket, without the cards that it left behind."""

    def addresses(self, ticket_id: int) -> tuple[tuple[str, str], ...]:
        """Return where this ticket is mirrored: (channel, address)."""

    def put_card(self, ticket_id: int, conversation_id: int, room: ConversationRef) -> None: ...
    def without_card(
        self, room: ConversationRef, queue_filter: QueueFilter, limit: int
    ) -> tuple[Ticket, ...]:
        """Return live tickets of a queue that lack a card in this room.

        Those of an outage need none, nor do those for which the card of another one stands.
        """


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


@dataclass(frozen=True, slots=True)
class LikeTicket:
    """Unclaimed ticket with a card that a new one may be like; `cluster_id` is the cluster that it leads."""

    id: int
    priority: Priority
    why: tuple[str, ...]
    question: str
    cluster_id: int | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Cluster of like tickets: its lead's card stands for the others, which have none.

    It is `led` while its lead is open in its queue and in no outage. With `spread` each gets its card, and
    `raise_to` is the priority to which the lead is yet to be raised.
    """

    id: int
    lead_id: int
    led: bool
    spread: bool
    raise_to: int
    empty: bool


@dataclass(frozen=True, slots=True)
class Followers:
    """Tickets for which a card stands besides its own: how many, and the newest with their questions."""

    count: int = 0
    newest: tuple[tuple[Ticket, str], ...] = ()


class Clusters(Protocol):
    """Repository of clusters of like tickets."""

    def shown(self, queue: str, target: str, since: datetime, limit: int) -> tuple[LikeTicket, ...]:
        """Return the newest unclaimed tickets of a queue and target that have a card of their own."""

    def leads(self, queue: str, target: str, since: datetime, limit: int) -> tuple[LikeTicket, ...]:
        """Return the leads of the clusters of a queue and target that somebody has joined since a time."""

    def start(self, lead_id: int, queue: str, target: str, at: datetime) -> int:
        """Start a cluster behind this lead, unless it leads one; return its id."""

    def join(self, cluster_id: int, at: datetime, raise_to: int) -> bool:
        """Lock a cluster for a new ticket; return False when it is gone."""

    def followers(self, lead_id: int, limit: int) -> Followers:
        """Return the tickets for which this lead's card stands."""

    def lead_of(self, cluster_id: int) -> int | None: ...
    def leave(self, ticket: Ticket) -> bool:
        """Take a ticket out of its cluster, for a card of its own; return False when it is in none."""

    def spread(self, lead_id: int) -> bool:
        """Let each of a lead's cluster get its card; return False when it leads none."""

    def join_outage(self, lead: Ticket, outage_id: int) -> int:
        """Put all tickets for which the lead's card stands under an outage; return how many."""

    def lock_in_outage(self, limit: int) -> tuple[Ticket, ...]:
        """Lock tickets of clusters that were put under an outage, and whose requesters are yet to be told."""

    def lock_unsettled(self) -> Cluster | None:
        """Lock a cluster whose lead cannot stand for it, is to be raised, or stands for none."""

    def lock_followers(self, cluster_id: int, limit: int) -> tuple[Ticket, ...]:
        """Lock the oldest tickets of a cluster that wait behind its lead's card."""

    def lead(self, cluster_id: int, ticket: Ticket) -> None:
        """Make a ticket the lead of a cluster."""

    def raised(self, cluster_id: int) -> None:
        """Record that the lead was raised."""

    def dissolve(self, cluster_id: int) -> None:
        """Drop a cluster without tickets."""
