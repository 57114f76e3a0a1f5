"""Protocols of ticket backends: the systems that tickets are mirrored to."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from bot.desk.ports.clock import Clock
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import Reply
from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.mirror import MirrorField
from bot.domain.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Mirrored:
    """Location of a mirrored ticket: its id there, and its address where people can open it."""

    id: str
    url: str = ""


class Memory(Protocol):
    """Memory of a backend that lasts over a restart, under its own name."""

    def recall(self, channel: str, key: str) -> str | None: ...
    def remember(self, channel: str, key: str, value: str) -> None: ...


async def nothing_changed(_backend: str, _remote_ids: Sequence[str]) -> None:
    """Take word of changes where there is no desk that would read them."""


@dataclass(frozen=True, slots=True)
class BackendHost:
    """Objects and functions that a backend is given.

    `changed(name, remote_ids)` is told of tickets that changed there: in one transaction, which has committed
    when it returns; a repeat does no harm. `checked(name, reason)` is told of each request that had to prove
    who sent it: no reason where it did, else why it was refused.
    """

    wording: Wording
    clock: Clock
    language: str
    public_url: str
    changed: Callable[[str, Sequence[str]], Awaitable[None]] = nothing_changed
    checked: Callable[[str, str], None] = lambda *_: None


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """Record of a ticket for a mirror: its texts, and the card in the desk's language.

    `erased`: its requester is to be forgotten there, too, with everything that was said about the ticket.
    `address` is a verified one of the requester, empty where none is known.
    """

    ticket: Ticket
    question: str
    note: str
    card: Reply
    erased: bool = False
    address: str = ""


class Backend(Protocol):
    """What every ticket backend has; what stands here in full holds for one that derives from it."""

    name: str

    async def start(self) -> None:
        """Start; return at once."""

    async def stop(self) -> None:
        """Finish what is in flight."""

    def trouble(self) -> str | None:
        """Return a sentence on why the backend is not ready, or None."""
        return None


@runtime_checkable
class TicketBackend(Backend, Protocol):
    """Backend to which tickets are mirrored; Firstline's own stay authoritative."""

    async def mirror(self, record: TicketRecord, known: str, key: str) -> Mirrored:
        """Create the ticket there, or update it where `known` is its id; raise `DeliveryFailed`.

        `key` is the same at every attempt: an earlier one may have succeeded, and the ticket must not be
        created twice.
        """

    async def comment(self, mirror_id: str, reply: Reply, key: str) -> None:
        """Add a post about the ticket `mirror_id` as a comment; raise `DeliveryFailed`. `key` as in `mirror`.

        It is for the team: the requester must not see it there.
        """


# --- two ways: what is written there ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewRemoteTicket:
    """Ticket to be created there; `address` is the requester's, empty where it may not be looked up.

    `reference` is our number, and `link` leads to the conversation where that is public.
    """

    reference: str
    question: str
    requester: str
    fields: Mapping[MirrorField, str]
    address: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """File that goes with a comment."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PublicComment:
    """Comment that the requester may read there: what they wrote, or what was sent to them."""

    author: str
    text: str
    files: tuple[OutgoingFile, ...] = ()


@dataclass(frozen=True, slots=True)
class InternalComment:
    """Comment for the team alone: no backend may ever let the requester read it."""

    author: str
    text: str
    files: tuple[OutgoingFile, ...] = ()


OutgoingComment = PublicComment | InternalComment


@dataclass(frozen=True, slots=True)
class Decision:
    """Decision on an approval there; `text` tells the team there who took it here."""

    approval: str
    approve: bool
    text: str


# --- two ways: what is read there ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RemotePerson:
    """Agent or requester there; `address` is a verified one, and empty where it may not be used."""

    id: str
    name: str
    address: str = ""


NOT_SAID = RemotePerson("", "")


@dataclass(frozen=True, slots=True)
class RemoteField:
    """Field there: its value, when and by whom it was last changed; `ours` where we wrote it.

    Values are those of `bot/domain/tickets/mirror.py`: live or done, a priority's name, an assignee's id.
    """

    value: str
    at: datetime
    by: RemotePerson = NOT_SAID
    ours: bool = False


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """File of a comment there; `source` is what `TwoWayBackend.fetch` is given."""

    name: str
    source: str
    media_type: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class RemoteComment:
    """Comment there, oldest first in its ticket; `id` is the same for ever, and no other ticket's.

    `key` is empty for what others wrote, and never for what we wrote. `from_requester`: the ticket's
    requester wrote it there. `gone`: it was deleted, or its words were taken out.
    """

    id: str
    at: datetime
    author: RemotePerson
    text: str
    public: bool
    key: str = ""
    files: tuple[RemoteFile, ...] = ()
    from_requester: bool = False
    gone: bool = False


class ApprovalState(StrEnum):
    """State of an approval there."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class RemoteApproval:
    """Approval there: who is asked, and who has decided; `ours` where our account may decide it now."""

    id: str
    name: str
    state: ApprovalState
    asked: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    ours: bool = False


class RemoteState(StrEnum):
    """State of a ticket there: it can be changed, cannot be changed any more, or was deleted."""

    OPEN = "open"
    FINAL = "final"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class RemoteTicket:
    """Ticket there, as it is now, with everything that was said; `version` grows with every change.

    Of a deleted one only `id` and `state` count. `assignee` names whoever its field's value is. `stamp` is
    the backend's own mark of this state, for `write`.
    """

    id: str
    version: int
    state: RemoteState = RemoteState.OPEN
    fields: Mapping[MirrorField, RemoteField] = field(default_factory=dict)
    assignee: RemotePerson = NOT_SAID
    comments: tuple[RemoteComment, ...] = ()
    approvals: tuple[RemoteApproval, ...] = ()
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class RemoteChanges:
    """Tickets that changed there, from where the next look begins; `more` follow at once."""

    ids: tuple[str, ...]
    cursor: str
    more: bool = False


@runtime_checkable
class TwoWayBackend(Backend, Protocol):
    """Backend that is mirrored both ways: what was changed there is read, and counts here.

    Every method raises `DeliveryFailed` and nothing else. `key` is the same at every attempt; with `again` an
    earlier attempt may have succeeded, and the backend looks for it before it writes once more. Where a
    ticket takes nothing more, a comment on it fails with the code `gone_there` or `final_there`. One that
    derives from it and does less says so: what it cannot do fails, and is never passed over.
    """

    poll_seconds: float = 0  # after which `changes` is asked again; 0 where it is never asked

    def mount(self, app: Any) -> None:
        """Add its webhook's route to the aiohttp application (the desk knows no vendor, hence Any)."""

    async def create(self, new: NewRemoteTicket, key: str, *, again: bool) -> Mirrored:
        """Create a ticket there."""

    def address(self, remote_id: str) -> str:
        """Return the address where the team can open a ticket there; empty where its id does not tell it."""
        return ""

    async def read(self, remote_id: str) -> RemoteTicket:
        """Read a ticket with its comments; one that was deleted has the state GONE."""

    async def write(self, remote_id: str, changes: Mapping[MirrorField, str], seen: RemoteTicket) -> None:
        """Change these fields; fail with the code `changed_meanwhile` where it is not as it was `seen`."""

    async def say(self, remote_id: str, comment: OutgoingComment, key: str, *, again: bool) -> str:
        """Add a comment; return its id. It bears `key`, so that it is known when it is read again."""

    async def take_back(self, remote_id: str, comment_id: str) -> None:
        """Let the requester no longer read a comment; one that is gone is no error."""
        raise DeliveryFailed("cannot_take_back", permanent=True)

    async def forget(self, remote_id: str) -> None:
        """Take out there what the requester said and who they are, as far as the system lets us."""
        raise DeliveryFailed("cannot_forget", permanent=True)

    async def fetch(self, source: str, most: int) -> bytes:
        """Fetch the content of a file, at most `most` bytes."""
        raise DeliveryFailed("cannot_fetch", permanent=True)

    async def changes(self, cursor: str) -> RemoteChanges:
        """Return what changed since a cursor; for an empty one only from where the next look begins."""
        return RemoteChanges((), cursor)


@runtime_checkable
class ApprovingBackend(Protocol):
    """Backend whose tickets may need approvals."""

    async def decide(self, remote_id: str, decision: Decision, *, again: bool) -> None:
        """Decide an approval with our account; fail permanently where that system does not let it.

        One that is decided already is no error: how, is read.
        """


# --- two ways: what is kept ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MirrorState:
    """What is known of a ticket there: the values on which both sides agreed last, by field."""

    agreed: Mapping[MirrorField, str] = field(default_factory=dict)
    version: int = 0
    state: RemoteState = RemoteState.OPEN


@dataclass(frozen=True, slots=True)
class Due:
    """Ticket there that is to be read; `hints` is how often that was said."""

    conversation_id: int
    remote_id: str
    hints: int
    failures: int


class Mirrors(Protocol):
    """Repository of what is known of tickets that are mirrored both ways, by their conversation there."""

    def lock(self, conversation_id: int) -> MirrorState:
        """Return what is known of a ticket there, locked until the transaction ends."""

    def look(self, conversation_id: int) -> MirrorState:
        """Return what is known of a ticket there."""

    def save(self, conversation_id: int, state: MirrorState, at: datetime) -> None:
        """Keep what is known now."""

    def hint(self, conversation_id: int, at: datetime) -> None:
        """Let a ticket there be read from this time on."""

    def take(self, channel: str, now: datetime, until: datetime) -> Due | None:
        """Take the ticket of a backend that is due longest; nobody else takes it before `until`."""

    def read(self, due: Due) -> None:
        """Record that it was read; where it was said again meanwhile, it is due again."""

    def retry(self, due: Due, at: datetime) -> None:
        """Let it be read again at a time, after a failure."""

    def waiting(self, channel: str) -> int:
        """Return how many tickets of a backend are to be read."""

    def wrote(self, conversation_id: int, comment_id: str) -> bool:
        """Tell whether a comment there is a post of ours."""

    def taken(self, conversation_id: int) -> tuple[str, ...]:
        """Return the ids of the comments there that were taken in and not deleted since."""

    def newest_post(self, conversation_id: int) -> int:
        """Return the id of the newest post in a conversation, 0 where there is none."""

    def mute(self, conversation_id: int, after: int, at: datetime) -> None:
        """Let no reply be posted in a conversation that is newer than a post; it must be locked."""
