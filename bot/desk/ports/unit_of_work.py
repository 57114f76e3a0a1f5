"""What the desk needs of the storage, all of it within one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.desk.ports.channels import ChannelMemory, Message
from bot.desk.ports.feedback import Details, Ratings
from bot.desk.ports.outbox import Deliveries, Outbox
from bot.desk.ports.relays import Relays
from bot.desk.ports.schedule import Schedule
from bot.desk.ports.shadow import Shadow
from bot.desk.ports.tickets import Assignments, Outages
from bot.domain.conversations.episode import Episode
from bot.domain.conversations.messages import ConversationRef, Outcome, Utterance
from bot.domain.knowledge.content import MatchResult
from bot.domain.people import Identity, Person
from bot.domain.tickets.queues import NO_DEADLINES, Deadlines, QueueFilter
from bot.domain.tickets.ticket import Priority, Status, Ticket, TicketAction


class Inbox(Protocol):
    def admit(self, keys: Sequence[str], at: datetime) -> Outcome | None:
        """Enter these keys; when one is there already, return what became of it."""

    def settle(self, keys: Sequence[str], outcome: Outcome) -> None:
        """Note what became of them."""

    def forget(self, before: datetime) -> int:
        """Drop the keys of events that no platform sends again; return how many."""


class People(Protocol):
    def meet(self, identity: Identity, name: str, locale: str | None, at: datetime) -> Person:
        """The person behind an identity, made at the first meeting; held until the transaction ends."""

    def known(self, identity: Identity) -> Person | None: ...
    def identities(self, person_id: int) -> tuple[Identity, ...]: ...
    def remember_language(self, person_id: int, language: str) -> None: ...
    def called(self, external_id: str) -> tuple[tuple[Identity, str], ...]:
        """The identities with this id that we have met, whatever their channel, with their names."""


class Conversations(Protocol):
    def open(self, ref: ConversationRef) -> int:
        """The conversation's id; a thread that our own post began is found by its anchor."""

    def lock(self, conversation_ids: Sequence[int]) -> None:
        """Lock these, in this order, until the transaction ends."""

    def find(self, ref: ConversationRef) -> int | None: ...
    def ref(self, conversation_id: int) -> ConversationRef: ...


class Episodes(Protocol):
    def add(self, episode: Episode) -> Episode: ...
    def save(self, episode: Episode) -> None:
        """Store an episode's new state; its question is stored by `reword`."""

    def reword(self, episode: Episode) -> None: ...
    def by_token(self, token: str) -> Episode | None: ...
    def get(self, episode_id: int) -> Episode: ...
    def in_thread(self, conversation_id: int, person_id: int) -> Episode | None:
        """The person's newest episode in one thread."""

    def recent(self, person_id: int, ref: ConversationRef, since: datetime) -> Episode | None:
        """The person's newest episode in this space, whatever its thread, that was active since then."""

    def add_decision(
        self, episode_id: int, at: datetime, kind: str, result: MatchResult, content_hash: str, matcher: str
    ) -> int:
        """Record a decision: ids and confidences, never text; return its id."""

    def add_message(self, episode: Episode, utterance: Utterance, person_id: int, text: str) -> int:
        """Keep what a person said; return the text's id."""

    def newest_text_id(self, episode_id: int) -> int | None:
        """The text of the newest thing that was said in an episode."""

    def helped_in(self, ref: ConversationRef, person_id: int) -> Episode | None:
        """The person's episode in their private chat of this channel whose ticket is claimed, the one last
        active; for channels without threads."""

    def texts_after(self, episode_id: int, at: datetime) -> tuple[str, ...]:
        """What was said in an episode later than this, in order, a line for its files included."""


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What a ticket starts with."""

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
    """One row of a ticket's history: who did what, when, from where; codes, never text."""

    ticket_id: int
    at: datetime
    kind: str
    actor: Person | None
    channel: str
    detail: Mapping[str, str] = field(default_factory=dict)


class Tickets(Protocol):
    def add(self, new: NewTicket) -> Ticket: ...
    def get(self, ticket_id: int) -> Ticket | None: ...
    def current(self, ticket: Ticket) -> Ticket:
        """The ticket as it is now; raise `LookupError` where it is gone."""

    def by_token(self, token: str) -> Ticket | None: ...
    def apply(self, ticket: Ticket, action: TicketAction, by: Person | None, at: datetime) -> bool:
        """Apply an action in one guarded update; False when somebody was faster."""

    def reword(self, ticket: Ticket, text_id: int) -> None:
        """Let this text be the ticket's question."""

    def note(self, ticket: Ticket, text_id: int) -> None:
        """Keep the note to the employee."""

    def notes_only(self, ticket: Ticket, on: bool) -> bool:
        """Keep everything that engineers write in the rooms, or no longer; False when it was so already."""

    def with_card_in(self, conversation_id: int) -> Ticket | None:
        """The ticket whose card began this conversation."""

    def record(self, event: TicketEvent) -> None: ...
    def events(self, ticket_id: int) -> tuple[TicketEvent, ...]: ...
    def of(self, person_id: int, limit: int) -> tuple[Ticket, ...]:
        """A person's tickets, the live ones first, newest first."""

    def last_closed(self, person_id: int) -> Ticket | None:
        """The ticket of a person that was closed last."""

    def listed(self, statuses: Sequence[Status], limit: int) -> tuple[Ticket, ...]:
        """Tickets by priority and age."""

    def count(self, statuses: Sequence[Status]) -> dict[Status, int]:
        """How many tickets have each of these statuses."""

    def cards(self, ticket_id: int) -> tuple[int, ...]:
        """The conversations that hold a card of this ticket, those that it left aside."""

    def addresses(self, ticket_id: int) -> tuple[tuple[str, str], ...]:
        """Where this ticket is kept elsewhere: channel, address."""

    def put_card(self, ticket_id: int, conversation_id: int, room: ConversationRef) -> None: ...
    def without_card(
        self, room: ConversationRef, queue_filter: QueueFilter, limit: int
    ) -> tuple[Ticket, ...]:
        """Live tickets of this queue that have no card in this room; those of an outage need none."""


class Texts(Protocol):
    def add(self, body: str) -> int: ...
    def add_message(self, body: str) -> int:
        """Keep what a person said, once in a transaction; its row is never changed."""

    def get(self, text_id: int) -> str: ...
    def change(self, text_id: int, body: str) -> None: ...


class Rosters(Protocol):
    def keep_only(self, channel: str, rooms: Sequence[ConversationRef]) -> None:
        """Drop the rosters of a channel that were read in other rooms."""

    def replace(
        self,
        room: ConversationRef,
        members: Iterable[Identity],
        at: datetime,
        names: Mapping[Identity, str] | None = None,
    ) -> None: ...
    def holds(self, identity: Identity, fresh_since: datetime, rooms: Sequence[str] | None = None) -> bool:
        """Whether this identity is in a fresh roster of one of these places, for None of any."""

    def members(
        self, fresh_since: datetime, rooms: Sequence[str] | None = None
    ) -> tuple[tuple[Identity, str], ...]:
        """Everybody in the fresh rosters of these places, for None of any, with the names that are known."""


class Timeline(Protocol):
    """What was said and shown, for reading only."""

    def conversation(self, ref: ConversationRef, limit: int) -> tuple[Message, ...]: ...
    def thread(self, conversation_id: int, limit: int) -> tuple[Message, ...]: ...
    def about(self, ticket: Ticket, limit: int) -> tuple[Message, ...]:
        """The newest of what the requester said and read about a ticket, oldest first; nothing of a room."""

    def cards(self, ref: ConversationRef, limit: int) -> tuple[tuple[Ticket, int], ...]:
        """Tickets with a card in this room and the card's conversation, live ones first, newest first."""

    def mark(self) -> str: ...


class UnitOfWork(Protocol):
    """One transaction; it commits when the block ends without an error."""

    inbox: Inbox
    people: People
    conversations: Conversations
    episodes: Episodes
    tickets: Tickets
    relays: Relays
    assignments: Assignments
    outages: Outages
    details: Details
    ratings: Ratings
    texts: Texts
    outbox: Outbox
    deliveries: Deliveries
    rosters: Rosters
    schedule: Schedule
    memory: ChannelMemory
    log: Timeline
    shadow: Shadow


class UnitsOfWork(Protocol):
    """Begins transactions: one that may write when called, one that only reads with `reading`."""

    def __call__(self) -> AbstractContextManager[UnitOfWork]: ...
    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that holds nobody up and writes nothing."""
