"""Ports of channels: what one is, what it delivers, and what it is given."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.desk.ports.backends import TicketRecord
from bot.desk.ports.clock import Clock
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import ConversationRef, Outcome, Reply, Utterance
from bot.domain.people import Identity
from bot.domain.tickets.relay import Mark, Visibility
from bot.domain.tickets.ticket import Ticket

# --- delivery -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class File:
    """File to pass on; `channel` is where it came from, `source` the address or id by which that fetches it.

    `size` is in bytes. `content` is set when it is to be delivered.
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
    """Delivery of one post.

    `id` is the outbox row's, the same at every attempt. `edit` is the platform's id of the message that is to
    be changed, from its receipt; where it is gone, a new one is posted. With `private_to`, only that person
    may see it. `attempt` counts from 1: above 1 an earlier attempt may have succeeded without our knowing.
    With `home`, the post is the person's home tab and replaces what was there.

    `revises` is the outbox row that posted the message of `edit`. With `delete` that message is to be
    deleted, and where that is impossible changed to `reply`; a message that is gone is no error, and with
    neither `edit` nor an earlier attempt there is nothing to do. With `mark`, that sign is to be put on the
    message `mark_of`; a channel that has no such signs posts or edits `reply` instead. With `file`, a channel
    that can posts the file; the others post `reply`, which has a link to it. A channel whose readers have to
    agree first offers it, and hands in the answer as a click (`bot/desk/relay/file_offers.py`): with `file`
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
    record: TicketRecord | None = None  # of a card that goes to a mirror
    delete: bool = False
    revises: int = 0
    mark: Mark | None = None
    mark_of: str = ""
    file: File | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Receipt of a platform for a post: the message's id, and the name of a thread or place that it made.

    `anchor` and `space` are empty where the post made none. `url` is where people can open a card that is
    kept elsewhere.
    """

    message: str
    anchor: str = ""
    space: str = ""
    url: str = ""


class DeliveryTarget(Protocol):
    """Target to which the dispatcher may give a post: a channel or a mirror."""

    name: str

    def trouble(self) -> str | None:
        """Return a sentence on why it is not ready, or None."""

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Post, edit or publish; raise `DeliveryFailed`."""


class Channel(DeliveryTarget, Protocol):
    """Channel: Slack, Teams, the page."""

    room: ConversationRef | None  # the engineers' place in it, where a queue names none; its thread is empty

    def find_room(self, name: str) -> ConversationRef | None:
        """Return the room that a queue names; None while the platform has not told it."""

    def mount(self, app: Any) -> None:
        """Add the channel's routes to the aiohttp application (the desk knows no vendor, hence Any)."""

    async def start(self) -> None:
        """Start; return at once, and do anything long in a task of its own."""

    async def stop(self) -> None:
        """Finish what is in flight."""

    def hears(self) -> bool:
        """Tell whether what people write here can reach us now."""

    async def fetch(self, file: File, most: int) -> bytes:
        """Fetch the content of a file that was sent here, at most `most` bytes; raise `DeliveryFailed`."""

    async def members(self, room: ConversationRef) -> Mapping[Identity, str]:
        """Return the members of a room with their names, empty where unknown; raise `RosterUnavailable`."""


class ChannelMemory(Protocol):
    """Memory of a channel that lasts over a restart: service URLs, tenants, its own secret."""

    def recall(self, channel: str, key: str) -> str | None: ...
    def remember(self, channel: str, key: str, value: str) -> None: ...
    def once(self, channel: str, key: str, value: str) -> str:
        """Keep a value unless there is one already; return the one that is kept, whoever was faster."""


# --- what a channel is given --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    """Message of a conversation, for the page: somebody's (`author`) or the bot's reply.

    Where its writer may edit and delete it, `own` is its id in its channel and `author_id` the writer's id.
    `visibility` says who reads it, `gone` that its writer deleted it.
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
    """Card of a ticket in a room, with the messages in its thread."""

    ticket: Ticket
    reply: Reply
    thread: tuple[Message, ...] = ()


class PageView(Protocol):
    """View of what the page shows; it only reads, and is synchronous: call it through `Host.read`."""

    def conversation(self, ref: ConversationRef, limit: int = 200) -> tuple[Message, ...]:
        """Return the newest messages of one conversation, oldest first."""

    def room(self, ref: ConversationRef, language: str = "", limit: int = 50) -> tuple[Card, ...]:
        """Return the newest cards of one room, live ones first, in the reader's language or the desk's."""

    def outages(self, language: str = "") -> tuple[Reply, ...]:
        """Return the posts of live outages, and of live alerts that have started none."""

    def queue(self, identity: Identity, language: str) -> Reply | None:
        """Return an engineer's queues, in their language; None for anybody else."""

    def notices(self, ref: ConversationRef, limit: int = 50) -> tuple[Message, ...]:
        """Return the newest messages in the room itself, with those that are private to somebody."""

    def mark(self) -> str:
        """Return a mark that changes whenever a committed row changes what the page shows."""


async def card_as_it_came(outcome: Outcome) -> Reply | None:
    """Return the outcome's own card, where there is no desk to render another."""
    return outcome.card


async def nobody_shown(_channel: str, _external_id: str, _name: str) -> None:
    """Take a name where there is no desk that shows people."""


@dataclass(frozen=True, slots=True)
class Host:
    """Objects and functions that a channel is given.

    `receive` runs the intake on the core's executor and wakes the dispatcher after the commit. `redraw` gives
    what an outcome shows, as it is now, for a platform that shows it in its response. `run` runs any
    synchronous call on the core's executor, `read` one that only reads, where it holds up nobody who writes.
    `anonymous` is true in the demo only. `article_page(token)` reads
    a signed link: (title, Markdown, language) or None. `open_file(token)` reads a signed link to a file, and
    `file_for(id, identity, engineer)` a file for somebody whom the channel knows; both are None where there
    is nothing for this reader any more. A file has at most `largest_file` bytes. `trouble()` says
    what is wrong with the content, for the page. `refresh_roster(channel)` has the rooms' members read again
    soon. `rooms(channel)` names the rooms that queues have there. `named(channel, id, name)` tells the
    name of somebody who was shown by their id. `checked(channel, reason)` is told of each request that had to
    prove who sent it: no reason where it did, else why it was refused.
    """

    receive: Callable[[Utterance], Awaitable[Outcome]]
    run: Callable[..., Awaitable[Any]]
    read: Callable[..., Awaitable[Any]]
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
    checked: Callable[[str, str], None] = lambda *_: None
    named: Callable[[str, str, str], Awaitable[None]] = nobody_shown
