"""Ports of channels: what one is, what it delivers, and what it is given."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.desk.ports.backends import Decision, OutgoingComment, TicketRecord
from bot.desk.ports.clock import Clock
from bot.desk.ports.content import Authoring, ChooseExamples
from bot.desk.ports.feedback import InsightsView
from bot.desk.ports.page import File, OwnTicket, PageView
from bot.desk.ports.wording import Wording
from bot.domain.brand import FIRSTLINE, Brand
from bot.domain.conversations.messages import ConversationRef, Outcome, Reply, Utterance
from bot.domain.knowledge.content import Picture
from bot.domain.people import Identity
from bot.domain.tickets.relay import Mark

# --- delivery -----------------------------------------------------------------------------------------


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
    and `edit`, the reader has agreed, and the file takes the place of the offer. `trace` names the trace of
    the event that it follows from, empty without traces.
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
    comment: OutgoingComment | Decision | None = None  # of a message that goes to a mirror
    delete: bool = False
    revises: int = 0
    mark: Mark | None = None
    mark_of: str = ""
    file: File | None = None
    trace: str = ""


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

    def chat_with(self, identity: Identity, key: str) -> ConversationRef | None:
        """Return the private chat with an account, in a thread of this key; None where it has none."""

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

    def replace(self, channel: str, key: str, earlier: str, value: str | None) -> bool:
        """Put a value in place of an earlier one, or with None drop it; return False where it has changed."""


@dataclass(frozen=True, slots=True)
class ProviderSession:
    """What an identity provider said of the holder of a session; `email` is verified, or empty.

    `sealed` are the provider's tokens, which only the session's key opens; `sid` is the hash of the
    provider's own session, `sign_in` of the sign-in, which opens one session at most. At `look_at` the
    provider is asked again, and at `ends_at` the session ends whatever its holder does.
    """

    name: str
    role: str
    email: str = field(repr=False)
    sealed: str = field(repr=False)
    sid: str
    look_at: datetime
    ends_at: datetime
    sign_in: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """Session of a person; `grant` is the hash of what let them in, so that it ends with that."""

    person: str
    grant: str = field(repr=False)
    opened_at: datetime
    expires_at: datetime
    provider: ProviderSession | None = None


class SessionBook(Protocol):
    """Book of sessions by the hash of their keys; those that ended stay in it for a while, as a record."""

    def open(self, digest: str, session: Session) -> bool:
        """Enter a session; return False where its sign-in opened one before. Those long over are dropped."""

    def find(self, digest: str, now: datetime) -> Session | None:
        """Return a session that has neither ended nor expired."""

    def end(self, digest: str, now: datetime) -> str | None:
        """End a session; return whose it was, None where it had ended before."""

    def extend(self, digest: str, until: datetime) -> None:
        """Let a session last longer."""

    def take_look(self, digest: str, due: datetime, until: datetime) -> bool:
        """Take the look at a provider that is due; return False where another replica has taken it."""

    def renew(self, digest: str, provider: ProviderSession) -> None:
        """Keep what the provider said when it was asked again."""

    def end_all(self, person: str, sid: str, now: datetime) -> int:
        """End the sessions of a person or of a provider's session, whichever is named; return how many."""

    def doubt(self, person: str) -> None:
        """Let the provider be asked anew in all sessions of a person; until then they count for nothing."""

    def signed_in(self, grant: str, now: datetime) -> Sequence[Session]:
        """Return of each person whom this grant let in the session in which their provider was asked last.

        Those that are in doubt are none.
        """

    def verified_email(self, person: str, now: datetime) -> str:
        """Return the verified e-mail address of somebody who is signed in; empty where none is known."""


class Pictures(Protocol):
    """Pictures of the articles in force, by their names; who has an address may see that one alone."""

    fetched: bool
    """Whether a platform may be expected to fetch from our public address: it is no private one."""

    def find(self, name: str) -> Picture | None:
        """Return a picture; None where no article shows it any more."""

    def path(self, picture: Picture) -> str:
        """Return its address on this server, from the root."""

    def address(self, name: str) -> str:
        """Return its public address; empty without one, and where there is no such picture."""

    def open(self, token: str) -> Picture | None:
        """Return the picture that an address leads to."""


class NoPictures:
    """No pictures, where there is no server that could show them."""

    fetched = False

    def find(self, _name: str) -> Picture | None:
        return None

    def path(self, _picture: Picture) -> str:
        return ""

    def address(self, _name: str) -> str:
        return ""

    def open(self, _token: str) -> Picture | None:
        return None


NO_PICTURES = NoPictures()


# --- what a channel is given --------------------------------------------------------------------------


async def card_as_it_came(outcome: Outcome) -> Reply | None:
    """Return the outcome's own card, where there is no desk to render another."""
    return outcome.card


async def nobody_addressed(_identity: Identity, _addresses: Sequence[str]) -> None:
    """Take addresses where accounts are not joined by them."""


async def nobody_shown(_channel: str, _external_id: str, _name: str, _tenants: Collection[str]) -> None:
    """Take a name where there is no desk that shows people."""


async def in_no_room(_room: ConversationRef, _address: str) -> bool:
    """Tell that nobody is in other rooms, where there is no desk."""
    return False


def at_once(_channel: str, _person: str) -> AbstractAsyncContextManager[None]:
    """Let everybody in, where there is no server that they could flood."""
    return nullcontext()


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
    soon. `rooms(channel)` names the rooms that queues have there. `named(channel, id, name, tenants)` tells
    the name of somebody who was shown by their id, there or, without tenants, anywhere in the channel.
    `addressed(identity, addresses)` tells the e-mail addresses that the platform has verified of an account
    that is no guest's, the best one first.
    `checked(channel, reason)` is told of each request that had to prove who sent it: no reason where it did,
    else why it was refused. `turn(channel, person)` is entered
    before what an event of somebody costs: it waits for that person's earlier ones, and raises `Overloaded`.
    `address(request)` is where a request comes from, and `limited(channel, reason, who)` is told of each that
    was refused because somebody asked too much. `suffices_for_room(room, address)` tells whether the chat
    platforms say that whoever has this e-mail address is in other rooms that give all that this one gives;
    it raises `RosterUnavailable`. `pictures` are those of the articles. `examples(language, most)` are what
    people may ask, from the content; they are in memory. `own_tickets(identity, language, zone)` reads the
    list of somebody's own tickets. `brand` is what people see the help desk as. `insights` are the figures,
    where there is a desk that counts them, `authoring` what helps people write its content.
    `awaited(conversation)` tells whether a post of it waits to be delivered; it reads the database, hence
    call it through `read`.
    """

    receive: Callable[[Utterance], Awaitable[Outcome]]
    run: Callable[..., Awaitable[Any]]
    read: Callable[..., Awaitable[Any]]
    memory: ChannelMemory
    sessions: SessionBook
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
    named: Callable[[str, str, str, Collection[str]], Awaitable[None]] = nobody_shown
    addressed: Callable[[Identity, Sequence[str]], Awaitable[None]] = nobody_addressed
    turn: Callable[[str, str], AbstractAsyncContextManager[None]] = at_once
    address: Callable[[Any], str] = lambda _: ""
    limited: Callable[[str, str, str], None] = lambda *_: None
    suffices_for_room: Callable[[ConversationRef, str], Awaitable[bool]] = in_no_room
    pictures: Pictures = NO_PICTURES
    insights: InsightsView | None = None
    authoring: Authoring | None = None
    examples: ChooseExamples = lambda _language, _most: ()
    brand: Brand = FIRSTLINE
    own_tickets: Callable[[Identity, str, str], tuple[OwnTicket, ...]] = lambda *_: ()
    awaited: Callable[[ConversationRef], bool] = lambda _: False
