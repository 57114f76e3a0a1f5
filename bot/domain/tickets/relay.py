"""Who reads what is written under a ticket's card: the rule that keeps notes in the room."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.tickets.ticket import Status, Ticket

NOTE_SIGN = "//"
# What a client puts before a line that is a quotation, an item of a list, or set in another face.
_LEADING = re.compile(r"(?:[>*_~`•◦▪‣·–—+|-]|(?:[0-9]{1,3}|[a-z])[.)])+", re.IGNORECASE)
_LINE_ENDS = str.maketrans(dict.fromkeys("\v\f\x1c\x1d\x1e\x85\u2028\u2029", "\n"))


class Visibility(StrEnum):
    """Where a message of a ticket's conversation goes."""

    SENT = "sent"  # an engineer's, to the employee and every room
    NOTE = "note"  # an engineer's, marked: it stays in the rooms for ever
    ROOM = "room"  # an engineer's who is not the assignee, or not now: it stays in the rooms
    FROM_EMPLOYEE = "asked"  # the employee's, to every room


class Mark(StrEnum):
    """The small sign beside an engineer's message that says where it went."""

    SENT = "sent"
    NOTE = "note"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class RelayedMessage:
    """One message of a ticket's conversation, under its first receipt.

    `conversation_id` and `message` say where it was written, under the platform's own id. `mark_id` is the
    post of its mark. `gone` means that its writer has deleted it.
    """

    id: int
    ticket_id: int
    conversation_id: int
    message: str
    author_id: int | None
    visibility: Visibility
    text_id: int
    changed_at: datetime
    mark_id: int | None = None
    gone: bool = False


def is_note(text: str) -> bool:
    """Whether a text is marked as a note: any line of it begins with `//`.

    The safe reading: one such line makes the whole message a note, wide slashes and slashes behind
    something invisible, a quotation's or a list's sign count too.
    """
    return any(_bare(line).startswith(NOTE_SIGN) for line in text.translate(_LINE_ENDS).splitlines())


def decide_visibility(ticket: Ticket, author_id: int, text: str) -> Visibility:
    """Where an engineer's message goes, as the ticket stands at its first receipt."""
    if ticket.notes_only or is_note(text):
        return Visibility.NOTE
    assigned = ticket.assignee is not None and ticket.assignee.id == author_id
    return Visibility.SENT if assigned and ticket.status is Status.CLAIMED else Visibility.ROOM


def decide_visibility_after_edit(visibility: Visibility, ticket: Ticket, text: str) -> Visibility:
    """Where an engineer's message stands after an edit: it may become a note, and then stays one."""
    if visibility is Visibility.FROM_EMPLOYEE:
        return visibility
    return Visibility.NOTE if ticket.notes_only or is_note(text) else visibility


def _bare(line: str) -> str:
    plain = unicodedata.normalize("NFKC", line)
    shown = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cc", "Mn", "Me", "Zs"))
    leading = _LEADING.match(shown)
    return shown[leading.end() :] if leading else shown
