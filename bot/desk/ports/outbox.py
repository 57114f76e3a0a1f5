"""Repositories of posts: the outbox, and its deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.desk.ports.channels import Receipt
from bot.desk.ports.page import File
from bot.domain.conversations.messages import ConversationRef, Reply
from bot.domain.people import Identity
from bot.domain.tickets.relay import Mark


@dataclass(frozen=True, slots=True)
class Waiting:
    """Outbox row as an operator sees it, without text."""

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
    """Post that offers a file, and whether its reader has answered already."""

    conversation_id: int
    file_id: int
    answered: bool


@dataclass(frozen=True, slots=True)
class Posted:
    """Reply that was queued or posted; `changeable` where the chat can still show another in its place."""

    id: int
    reply: Reply
    changeable: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """Look through old posts: the last id, how many were given up, and whether there are more."""

    last: int
    given_up: int
    more: bool


class Outbox(Protocol):
    """Repository of posts, in the order in which they are said."""

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
        """Post a reply after everything that waits in this conversation; return the post's id.

        Its buttons belong to the tickets of `naming`, or without any to `ticket_id`.
        """

    def with_buttons(self, ticket_id: int) -> tuple[tuple[int, int], ...]:
        """Return the conversations and posts with buttons that name a ticket, or belong to it."""

    def unsent(self, conversation_id: int, at: datetime) -> tuple[int, ...]:
        """Return the posts of a moment that name no ticket; none where one of them was sent already."""

    def waits(self, conversation_id: int) -> bool:
        """Tell whether a post waits in this conversation."""

    def revise(self, post_id: int, reply: Reply, at: datetime) -> None:
        """Change an earlier post to this reply."""

    def remove(self, post_id: int, instead: Reply, at: datetime) -> None:
        """Delete an earlier post, or do not post it at all; show `instead` where it can only be changed."""

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
        """Put a mark on somebody's message, in place of an earlier one; `reply` says it in words."""

    def offer(self, post_id: int) -> Offer | None:
        """Return the offer of a post, unless it was taken back; the post's conversation must be locked."""

    def hand_over(self, post_id: int, at: datetime) -> None:
        """Replace the offer by its file."""

    def amend(self, post_id: int, reply: Reply, at: datetime) -> None:
        """Change an earlier post to this reply; changes in quick succession are delivered as one."""

    def since(self, conversation_id: int, at: datetime) -> tuple[Posted, ...]:
        """Return the replies of a conversation from a time on, without what was taken away."""

    def reword(self, post_id: int, reply: Reply) -> None:
        """Let an earlier post say this from now on, without a word to the chat."""

    def read(self, post_id: int) -> Reply:
        """Return what an earlier post says; a reply without blocks where this version cannot read it."""

    def token_of(self, conversation_id: int, message: str) -> str:
        """Return the token of the episode whose last post with buttons a message is, by the platform's id.

        It is empty for a message of anything else, and for one that is long past.
        """

    def show_card(self, ticket_id: int, conversation_id: int, at: datetime) -> None:
        """Show the ticket as it is when this is delivered."""

    def show_home(self, conversation_id: int, identity: Identity, at: datetime) -> None: ...
    def give_up_sent(self, before: datetime, at: datetime, after: int, limit: int) -> Looked:
        """Delete posts sent before then that nothing can change; look at so many after an id."""


@dataclass(frozen=True, slots=True)
class LeasedPost:
    """First waiting post of a conversation, leased to the dispatcher."""

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
    left: bool = False  # a card in a room that the ticket has left
    trace: str = ""  # of the event that it follows from
    fault: str = ""  # why the row could not be read, where it could not


class Capacity(Protocol):
    """Capacity for posts on their way, by channel and by place, and how much of it is taken."""

    @property
    def conversations(self) -> Sequence[int]:
        """Return the conversations whose posts are on their way: nobody else has their leases."""

    @property
    def channels(self) -> Sequence[str]:
        """Return the channels that can take more."""

    @property
    def full(self) -> Sequence[str]:
        """Return the places that can take no more, as `ConversationRef.place`."""

    def take(self, channel: str, place: str) -> bool:
        """Take one more for this place; False where there is none left."""


class Deliveries(Protocol):
    """Repository of deliveries: the dispatcher's side of the outbox."""

    def lease(self, now: datetime, until: datetime, limit: int, capacity: Capacity) -> tuple[LeasedPost, ...]:
        """Lease the first waiting posts of at most `limit` conversations until a time, within a capacity."""

    def reply(self, leased: LeasedPost) -> Reply:
        """Return what a leased post of kind reply says; raise `PostUnreadable`."""

    def mark_sent(self, leased: LeasedPost, receipt: Receipt, now: datetime) -> None: ...
    def retry(self, leased: LeasedPost, at: datetime, error: str, *, hold_space: bool) -> None:
        """Retry at a time; with `hold_space`, nothing goes to that place before."""

    def count_retries(self, channel: str, now: datetime) -> int:
        """Return in how many conversations of a channel a post waits for another attempt."""

    def bring_forward(self, channel: str, now: datetime, limit: int) -> None:
        """Let at most so many of the posts of a channel that wait for another attempt be due now."""

    def shorten_waits(self, now: datetime, latest: datetime, lease_until: datetime) -> None:
        """Let what waits for longer than `latest` wait no more, and leases end at `lease_until` at last."""

    def dead_letter(self, leased: LeasedPost, error: str, now: datetime) -> None: ...
    def backlog(self, channels: Sequence[str]) -> tuple[int, int, datetime | None]:
        """Return how many posts of these channels wait, how many posts are dead letters, and a time.

        The time is that of the oldest waiting post, None where none waits.
        """

    def listed(self, statuses: Sequence[str], limit: int) -> tuple[Waiting, ...]: ...
    def requeue(self, ids: Sequence[int] | None, now: datetime) -> int:
        """Let dead letters be tried again, all of them for None; return how many."""
