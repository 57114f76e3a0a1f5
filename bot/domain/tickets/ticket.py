"""Tickets, their statuses, and the actions that change them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from bot.domain.people import Person

FIRST_NUMBER = 1001


class Status(StrEnum):
    """Status of a ticket."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


class Priority(IntEnum):
    """Priority of a ticket: how soon somebody must look at it."""

    LOW = 1
    NORMAL = 2
    HIGH = 3
    URGENT = 4

    @classmethod
    def parse(cls, name: str | None) -> "Priority":
        """Parse a priority as an intent names it; normal for None."""
        return cls[name.upper()] if name else cls.NORMAL

    def raised(self) -> "Priority":
        """Return the next higher priority, urgent at most."""
        return Priority(min(self + 1, Priority.URGENT))


class TicketAction(StrEnum):
    """Action that changes a ticket."""

    CLAIM = "claim"
    RELEASE = "release"
    RESOLVE = "resolve"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    ASSIGN = "assign"
    TRANSFER = "transfer"
    MERGE = "merge"
    SPLIT = "split"  # a merged ticket from the one that it was merged into
    END = "end"  # its known outage is over
    PRIORITIZE = "prioritize"
    LINK = "relate"  # "link" is what opens an address, in buttons
    GROUP = "group"  # under a known outage


@dataclass(frozen=True, slots=True)
class Rule:
    """Rule of an action: the statuses from which it is possible, and the one to which it leads.

    A `target` of None keeps the status. With `assignee_only` it is the assignee's alone. With `merged` it is
    for merged tickets only; without, for tickets that are not merged.
    """

    sources: tuple[Status, ...]
    target: Status | None
    assignee_only: bool = False
    merged: bool = False


LIVE = (Status.OPEN, Status.CLAIMED)
RULES = {
    TicketAction.CLAIM: Rule((Status.OPEN,), Status.CLAIMED),
    TicketAction.RELEASE: Rule((Status.CLAIMED,), Status.OPEN, assignee_only=True),
    TicketAction.RESOLVE: Rule((Status.CLAIMED,), Status.RESOLVED, assignee_only=True),
    TicketAction.WITHDRAW: Rule(LIVE, Status.WITHDRAWN),
    TicketAction.REOPEN: Rule((Status.RESOLVED, Status.WITHDRAWN), Status.OPEN),
    TicketAction.ASSIGN: Rule(LIVE, Status.CLAIMED),
    TicketAction.TRANSFER: Rule(LIVE, Status.OPEN),
    TicketAction.MERGE: Rule(LIVE, Status.RESOLVED),
    TicketAction.SPLIT: Rule((Status.RESOLVED,), Status.OPEN, merged=True),
    TicketAction.END: Rule(LIVE, Status.RESOLVED),
    TicketAction.PRIORITIZE: Rule(LIVE, None),
    TicketAction.LINK: Rule(LIVE, None),
    TicketAction.GROUP: Rule(LIVE, None),
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """Ticket: a request that a person must look at.

    `reference` is the number that people see, `token` the id that buttons carry. Its texts are kept apart,
    under `question_id` and `note_id`.
    """

    id: int
    token: str
    status: Status
    priority: Priority
    queue: str
    language: str
    requester: Person
    episode_id: int
    question_id: int
    opened_at: datetime
    opened_by: Person | None = None
    assignee: Person | None = None
    claimed_at: datetime | None = None
    closed_at: datetime | None = None
    note_id: int | None = None
    channel: str = ""
    link: str = ""
    notes_only: bool = False  # nothing that engineers write reaches the employee
    target: str = ""  # the article or intent that it is about, if any was near
    why: tuple[str, ...] = ()  # codes of the reasons for its priority
    merged_into: int | None = None  # the ticket that is worked on in its place
    outage_id: int | None = None
    cluster_id: int | None = None  # the cluster of like tickets whose lead's card stands for it
    first_response_due: datetime | None = None
    resolution_due: datetime | None = None
    responded_at: datetime | None = None
    timing_key: str = ""  # what its deadlines were computed from
    expected_by: datetime | None = None  # by when, as the requester was told, somebody usually answers

    @property
    def reference(self) -> str:
        """Return the reference that people see, such as HELP-1042."""
        return format_reference(self.id)

    @property
    def live(self) -> bool:
        """Tell whether the ticket is open or claimed."""
        return self.status in LIVE

    @property
    def settled(self) -> bool:
        """Tell whether it was resolved for its own requester, not as a part of another ticket."""
        return self.status is Status.RESOLVED and self.merged_into is None

    def is_assigned_to(self, person: Person) -> bool:
        """Tell whether this person is the assignee."""
        return self.assignee is not None and self.assignee.is_same(person)

    def allows(self, action: TicketAction) -> bool:
        """Tell whether this action is possible in the ticket's status."""
        rule = RULES[action]
        return self.status in rule.sources and rule.merged == (self.merged_into is not None)

    def may_merge_into(self, other: "Ticket") -> bool:
        """Tell whether this ticket may be merged into another: both are live, and they are not the same."""
        return self.id != other.id and self.allows(TicketAction.MERGE) and other.allows(TicketAction.MERGE)


HYPHENS = "-\u2010\u2011\u2012\u2013\u2212"  # as word processors write them, too
HELP = "HELP"  # before a number where nothing else was set; what was posted so is understood for ever
_prefixes = [HELP]  # the one in use first: one process serves one desk, and says it once at its start


def name_tickets(prefix: str) -> None:
    """Let references begin with this prefix in this process."""
    _prefixes[:] = [prefix, HELP]


def is_prefix(text: str) -> bool:
    """Tell whether a text may stand before a ticket's number."""
    return text.upper() in _prefixes


def format_reference(ticket_id: int) -> str:
    """Format the reference that people see for a ticket's id."""
    return f"{_prefixes[0]}-{ticket_id + FIRST_NUMBER - 1}"


def find_references(text: str) -> Iterator[re.Match[str]]:
    """Find the references of tickets in a text."""
    return re.finditer(rf"\b(?:{'|'.join(_prefixes)})[{HYPHENS}][1-9][0-9]{{0,11}}\b", text, re.IGNORECASE)


def as_written_here(reference: str) -> str:
    """Return a reference that was found as it is written here: in capitals, with a plain hyphen."""
    return reference.upper().translate(dict.fromkeys(map(ord, HYPHENS), "-"))


def parse_ticket_id(text: str) -> int | None:
    """Parse `HELP-1042`, `help 1042`, `#1042` or `1042`; None when it is no ticket's number."""
    digits = text.strip().upper()
    before = next((prefix for prefix in _prefixes if digits.startswith(prefix)), "")
    digits = digits.removeprefix(before).lstrip(f" #{HYPHENS}")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        return None
    number = int(digits) - FIRST_NUMBER + 1
    return number if number > 0 else None
