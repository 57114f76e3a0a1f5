"""Port of what the page shows: messages with their files, and cards."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.desk.ports.tickets import FoundTickets, InboxEntry, LookBack, QueueChoice
from bot.domain.conversations.messages import ConversationRef, Reply
from bot.domain.people import Identity, Person
from bot.domain.tickets.relay import Visibility
from bot.domain.tickets.ticket import Ticket


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
class Message:
    """Message of a conversation, for the page: somebody's (`author`) or the bot's reply.

    Where its writer may edit and delete it, `own` is its id in its channel and `author_id` the writer's id.
    `visibility` says who reads it, `gone` that its writer deleted it, `ticket` about which one it is.
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
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """Card of a ticket in a room, with its question and a page of the messages in its thread.

    `earlier` leads to the page before, empty where there is none. `back` is the requester's conversation,
    `queue` the id of the queue in force. Without `written` nothing can be written under it: another
    card stands for it. `followed` names the ticket that goes on with a closed one.
    """

    ticket: Ticket
    reply: Reply
    thread: tuple[Message, ...] = ()
    question: str = ""
    heard: int = 0
    earlier: str = ""
    back: ConversationRef | None = None
    queue: str = ""
    written: bool = True
    followed: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a reader of the room may do: act on the tickets of these queues, by their ids."""

    person: Person | None = None
    queues: frozenset[str] = frozenset()

    def has(self, ticket: Ticket) -> bool:
        """Tell whether the reader is the assignee of a ticket."""
        return self.person is not None and ticket.is_assigned_to(self.person)


@dataclass(frozen=True, slots=True)
class ReadyReply:
    """Canned response for one ticket: its title in the reader's language, its text in the requester's."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class OwnTicket:
    """Ticket in its requester's list: what it is about in their own words, and how it stands."""

    ticket: Ticket
    subject: str
    state: str


class PageView(Protocol):
    """View of what the page shows; it only reads, and is synchronous: call it through `Host.read`."""

    def conversation(self, ref: ConversationRef, limit: int = 200) -> tuple[Message, ...]:
        """Return the newest messages of one conversation, oldest first."""

    def live(self, ref: ConversationRef) -> tuple[InboxEntry, ...]:
        """Return the live tickets with a card in a room, the most urgent and oldest first."""

    def look_back(self, ref: ConversationRef, look: LookBack) -> FoundTickets:
        """Search through the tickets that have or had a card in a room; a look goes only so far back."""

    def ticket(
        self, ref: ConversationRef, ticket_id: int, language: str = "", before: str = ""
    ) -> Card | None:
        """Return a ticket of a room, in the reader's language or the desk's; None where it is not there."""

    def standing(self, identity: Identity) -> Standing:
        """Return what somebody may do to the tickets of a room now."""

    def queues(self, ref: ConversationRef, language: str) -> tuple[QueueChoice, ...]:
        """Return the queues with a room, none where no file names any; nothing is read for that."""

    def ready_replies(self, ticket_id: int, language: str, engineer: str) -> tuple[ReadyReply, ...]:
        """Return what an engineer may send about a ticket, filled in, its queue's own first."""

    def outages(self, language: str = "") -> tuple[Reply, ...]:
        """Return the posts of live outages, and of live alerts that have started none."""

    def notices(self, ref: ConversationRef, limit: int = 50) -> tuple[Message, ...]:
        """Return the newest messages in the room itself, with those that are private to somebody."""

    def opens(self, room: ConversationRef, member: Identity) -> bool:
        """Tell whether a member of a room may read it today; nothing is read for that."""

    def mark(self) -> str:
        """Return a mark that changes whenever a committed row changes what the page shows."""
