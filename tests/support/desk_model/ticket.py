"""One ticket of the model, and what the desk should do for it by itself."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.tickets.ticket import format_reference

HOUR = timedelta(hours=1)
FIRST_RESPONSE, RESOLUTION = 4 * HOUR, 24 * HOUR
UNCLAIMED, SILENT, RELEASE, CLOSE = HOUR, 2 * HOUR, HOUR, timedelta(days=3)
REOPEN = timedelta(days=14)
AHEAD = 0.75  # of a target, before it is reminded of
MOST_CALLS = 8
LOW = 2


@dataclass
class Told:
    """A target that was reminded of or missed: never twice for the same due time."""

    act: str
    target: str
    due: datetime


@dataclass(eq=False)
class Outage:
    """One known outage, or an alert's."""

    title: str
    topic: str
    live: bool = True


@dataclass(eq=False, repr=False)
class Ticket:
    """A ticket as it should be."""

    id: int
    person: str
    topic: str
    thread: str
    opened_at: datetime
    status: str = "open"
    assignee: str = ""
    into: "Ticket | None" = None
    outage: Outage | None = None
    card: bool = True
    joined: bool = False
    notes_only: bool = False
    closed_at: datetime | None = None
    followed_by: "Ticket | None" = None
    was_asked_how: bool = False  # whether any end could be rated
    asked_how: bool = False  # whether the last end can be rated
    way_back: bool = False  # whether “Still not working” can be pressed
    mark: int = 0
    commented: bool = False
    asked_details: bool = False
    answers: dict[str, str] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)
    responded: bool = False
    told: list[Told] = field(default_factory=list)
    since: datetime = field(init=False)
    open_since: datetime = field(init=False)
    calls: int = 0
    called_at: datetime | None = None
    worked_at: datetime | None = None
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    turn_at: datetime | None = None
    waiting: bool = False  # for the employee

    def __post_init__(self) -> None:
        self._begin(self.opened_at)

    def _begin(self, at: datetime) -> None:
        self.since = self.open_since = at
        self.calls, self.called_at, self.responded = 0, None, False
        self.worked_at = self.asked_at = self.answered_at = self.turn_at = None
        self.waiting = False

    def __repr__(self) -> str:
        return f"{self.ref} ({self.status})"

    @property
    def ref(self) -> str:
        """What people call it."""
        return format_reference(self.id)

    @property
    def live(self) -> bool:
        """Whether somebody still has to do something."""
        return self.status in ("open", "claimed")

    @property
    def goes_on(self) -> "Ticket | None":
        """The ticket that lives for this one."""
        now = self if self.into is None or self.followed_by is not None else self.into
        return now if now.live else None

    @property
    def low(self) -> bool:
        """Whether the card offers to reopen."""
        asked = self.status == "resolved" and self.asked_how
        return asked and self.followed_by is None and 0 < self.mark <= LOW

    @property
    def was_alone(self) -> bool:
        """Whether it did not end together with others."""
        return self.outage is None and self.into is None

    def ask_how(self) -> None:
        """It has ended: how it went is asked, and it may come back."""
        self.was_asked_how = self.asked_how = self.way_back = True
        self.mark, self.commented = 0, False

    def held_by(self, who: str) -> bool:
        """Whether somebody has it."""
        return self.status == "claimed" and self.assignee == who

    def record(self, kind: str, at: datetime, by: str = "") -> None:
        """Note what happened, and what follows for what the desk does by itself."""
        self.events[kind] += 1
        match kind:
            case "reopened":
                self._begin(at)
            case "released" | "split" | "ungrouped":
                self.open_since, self.calls, self.called_at, self.asked_at = at, 0, None, None
            case "claimed" | "assigned":
                self.worked_at, self.asked_at, self.responded = at, None, True
            case "added" | "details":
                self.turn_at = at if self.waiting else self.turn_at
                self.waiting = False
            case "sent" | "asked_details":
                self.waiting, self.answered_at = True, at
        if by and self.held_by(by) and kind not in ("added", "details"):
            self.worked_at, self.asked_at = at, None


Due = tuple[datetime, str, str]


def due(ticket: Ticket, now: datetime) -> list[Due]:
    """What the desk has to do for a ticket now: when, what, and for which target."""
    if not ticket.live or ticket.outage is not None:
        return []
    found = [*_targets(ticket, now)]
    if ticket.status == "open":
        wait = UNCLAIMED * 2**ticket.calls
        if ticket.calls < MOST_CALLS:
            found.append(((ticket.called_at or ticket.open_since) + wait, "called", ""))
    elif ticket.waiting and ticket.answered_at is not None:
        found.append((ticket.answered_at + CLOSE, "closed", ""))
    elif ticket.asked_at is not None:
        found.append((ticket.asked_at + RELEASE, "released", ""))
    else:
        quiet = max(at for at in (ticket.since, ticket.worked_at, ticket.turn_at) if at is not None)
        found.append((quiet + SILENT, "nudged", ""))
    return sorted(one for one in found if one[0] <= now)


def _targets(ticket: Ticket, now: datetime) -> Iterator[Due]:
    wanted = {"resolution": RESOLUTION}
    if not ticket.responded and ticket.status == "open":
        wanted["first_response"] = FIRST_RESPONSE
    for target, amount in wanted.items():
        at = ticket.since + amount
        if Told("breached", target, at) in ticket.told:
            continue
        if at <= now:
            yield at, "breached", target
        elif Told("reminded", target, at) not in ticket.told:
            yield ticket.since + amount * AHEAD, "reminded", target
