"""The life of a ticket: open, claimed, resolved or withdrawn."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from bot.domain.people import Person

FIRST_NUMBER = 1001


class Status(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


class Priority(IntEnum):
    """How soon somebody must look at it."""

    LOW = 1
    NORMAL = 2
    HIGH = 3
    URGENT = 4

    @classmethod
    def parse(cls, name: str | None) -> "Priority":
        """Read a priority as it stands in an intent."""
        return cls[name.upper()] if name else cls.NORMAL

    def raised(self) -> "Priority":
        """One step up."""
        return Priority(min(self + 1, Priority.URGENT))


class Move(StrEnum):
    """What can be done to a ticket."""

    CLAIM = "claim"
    RELEASE = "release"
    RESOLVE = "resolve"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Rule:
    """From where a move starts, where it leads, and whether only the assignee may make it."""

    sources: tuple[Status, ...]
    target: Status
    assignee_only: bool = False


RULES = {
    Move.CLAIM: Rule((Status.OPEN,), Status.CLAIMED),
    Move.RELEASE: Rule((Status.CLAIMED,), Status.OPEN, assignee_only=True),
    Move.RESOLVE: Rule((Status.CLAIMED,), Status.RESOLVED, assignee_only=True),
    Move.WITHDRAW: Rule((Status.OPEN, Status.CLAIMED), Status.WITHDRAWN),
    Move.REOPEN: Rule((Status.RESOLVED, Status.WITHDRAWN), Status.OPEN),
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """One request that a person must look at.

    `reference` is what people see, `token` is what buttons carry. Texts are kept apart, under `question_id`.
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

    @property
    def reference(self) -> str:
        """The number that people see, such as HELP-1042."""
        return reference(self.id)

    @property
    def live(self) -> bool:
        """Whether somebody still has to do something."""
        return self.status in (Status.OPEN, Status.CLAIMED)

    def allows(self, move: Move) -> bool:
        """Whether this move starts from where the ticket stands."""
        return self.status in RULES[move].sources


def reference(ticket_id: int) -> str:
    """The number that people see for a ticket's id."""
    return f"HELP-{ticket_id + FIRST_NUMBER - 1}"


def ticket_id_of(text: str) -> int | None:
    """Read `HELP-1042`, `help 1042`, `#1042` or `1042`; None when it is no ticket's number."""
    digits = text.strip().upper().removeprefix("HELP").lstrip(" -#")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        return None
    number = int(digits) - FIRST_NUMBER + 1
    return number if number > 0 else None
