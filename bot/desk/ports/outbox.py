"""What the desk needs of the storage to say things, and to deliver what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.desk.ports.channels import File, Receipt
from bot.domain.conversations.messages import ConversationRef, Reply
from bot.domain.people import Identity
from bot.domain.tickets.relay import Mark


@dataclass(frozen=True, slots=True)
class Waiting:
    """An outbox row as an operator sees it; no text."""

    id: int
    kind: str
    channel: str
    space: str
    ticket: str | None
    status: str
    attempts: int
    error: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """A post with a file, and whether its reader has answered already."""

    conversation_id: int
    file_id: int
    answered: bool


class Outbox(Protocol):
    def say(
        self,
        conversation_id: int,
        reply: Reply,
        at: datetime,
        *,
        ticket_id: int | None = None,
        private_to: Identity | None = None,
        file_id: int | None = None,
        naming: Sequence[int] = (),
    ) -> int:
        """Post a reply after everything that waits in this conversation.

        Its buttons hang on the tickets of `naming`, without any on `ticket_id`.
        """

    def with_buttons(self, ticket_id: int) -> tuple[tuple[int, int], ...]:
        """The conversations and posts with buttons that name a ticket, or hang on it."""

    def revise(self, post_id: int, reply: Reply, at: datetime) -> None:
        """Change an earlier post to this."""

    def remove(self, post_id: int, instead: Reply, at: datetime) -> None:
        """Take an earlier post away, or do not post it at all; `instead` where it can only be changed."""

    def mark(
        self,
        conversation_id: int,
        message: str,
        mark: Mark,
        reply: Reply,
        at: datetime,
        *,
        earlier: int | None,
    ) -> int:
        """Put a sign on somebody's message, in place of an earlier one; `reply` says it in words."""

    def offer(self, post_id: int) -> Offer | None:
        """The file that a post offers, unless it is taken back; the post's conversation must be held."""

    def hand_over(self, post_id: int, at: datetime) -> None:
        """Let the offered file take the place of its offer."""

    def amend(self, post_id: int, reply: Reply, at: datetime) -> None:
        """Change an earlier post to this; changes that follow each other quickly are delivered as one."""

    def read(self, post_id: int) -> Reply:
        """What an earlier post says."""

    def show_card(self, ticket_id: int, conversation_id: int, at: datetime) -> None:
        """Show the ticket as it will be when this is delivered."""

    def show_home(self, conversation_id: int, identity: Identity, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class LeasedPost:
    """The first waiting post of a conversation that the courier has leased."""

    id: int
    conversation_id: int
    lease: int
    conversation: ConversationRef
    kind: str  # reply, card or home
    attempts: int
    ticket_id: int | None
    private_to: Identity | None
    edit: str
    body: str | None = None  # of a reply, as it is stored
    revises: int = 0
    removed: bool = False
    mark: Mark | None = None
    mark_of: str = ""
    file: File | None = None
    left: bool = False  # a card of a ticket that has gone to another queue


class Deliveries(Protocol):
    """The courier's side of the outbox."""

    def lease(
        self, now: datetime, until: datetime, limit: int, channels: Sequence[str]
    ) -> tuple[LeasedPost, ...]:
        """Take the first waiting posts of at most `limit` conversations of these channels until then."""

    def reply(self, leased: LeasedPost) -> Reply:
        """What a leased post of kind reply says; raise `PostUnreadable`."""

    def mark_sent(self, leased: LeasedPost, receipt: Receipt, now: datetime) -> None: ...
    def retry(self, leased: LeasedPost, at: datetime, error: str, *, hold_space: bool) -> None:
        """Try again then; with `hold_space`, nothing goes to that place before."""

    def dead_letter(self, leased: LeasedPost, error: str, now: datetime) -> None: ...
    def backlog(self, channels: Sequence[str]) -> tuple[int, int, datetime | None]:
        """How many posts of these channels wait, how many are dead, and since when the oldest waits."""

    def listed(self, statuses: Sequence[str], limit: int) -> tuple[Waiting, ...]: ...
    def requeue(self, ids: Sequence[int] | None, now: datetime) -> int:
        """Let dead posts be tried again, all of them for None; return how many."""
