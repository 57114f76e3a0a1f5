"""Says what of the inbox a window shows: which list, which page of it, what is searched for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.desk.ports.page import Standing
from bot.desk.ports.tickets import InboxEntry, LookBack, QueueChoice
from bot.domain.forms import folded
from bot.domain.tickets.schedule import first_response_due
from bot.domain.tickets.ticket import Priority, Status, Ticket, parse_ticket_id

VIEWS = ("mine", "unclaimed", "all", "closed")
LIVE_VIEWS = ("mine", "unclaimed", "all")
ROWS = 50  # on one page of a list
LONGEST_SEARCH = 80  # characters
MOST_WORDS = 8  # of a search
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Choice:
    """What of the inbox a window shows; `after` is the ticket with which the page before ended."""

    view: str = "all"
    queue: str = ""
    priority: Priority | None = None
    words: str = ""
    after: int | None = None
    late: bool = False

    @property
    def looks_back(self) -> bool:
        """Tell whether it goes through what was, and not only through what is open or claimed."""
        return self.view == "closed" or bool(self.words)

    def look(self, queues: Sequence[QueueChoice]) -> LookBack:
        """Return the search that it stands for; one for words goes through every ticket."""
        return LookBack(
            words=tuple(folded(self.words).split()[:MOST_WORDS]),
            number=parse_ticket_id(self.words) if self.words else None,
            closed=self.view == "closed" and not self.words,
            queue=next((one.tickets for one in queues if one.id == self.queue), None),
            priority=self.priority,
            before=self.after,
        )

    def takes(self, ticket: Ticket, standing: Standing, queues: Sequence[QueueChoice]) -> bool:
        """Tell whether a live ticket is in the list."""
        if self.view == "mine" and not standing.has(ticket):
            return False
        if self.view == "unclaimed" and ticket.status is not Status.OPEN:
            return False
        if self.priority is not None and ticket.priority is not self.priority:
            return False
        narrowed = next((one.tickets for one in queues if one.id == self.queue), None)
        return narrowed is None or narrowed.takes(ticket.queue)


def read_choice(query: Mapping[str, str]) -> Choice:
    """Read what a window asks for; what is unknown counts as nothing."""
    view, after = query.get("view", ""), query.get("after", "")
    number = query.get("priority", "")
    return Choice(
        view=view if view in VIEWS else "all",
        queue=query.get("queue", ""),
        priority=Priority(int(number)) if number in {str(int(one)) for one in Priority} else None,
        words=" ".join(query.get("q", "").split())[:LONGEST_SEARCH],
        after=parse_ticket_id(after) if after else None,
        late=query.get("late") == "1",
    )


def due_of(ticket: Ticket) -> datetime | None:
    """Return what is due next of a live ticket."""
    return (first_response_due(ticket) or ticket.resolution_due) if ticket.live else None


def is_late(ticket: Ticket, now: datetime) -> bool:
    """Tell whether what is due next of a live ticket should have been done by now."""
    due = due_of(ticket)
    return due is not None and due <= now


def by_urgency(entries: Sequence[InboxEntry], now: datetime) -> list[InboxEntry]:
    """Sort live tickets: what is late first, then by priority, by what is due, and by age."""

    def rank(entry: InboxEntry) -> tuple[object, ...]:
        due = due_of(entry.ticket) or NEVER
        late = is_late(entry.ticket, now)
        return (not late, due if late else NEVER, -entry.ticket.priority, due, entry.ticket.id)

    return sorted(entries, key=rank)


def page_of(entries: Sequence[InboxEntry], after: int | None) -> tuple[Sequence[InboxEntry], int | None]:
    """Return the page that follows a ticket, the first where it is gone, and what the next one follows."""
    ids = [entry.ticket.id for entry in entries]
    start = ids.index(after) + 1 if after in ids else 0
    shown = entries[start : start + ROWS]
    more = start + ROWS < len(entries)
    return shown, shown[-1].ticket.id if more else None
