"""What the desk needs from the outside; adapters fulfil it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.domain.conversations.messages import ConversationRef, Outcome, Reply, Utterance
from bot.domain.people import Identity
from bot.domain.tickets.relay import Mark, Visibility
from bot.domain.tickets.ticket import Ticket

Clock = Callable[[], datetime]  # aware, UTC


# --- delivery -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class File:
    """A file to pass on; `channel` is where it came from and `source` what that channel fetches it by.

    `size` is in bytes. `content` is there when it is to be delivered.
    """

    id: int
    name: str
    media_type: str
    size: int
    channel: str
    source: str
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One post to deliver now.

    `id` is the outbox row's, the same at every attempt. With `edit`, the message of that receipt is to be
    changed; where it is gone, post anew. With `private_to`, only that person may see it. `attempt` counts
    from 1: above 1 an earlier attempt may have succeeded without our knowing. With `home`, the post is the
    person's own tab and replaces what was there.

    `revises` is the outbox row that posted the message of `edit`. With `delete` that message is to be taken
    away, and where that is impossible to be changed to `reply`; a message that is gone is no error, and with
    neither `edit` nor an earlier attempt there is nothing to do. With `mark`, that sign is to be put on the
    message `mark_of`; a channel that has no such signs posts or edits `reply` instead. With `file`, a channel
    that can posts it itself; the others post `reply`, which has a link to it. A channel whose readers have to
    agree first offers it, and hands in the answer as a press (`bot/desk/relay/file_offers.py`): with `file`
    and `edit`, the reader has agreed, and the file takes the place of the offer.
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
    delete: bool = False
    revises: int = 0
    mark: Mark | None = None
    mark_of: str = ""
    file: File | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the platform said of a post: the message's id, and the name of a thread or place that it made.

    `url` is where people can open a card that is kept elsewhere.
    """

    message: str
    anchor: str = ""
    space: str = ""
    url: str = ""


class DeliveryTarget(Protocol):
    """Whatever the courier may give a post to."""

    name: str

    def trouble(self) -> str | None:
        """Say in a sentence why it is not ready, or None."""

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Post, edit or publish; raise `DeliveryFailed`."""


class Channel(DeliveryTarget, Protocol):
    """A transport: Slack, Teams, the page."""

    room: ConversationRef | None  # the engineers' place in it, where a queue names none; its thread is empty

    def place(self, room: str) -> ConversationRef | None:
        """The place of a room as a queue names it; None while the platform has not told where it is."""

    def mount(self, app: Any) -> None:
        """Add the channel's routes to the aiohttp application (the desk knows no vendor, hence Any)."""

    async def start(self) -> None:
        """Begin; must return at once, and do what takes long in a task of its own."""

    async def stop(self) -> None:
        """Finish what is in flight."""

    async def fetch(self, file: File, most: int) -> bytes:
        """The content of a file that was sent here, at most so many bytes; raise `DeliveryFailed`."""

    async def members(self, room: ConversationRef) -> Mapping[Identity, str]:
        """The members of one of our rooms with their names, empty where it is not known yet; raise
        `RosterUnavailable`."""


class ChannelMemory(Protocol):
    """What a channel must not forget over a restart: service URLs, tenants, its own secret."""

    def recall(self, channel: str, key: str) -> str | None: ...
    def remember(self, channel: str, key: str, value: str) -> None: ...
    def once(self, channel: str, key: str, value: str) -> str:
        """Keep a value unless there is one already, whoever was faster; return the one that is kept."""


# --- content and words --------------------------------------------------------------------------------


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

    async def comment(self, mirror_id: str, reply: Reply, key: str) -> None:
        """Add what was said of the ticket `mirror_id`; raise `DeliveryFailed`. `key` as in `mirror`.

        It is for the team: the requester must not see it there.
        """


class Wording(Protocol):
    """Every sentence that a person reads."""

    languages: tuple[str, ...]

    def say(self, language: str, key: str, /, **values: object) -> str:
        """The sentence under this key, filled in; unknown languages read English."""

    def when(self, language: str, moment: datetime, zone: str | None = None) -> str:
        """A date and time as people write it."""

    def language(self, reader: str, code: str) -> str:
        """What a language is called in the reader's own."""

    def either(self, language: str, options: Sequence[str]) -> str:
        """Several things of which one is meant: "a, b or c"."""

    def age(self, language: str, start: datetime, now: datetime) -> str:
        """How long ago, in words."""


# --- what a channel is given --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    """One line of a conversation, for the page: what somebody said (`author`) or what we replied.

    Where it may be edited and deleted by its writer, `own` is its id there and `author_id` the writer's.
    `course` says where it went, `gone` that its writer deleted it.
    """

    id: str
    at: datetime
    author: str = ""
    text: str = ""
    reply: Reply | None = None
    private_to: str = ""
    relay_id: int = 0
    own: str = ""
    author_id: int = 0
    visibility: Visibility | None = None
    changed: bool = False
    gone: bool = False
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """A ticket's card in a room with what was posted under it."""

    ticket: Ticket
    reply: Reply
    thread: tuple[Message, ...] = ()


class PageView(Protocol):
    """What the page shows; read only, synchronous: call it through `Host.run`."""

    def conversation(self, ref: ConversationRef, limit: int = 200) -> tuple[Message, ...]:
        """The newest messages of one conversation, oldest first."""

    def room(self, ref: ConversationRef, language: str = "", limit: int = 50) -> tuple[Card, ...]:
        """The newest cards of one room, live ones first, in the reader's language or the desk's."""

    def outages(self, language: str = "") -> tuple[Reply, ...]:
        """What lasts and stands in every room: known outages, and alerts that have begun none."""

    def queue(self, identity: Identity, language: str) -> Reply | None:
        """An engineer's queues, in their language; None for anybody else."""

    def notices(self, ref: ConversationRef, identity: Identity, limit: int = 5) -> tuple[Message, ...]:
        """What was told in the room itself, and privately to this identity."""

    def mark(self) -> str:
        """Changes whenever a committed row changes what the page shows."""


async def card_as_it_came(outcome: Outcome) -> Reply | None:
    """The outcome's own card, where there is no desk to render another."""
    return outcome.card


@dataclass(frozen=True, slots=True)
class Host:
    """What the composition root gives to a channel.

    `receive` runs the intake on the core's executor and wakes the dispatcher after the commit. `redraw` gives
    what an outcome shows, as it is now, for a platform that shows it in its response. `run` runs any
    synchronous call on the core's executor. `anonymous` is true in the demo only. `article_page(token)` reads
    a signed link: (title, Markdown, language) or None. `open_file(token)` reads a signed link to a file, and
    `file_for(id, identity, engineer)` a file for somebody whom the channel knows; both are None where there
    is nothing for this reader any more. A file has at most `largest_file` bytes. `trouble()` says what is
    wrong with the content, for the page. `refresh_roster(channel)` asks for the rooms' members to be read
    again soon. `rooms(channel)` names the rooms that queues have there.
    """

    receive: Callable[[Utterance], Awaitable[Outcome]]
    run: Callable[..., Awaitable[Any]]
    memory: ChannelMemory
    wording: Wording
    page_view: PageView
    clock: Clock
    language: str
    public_url: str
    anonymous: bool = False
    allow_anonymous_teams: bool = False
    article_page: Callable[[str], tuple[str, str, str] | None] = lambda _: None
    open_file: Callable[[str], File | None] = lambda _: None
    file_for: Callable[[int, Identity, bool], File | None] = lambda *_: None
    largest_file: int = 0
    trouble: Callable[[], Sequence[str]] = tuple
    refresh_roster: Callable[[str], None] = lambda _: None
    redraw: Callable[[Outcome], Awaitable[Reply | None]] = card_as_it_came
    rooms: Callable[[str], frozenset[str]] = lambda _: frozenset()
