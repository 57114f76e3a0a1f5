"""Repository of messages that are relayed between an employee and the rooms."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.desk.ports.page import File
from bot.domain.conversations.messages import Attachment, ConversationRef
from bot.domain.tickets.relay import RelayedMessage


@dataclass(frozen=True, slots=True)
class Copy:
    """Copy of a message of a ticket's conversation, in a post of the bot."""

    post_id: int
    conversation_id: int
    to_employee: bool
    alive: bool  # it waits or was delivered
    removed: bool
    file: bool


class Relays(Protocol):
    """Repository of relayed messages, their copies and files."""

    def settle(self, relay: RelayedMessage) -> RelayedMessage | None:
        """Keep a message at its first receipt; return None when it was kept before."""

    def find(self, ref: ConversationRef, message: str) -> RelayedMessage | None:
        """Return the message with this id in a place, locked until the transaction ends."""

    def save(self, relay: RelayedMessage) -> None:
        """Store the new state of a message; a note stays one whatever is given."""

    def sent(self, ticket_id: int) -> tuple[tuple[int | None, str], ...]:
        """Return what the engineers sent to the requester, in order, with each writer; nothing deleted."""

    def carry(self, relay: RelayedMessage, post_id: int, *, to_employee: bool) -> None:
        """Record that a post is a copy of a message."""

    def copies(self, relay: RelayedMessage) -> tuple[Copy, ...]:
        """Return the copies of a message: the employee's first, then by conversation."""

    def carried_by(self, post_id: int) -> tuple[RelayedMessage, bool] | None:
        """Return the message that a post is a copy of, and whether the copy is the employee's."""

    def add_file(
        self, relay: RelayedMessage, channel: str, attachment: Attachment, expires_at: datetime
    ) -> int:
        """Keep what is known about a file; return its id."""

    def file(self, file_id: int) -> File | None:
        """Return a file with its content, where that is kept."""

    def readable(self, file_id: int, *, to_employee: bool) -> File | None:
        """Return the file, unless its message was deleted, or is a note and the reader is the employee."""

    def file_for(self, file_id: int, person_id: int) -> File | None:
        """Return the file, where it was sent to this person as the ticket's requester, or by them."""

    def drop_files(self, relay: RelayedMessage, *, names: bool) -> None:
        """Forget the contents of a message's files, and their names."""

    def keep_content(self, file_id: int, content: bytes) -> None: ...
    def erase_files(self, before: datetime) -> int:
        """Drop the contents that have expired; return how many."""
