"""Repositories of the storage, all of them within one transaction: the unit of work."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.desk.ports.backends import Mirrors
from bot.desk.ports.channels import ChannelMemory, SessionBook
from bot.desk.ports.content import ExampleBook, TypedDrafts
from bot.desk.ports.feedback import (
    Articles,
    Details,
    FigureBook,
    Insights,
    MissedQuestions,
    Outcomes,
    Promises,
    Ratings,
    Shadow,
    Verdicts,
)
from bot.desk.ports.outages import Outages
from bot.desk.ports.outbox import Deliveries, Outbox
from bot.desk.ports.page import Message
from bot.desk.ports.relays import Relays
from bot.desk.ports.schedule import Absences, Schedule
from bot.desk.ports.tickets import Assignments, Clusters, InboxEntry, SeenTicket, Tickets
from bot.domain.conversations.episode import Episode
from bot.domain.conversations.messages import ConversationRef, Outcome, Utterance
from bot.domain.knowledge.decision import MatchResult
from bot.domain.knowledge.traffic import AskedQuestion
from bot.domain.people import Identity, JoinHow, JoinRequest, JoinResult, JoinState, Person
from bot.domain.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class MessageChange:
    """Change of a message that came before the message: its new text, None where it was deleted."""

    text: str | None


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """Message that was kept, with its time; `alone`: nothing else was said in its episode."""

    episode_id: int
    text_id: int
    at: datetime
    alone: bool


@dataclass(frozen=True, slots=True)
class QuestionDecided:
    """First decision about a question, for figures, by the name of its class in small letters."""

    decision: str
    result: MatchResult


@dataclass(frozen=True, slots=True)
class AnswerJudged:
    """What an employee said of an answer, for figures, with the answer's confidence."""

    confidence: float
    helped: bool


@dataclass(frozen=True, slots=True)
class TicketOpened:
    """Ticket that was opened, for figures, after an `answer`, another `question`, or `nothing` asked."""

    ticket: Ticket
    after: str


@dataclass(frozen=True, slots=True)
class TicketChange:
    """Change of a ticket, for figures: the kind of its event, and the ticket as it was before.

    `target` is the one that was missed, where one was.
    """

    ticket: Ticket
    kind: str
    at: datetime
    target: str = ""


@dataclass(frozen=True, slots=True)
class ArticleTold:
    """Sign of an article that was told to its owner or a room, for figures."""

    sign: str


Fact = QuestionDecided | AnswerJudged | TicketOpened | TicketChange | ArticleTold


class Inbox(Protocol):
    """Repository of the keys of received utterances, so that a repeated one changes nothing."""

    def admit(self, keys: Sequence[str], at: datetime) -> Outcome | None:
        """Enter the keys of an utterance; when one is there already, return its outcome."""

    def settle(self, keys: Sequence[str], outcome: Outcome) -> None:
        """Record the outcome of the utterance with these keys."""

    def note_change(self, ref: ConversationRef, message: str, text: str | None, at: datetime) -> None:
        """Keep the newest edit of a message that has not come yet, or with None its deletion."""

    def change_of(self, ref: ConversationRef, message: str) -> MessageChange | None:
        """Return the edit or deletion that came before a message."""

    def forget(self, before: datetime) -> int:
        """Drop the keys of events that no platform sends again, and changes; return how many keys."""


class People(Protocol):
    """Repository of people and their identities."""

    def meet(self, identity: Identity, name: str, locale: str | None, at: datetime) -> Person:
        """Return the person behind an identity, added if new, and locked until the transaction ends."""

    def known(self, identity: Identity) -> Person | None: ...
    def identities(self, person: Person) -> tuple[Identity, ...]:
        """Return the identities of all accounts that are this person's, its own first."""

    def name(self, person_id: int) -> str: ...
    def every_name(self) -> Iterator[str]:
        """Return the names of everybody who is known, and of everybody in a roster."""

    def with_rights_of(self, identity: Identity) -> tuple[Identity, ...]:
        """Return the other identities whose joining with this one was confirmed."""

    def remember_language(self, person_id: int, language: str) -> None: ...
    def with_external_id(self, external_id: str) -> tuple[tuple[Identity, str], ...]:
        """Return the known identities with this id in any channel, with their names."""


class Joins(Protocol):
    """Repository of joined accounts, and of requests to join; one transaction at a time changes joins."""

    def join(self, one: int, other: int, how: JoinHow, at: datetime, by: str = "") -> JoinResult:
        """Make two accounts one person's, with all that each is joined with already."""

    def separate(self, person_id: int, how: JoinHow, at: datetime, by: str = "") -> bool:
        """Take an account out of those that it is joined with; return False where there are none."""

    def begin(self, request: JoinRequest, code_hash: str) -> None:
        """Enter a request; an earlier one of the same account ends."""

    def enter(self, code_hash: str, person_id: int, conversation_id: int, at: datetime) -> JoinRequest | None:
        """Bind the request with this code to the account that entered it; a code is good once."""

    def request(self, token: str) -> JoinRequest | None: ...
    def advance(self, request: JoinRequest, to: JoinState, at: datetime) -> bool:
        """Bring a request from the state that was seen to another; return False when it has left it."""

    def keep_post(self, request: JoinRequest, post_id: int) -> None: ...
    def note_wrong_code(self, person_id: int, at: datetime) -> None: ...
    def wrong_codes(self, person_id: int, since: datetime) -> int:
        """Count the codes that are none which an account has entered since a time."""

    def note_address(self, identity: Identity, address_hash: str, at: datetime) -> bool:
        """Keep the address of an account; return whether another one was known before."""

    def next_untried(self, at: datetime) -> tuple[int, tuple[int, ...]] | None:
        """Take the next account whose address was not tried; return it and who else alone has the address."""


class Conversations(Protocol):
    """Repository of conversations."""

    def open(self, ref: ConversationRef) -> int:
        """Return the conversation's id, added if new; a thread that our post began is found by its anchor."""

    def lock(self, conversation_ids: Sequence[int]) -> None:
        """Lock conversations, in this order, until the transaction ends."""

    def void_leases(self) -> int:
        """End the leases of all conversations, whoever holds them; return how many there were."""

    def find(self, ref: ConversationRef) -> int | None: ...
    def ref(self, conversation_id: int) -> ConversationRef: ...


class Episodes(Protocol):
    """Repository of episodes, their messages and decisions."""

    def add(self, episode: Episode) -> Episode: ...
    def save(self, episode: Episode) -> None:
        """Store the new state of an episode whose person is locked; its question is stored by `reword`."""

    def touch(self, episode_id: int, at: datetime) -> None:
        """Let an episode have been active at a time, whoever writes: nothing else of it is stored."""

    def reword(self, episode: Episode) -> None:
        """Store an episode's question, in the place of the earlier one where nothing else has its words."""

    def count_messages(self, episode_id: int, most: int) -> int:
        """Return how many messages were said in an episode, `most` where there are more."""

    def by_token(self, token: str) -> Episode | None: ...
    def get(self, episode_id: int) -> Episode: ...
    def in_thread(self, conversation_id: int, person_id: int) -> Episode | None:
        """Return the person's newest episode in one thread."""

    def recent(self, person_id: int, ref: ConversationRef, since: datetime) -> Episode | None:
        """Return the person's newest episode in a space, in any thread, that was active since a time."""

    def add_decision(
        self, episode_id: int, at: datetime, kind: str, result: MatchResult, content_hash: str, matcher: str
    ) -> int:
        """Record a decision: ids and confidences, never text; return its id."""

    def newest_asked(self, matcher: str, limit: int) -> tuple[AskedQuestion, ...]:
        """Return the newest questions, by the first decision about each, of this version of the matcher."""

    def add_message(self, episode: Episode, utterance: Utterance, person_id: int, text: str) -> int:
        """Keep a message of a person; return the text's id."""

    def kept_message(self, conversation_id: int, message: str) -> KeptMessage | None:
        """Return a message by the platform's id, if it was kept."""

    def newest_text_id(self, episode_id: int) -> int | None:
        """Return the id of the text of the newest message in an episode."""

    def helped_in(self, ref: ConversationRef, person_id: int) -> Episode | None:
        """Return the person's episode with a claimed ticket in their private chat, the one last active.

        It is for channels without threads.
        """

    def with_live_ticket(self, ref: ConversationRef, person_id: int, since: datetime) -> Episode | None:
        """Return the person's episode in a private chat whose ticket is live, active since a time."""

    def texts_after(self, episode_id: int, at: datetime) -> tuple[str, ...]:
        """Return the messages in an episode later than a time, in order, each with a line for its files."""

    def was_asked(self, person_id: int, about: str, since: datetime) -> bool:
        """Tell whether a person has an episode since a time with this among its clicks, and no ticket."""

    def take_out(self, message: KeptMessage) -> tuple[str, tuple[int, ...]]:
        """Take a message's words out of its text and of all that its writer has asked.

        Return them, empty where they are gone already, and the ids of the tickets that held them.
        """

    def forget_question(self, episode_id: int) -> None:
        """Delete the words of a question that is nobody's."""

    def texts_from(self, episode_id: int, text_id: int) -> tuple[str, ...]:
        """Return the messages in an episode from one on, by its text, each with a line for its files."""


class Texts(Protocol):
    """Repository of texts."""

    def add(self, body: str) -> int: ...
    def add_message(self, body: str) -> int:
        """Keep the text of a message, once in a transaction; return its id. The row is never changed."""

    def replace(self, text_id: int, body: str) -> int:
        """Let a text that is no message's be another one; return the id under which this is kept."""

    def get(self, text_id: int) -> str: ...
    def is_erased(self, text_id: int) -> bool: ...
    def change(self, text_id: int, body: str) -> None: ...
    def name_mentions(
        self, channel: str, mention: str, name: str, tenants: Collection[str] = ()
    ) -> tuple[int, ...]:
        """Put a name in the place of a mention in what people wrote last; return the tickets that show it."""


class Rosters(Protocol):
    """Repository of rosters: the members of rooms as they were last read."""

    def keep_only(self, channel: str, rooms: Sequence[ConversationRef]) -> None:
        """Drop the rosters of a channel that were read in other rooms."""

    def date_back(self, now: datetime) -> None:
        """Let rosters that were read after now, by a clock that was set back since, count as read now."""

    def replace(
        self,
        room: ConversationRef,
        members: Iterable[Identity],
        at: datetime,
        names: Mapping[Identity, str] | None = None,
    ) -> None: ...
    def holds(self, identity: Identity, fresh_since: datetime, rooms: Sequence[str] | None = None) -> bool:
        """Tell whether this identity is in a fresh roster of one of these places, for None of any."""

    def members(
        self, fresh_since: datetime, rooms: Sequence[str] | None = None
    ) -> tuple[tuple[Identity, str], ...]:
        """Return everybody in the fresh rosters of these places, for None of any, with the known names."""


class Timeline(Protocol):
    """Log of messages and cards, for reading only."""

    def conversation(self, ref: ConversationRef, limit: int) -> tuple[Message, ...]: ...
    def thread(self, conversation_id: int, limit: int, before: str = "") -> tuple[tuple[Message, ...], str]:
        """Return a page of a conversation, oldest first, and what leads to the page before it."""

    def about(self, ticket: Ticket, limit: int) -> tuple[Message, ...]:
        """Return the newest messages of and to the requester about a ticket, oldest first, none of a room."""

    def live(self, ref: ConversationRef, limit: int) -> tuple[InboxEntry, ...]:
        """Return live tickets with a card in a room, by priority and age."""

    def seen(self, ref: ConversationRef, before: int | None, limit: int) -> tuple[SeenTicket, ...]:
        """Return what a search compares of the newest tickets with a card in a room, from below an id."""

    def written(self, ticket_ids: Sequence[int], limit: int) -> Sequence[tuple[int, str]]:
        """Return what people wrote about these tickets and did not delete, by ticket, the newest first."""

    def entries(self, ticket_ids: Sequence[int]) -> tuple[InboxEntry, ...]:
        """Return tickets as a list shows them, the newest first."""

    def card_of(self, ref: ConversationRef, ticket_id: int) -> int | None:
        """Return the conversation of a ticket's card in a room."""

    def heard(self, ticket_id: int) -> int:
        """Return the number of the newest message that a ticket's employees have added."""

    def mark(self) -> str: ...


class UnitOfWork(Protocol):
    """Unit of work: one transaction, which commits when the block ends without an error.

    `facts` are told for figures when it has committed, and forgotten when it is rolled back.
    """

    facts: list[Fact]
    inbox: Inbox
    people: People
    joins: Joins
    absences: Absences
    conversations: Conversations
    episodes: Episodes
    tickets: Tickets
    relays: Relays
    mirrors: Mirrors
    assignments: Assignments
    clusters: Clusters
    outages: Outages
    details: Details
    ratings: Ratings
    promises: Promises
    verdicts: Verdicts
    outcomes: Outcomes
    missed: MissedQuestions
    articles: Articles
    examples: ExampleBook
    typed_drafts: TypedDrafts
    figures: FigureBook
    insights: Insights
    texts: Texts
    outbox: Outbox
    deliveries: Deliveries
    rosters: Rosters
    schedule: Schedule
    memory: ChannelMemory
    sessions: SessionBook
    timeline: Timeline
    shadow: Shadow


class UnitsOfWork(Protocol):
    """Begins units of work: called, one that may write; with `reading`, one that only reads."""

    def __call__(self) -> AbstractContextManager[UnitOfWork]: ...
    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """Begin a transaction that holds nobody up and writes nothing."""
