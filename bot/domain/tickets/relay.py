"""Decides who reads a message of a ticket's conversation: the rules that keep notes in the rooms."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.forms import decomposed
from bot.domain.people import Person
from bot.domain.tickets.ticket import Status, Ticket

NOTE_SIGN = "//"
# Signs that a client puts before a line that is a quotation, a list item, or in another typeface.
_LEADING = re.compile(r"(?:[>*_~`•◦▪‣·–—+|-]|(?:[0-9]{1,3}|[a-z])[.)])+", re.IGNORECASE)
_LINE_ENDS = str.maketrans(dict.fromkeys("\v\f\x1c\x1d\x1e\x85\u2028\u2029", "\n"))


class Visibility(StrEnum):
    """Visibility of a message of a ticket's conversation."""

    SENT = "sent"  # from an engineer: the employee and every room read it
    NOTE = "note"  # from an engineer, marked as a note: it stays in the rooms for ever
    ROOM = "room"  # from an engineer who is not the assignee, or not now: it stays in the rooms
    FROM_EMPLOYEE = "asked"  # from the employee: every room reads it


class Mark(StrEnum):
    """Sign beside an engineer's message that shows who reads it."""

    SENT = "sent"
    NOTE = "note"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class RelayedMessage:
    """Message of a ticket's conversation, as it was settled at its first receipt.

    `conversation_id` and `message`, the platform's own id, say where it was written. `mark_id` is the post of
    its mark. `gone` means that its writer has deleted it.
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
    """Tell whether a text is marked as a note: any line of it begins with `//`.

    The safe reading: one such line makes the whole message a note; full-width slashes, and slashes after
    invisible characters, a quotation's or a list's sign, count too.
    """
    return any(_bare(line).startswith(NOTE_SIGN) for line in text.translate(_LINE_ENDS).splitlines())


def decide_visibility(ticket: Ticket, author: Person, text: str) -> Visibility:
    """Decide who reads an engineer's message, by the state of the ticket at the first receipt."""
    if ticket.notes_only or is_note(text):
        return Visibility.NOTE
    assigned = ticket.is_assigned_to(author) and ticket.status is Status.CLAIMED
    return Visibility.SENT if assigned else Visibility.ROOM


def decide_visibility_after_edit(visibility: Visibility, ticket: Ticket, text: str) -> Visibility:
    """Decide who reads a message after an edit: an engineer's may become a note, and then stays one."""
    if visibility is Visibility.FROM_EMPLOYEE:
        return visibility
    return Visibility.NOTE if ticket.notes_only or is_note(text) else visibility


def _bare(line: str) -> str:
    plain = decomposed(line)
    shown = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cc", "Mn", "Me", "Zs"))
    leading = _LEADING.match(shown)
    return shown[leading.end() :] if leading else shown
