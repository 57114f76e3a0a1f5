"""What the desk needs from the outside; adapters fulfil it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot.domain.conversation import ConversationRef, Outcome, Reply, Utterance
from bot.domain.knowledge import Content, Finding, Found
from bot.domain.people import Identity
from bot.domain.ticket import Ticket

Clock = Callable[[], datetime]  # aware, UTC


# --- delivery -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivery:
    """One post to deliver now.

    `id` is the outbox row's, the same at every attempt. With `edit`, the message of that receipt is to be
    changed; where it is gone, post anew. With `private_to`, only that person may see it. `attempt` counts
    from 1: above 1 an earlier attempt may have succeeded without our knowing. With `home`, the post is the
    person's own tab and replaces what was there.
    """

    id: int
    conversation_id: int
    lease: int
    conversation: ConversationRef
    reply: Reply
    attempt: int = 1
    edit: str = ""
    private_to: Identity | None = None
    home: bool = False
    card: bool = False
    ticket_id: int | None = None
    record: "TicketRecord | None" = None  # of a card that goes to a mirror


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the platform said of a post: the message's id, and the name of a thread or place that it made.

    `url` is where people can open a card that is kept elsewhere.
    """

    message: str
    anchor: str = ""
    space: str = ""
    url: str = ""


class Carrier(Protocol):
    """Whatever the courier may give a post to."""

    name: str

    def trouble(self) -> str | None:
        """Say in a sentence why it is not ready, or None."""

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Post, edit or publish; raise `DeliveryFailed`."""


class Channel(Carrier, Protocol):
    """A transport: Slack, Teams, the page."""

    room: ConversationRef | None  # the engineers' place in it; its thread is empty

    def mount(self, app: Any) -> None:
        """Add the channel's routes to the aiohttp application (the desk knows no vendor, hence Any)."""

    async def start(self) -> None:
        """Begin; must return at once, and do what takes long in a task of its own."""

    async def stop(self) -> None:
        """Finish what is in flight."""

    async def members(self) -> frozenset[Identity]:
        """The members of the room; raise `RosterUnavailable`."""


class ChannelMemory(Protocol):
    """What a channel must not forget over a restart: service URLs, tenants, its own secret."""

    def recall(self, channel: str, key: str) -> str | None: ...
    def remember(self, channel: str, key: str, value: str) -> None: ...
    def once(self, channel: str, key: str, value: str) -> str:
        """Keep a value unless there is one already, whoever was faster; return the one that is kept."""


# --- content and words --------------------------------------------------------------------------------


class Matcher(Protocol):
    """Finds what a text asks for; made for one content."""

    version: str
    provisional: bool  # it answers already, and has not yet learned from all of its content

    def find(self, text: str, language: str | None = None) -> Finding:
        """Match one text; `language` is a hint for texts that are too short to tell."""


class KnowledgeSource(Protocol):
    """Where articles and intents come from."""

    name: str

    def load(self) -> Found:
        """Read everything, on a thread of its own; raise `SourceUnavailable` where that is impossible.

        What is wrong with an article or intent is among the `problems`, never an exception.
        """

    async def changes(self) -> None:
        """Return when something has changed since the last load, or may have."""


class ContentSource(Protocol):
    """All sources together, checked."""

    def load(self) -> Content:
        """Read everything; the content's `problems` say what is wrong with it."""

    async def changes(self) -> None:
        """Return when something has changed since the last load."""


@dataclass(frozen=True, slots=True)
class SourceHost:
    """What the composition root gives to a source.

    `articles`, `intents` and `replies` are the folders of files. In `cache` a source may keep what it read,
    so that a start does not need the other side; None where nothing may be kept.
    """

    articles: Path
    intents: Path
    replies: Path
    cache: Path | None
    language: str


@dataclass(frozen=True, slots=True)
class Mirrored:
    """Where a ticket is mirrored: its id there, and its address where people can open it."""

    id: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class BackendHost:
    """What the composition root gives to a backend."""

    wording: "Wording"
    clock: Clock
    language: str
    public_url: str


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """A ticket as a mirror shows it: its texts, and the card in the desk's language."""

    ticket: Ticket
    question: str
    note: str
    card: Reply


class TicketBackend(Protocol):
    """Where tickets are mirrored; ours stays the one that counts."""

    name: str

    async def start(self) -> None:
        """Begin; must return at once."""

    async def stop(self) -> None:
        """Finish what is in flight."""

    def trouble(self) -> str | None:
        """Say in a sentence why the backend is not ready, or None."""

    async def mirror(self, record: TicketRecord, known: str, key: str) -> Mirrored:
        """Make the ticket there, or bring it up to date where `known` is its id; raise `DeliveryFailed`.

        `key` is the same at every attempt: an earlier one may have succeeded, and it must not be made twice.
        """

    async def comment(self, mirror_id: str, words: Reply, key: str) -> None:
        """Add what was said of the ticket `mirror_id`; raise `DeliveryFailed`. `key` as in `mirror`.

        It is for the team: the requester must not see it there.
        """


class Wording(Protocol):
    """Every sentence that a person reads."""

    languages: tuple[str, ...]

    def say(self, language: str, key: str, **values: object) -> str:
        """The sentence under this key, filled in; unknown languages read English."""

    def when(self, language: str, moment: datetime, zone: str | None = None) -> str:
        """A date and time as people write it."""

    def language(self, reader: str, code: str) -> str:
        """What a language is called in the reader's own."""

    def age(self, language: str, start: datetime, now: datetime) -> str:
        """How long ago, in words."""


# --- what a channel is given --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    """One line of a conversation, for the page: what somebody said (`author`) or what we replied."""

    id: str
    at: datetime
    author: str = ""
    text: str = ""
    reply: Reply | None = None
    private_to: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A ticket's card in a room with what was posted under it."""

    ticket: Ticket
    reply: Reply
    thread: tuple[Message, ...] = ()


class Board(Protocol):
    """What the page shows; read only, synchronous: call it through `Host.run`."""

    def conversation(self, ref: ConversationRef, limit: int = 200) -> tuple[Message, ...]:
        """The newest messages of one conversation, oldest first."""

    def room(self, ref: ConversationRef, language: str = "", limit: int = 50) -> tuple[Card, ...]:
        """The newest cards of one room, live ones first, in the reader's language or the desk's."""

    def notices(self, ref: ConversationRef, identity: Identity, limit: int = 5) -> tuple[Message, ...]:
        """What was told in the room itself, and privately to this identity."""

    def mark(self) -> str:
        """Changes whenever a committed row changes what the page shows."""


@dataclass(frozen=True, slots=True)
class Host:
    """What the composition root gives to a channel.

    `receive` runs the intake on the core's executor and wakes the courier after the commit. `run` runs any
    synchronous call there. `anonymous` is true in the demo only. `article_page(token)` reads a signed link:
    (title, Markdown, language) or None. `trouble()` says what is wrong with the content, for the page.
    `refresh_roster(channel)` asks for the room's members to be read again soon.
    """

    receive: Callable[[Utterance], Awaitable[Outcome]]
    run: Callable[..., Awaitable[Any]]
    memory: ChannelMemory
    wording: Wording
    board: Board
    clock: Clock
    language: str
    public_url: str
    anonymous: bool = False
    allow_anonymous_teams: bool = False
    article_page: Callable[[str], tuple[str, str, str] | None] = lambda _: None
    trouble: Callable[[], Sequence[str]] = tuple
    refresh_roster: Callable[[str], None] = lambda _: None
