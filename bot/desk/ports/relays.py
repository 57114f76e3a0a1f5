"""What the desk needs of the storage to pass messages between an employee and the rooms."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.desk.ports.channels import File
from bot.domain.conversations.messages import Attachment, ConversationRef
from bot.domain.tickets.relay import RelayedMessage


@dataclass(frozen=True, slots=True)
class Copy:
    """A post of ours that carries a message of a ticket's conversation to others."""

    post_id: int
    conversation_id: int
    to_employee: bool
    alive: bool  # it waits or was delivered
    removed: bool
    file: bool


class Relays(Protocol):
    """What was written in tickets' conversations, and where it went."""

    def settle(self, relay: RelayedMessage) -> RelayedMessage | None:
        """Keep a message under its first receipt; None when it was settled before."""

    def find(self, ref: ConversationRef, message: str) -> RelayedMessage | None:
        """The message with this id in this place, held until the transaction ends."""

    def save(self, relay: RelayedMessage) -> None:
        """Store its new state; a note stays one whatever is given."""

    def carry(self, relay: RelayedMessage, post_id: int, *, to_employee: bool) -> None:
        """Note that a post carries it."""

    def copies(self, relay: RelayedMessage) -> tuple[Copy, ...]:
        """The posts that carry it: the employee's first, then by conversation."""

    def carried_by(self, post_id: int) -> tuple[RelayedMessage, bool] | None:
        """What a post carries, and whether it is the employee's."""

    def add_file(
        self, relay: RelayedMessage, channel: str, attachment: Attachment, expires_at: datetime
    ) -> int:
        """Keep what is known of a file; return its id."""

    def file(self, file_id: int) -> File | None:
        """A file with its content, where that is kept."""

    def readable(self, file_id: int, *, to_employee: bool) -> File | None:
        """The same, unless its message was deleted, or is a note and it is for the employee."""

    def file_for(self, file_id: int, person_id: int) -> File | None:
        """The same, where it was sent to this person as the ticket's requester, or by them."""

    def keep_content(self, file_id: int, content: bytes) -> None: ...
    def erase_files(self, before: datetime) -> int:
        """Drop the contents that have expired; return how many."""
