"""Exports tickets and episodes as CSV, row by row: `firstline tickets export` and `episodes export`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.cli import terminal
from bot.cli.data.database import check_days, day_after, opened
from bot.desk.ports.feedback import ExportFilter
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.domain.conversations.outcome import EpisodeOutcome
from bot.domain.tickets.ticket import Priority, format_reference

LOT = 2_000  # rows in one transaction: memory does not grow with how many there are

# The names of the columns are stable: what reads an export may rely on them.
TICKET_COLUMNS = (
    *("ticket", "status", "priority", "queue", "language", "channel", "subject"),
    *("opened_at", "responded_at", "closed_at", "reopened_at"),
    *("first_response_seconds", "first_response_met", "resolution_seconds", "resolution_met"),
    *("rating_asked_at", "rating", "merged_into", "outage", "episode"),
)
TICKET_TEXTS = ("question", "note")
EPISODE_COLUMNS = (
    *("episode", "asked_at", "last_at", "language", "channel", "outcome", "subject", "came_back"),
    *("final_at", "ticket"),
)
EPISODE_TEXTS = ("question",)

Row = Mapping[str, str | None]
Read = Callable[[UnitOfWork, int], Sequence[Any]]


def export_tickets(since: datetime | None, until: datetime | None, queues: list[str], *, texts: bool) -> None:
    """Print the tickets that were opened in these days."""
    of = _filter(since, until, tuple(queues), texts=texts)
    columns = (*TICKET_COLUMNS, *(TICKET_TEXTS if texts else ()))
    _print(columns, lambda work, after: work.insights.ticket_rows(of, after, LOT), _ticket)


def export_episodes(since: datetime | None, until: datetime | None, *, texts: bool) -> None:
    """Print the questions that were asked in these days."""
    of = _filter(since, until, (), texts=texts)
    columns = (*EPISODE_COLUMNS, *(EPISODE_TEXTS if texts else ()))
    _print(columns, lambda work, after: work.insights.episode_rows(of, after, LOT), _episode)


def _print(columns: Sequence[str], read: Read, as_row: Callable[[Any], Row]) -> None:
    _, begin = opened()
    terminal.print_csv(columns, (as_row(row) for row in _rows(begin, read)))


def _rows(begin: UnitsOfWork, read: Read) -> Iterator[Any]:
    after = 0
    while True:
        with begin.reading() as work:
            rows = read(work, after)
        yield from rows
        if len(rows) < LOT:
            return
        after = rows[-1].id


def _filter(
    since: datetime | None, until: datetime | None, queues: tuple[str, ...], *, texts: bool
) -> ExportFilter:
    check_days(since, until)
    before = day_after(until.replace(tzinfo=UTC)) if until else None
    return ExportFilter(since.replace(tzinfo=UTC) if since else None, before, queues, texts)


def _ticket(row: Any) -> Row:
    return {
        "ticket": format_reference(row.id),
        "status": row.status,
        "priority": Priority(row.priority).name.lower(),
        "queue": row.queue,
        "language": row.language,
        "channel": row.channel,
        "subject": row.target,
        "opened_at": _moment(row.opened_at),
        "responded_at": _moment(row.responded_at),
        "closed_at": _moment(row.closed_at),
        "reopened_at": _moment(row.reopened_at),
        "first_response_seconds": _text(row.response_seconds),
        "first_response_met": _truth(row.response_met),
        "resolution_seconds": _text(row.resolution_seconds),
        "resolution_met": _truth(row.resolution_met),
        "rating_asked_at": _moment(row.rated_at),
        "rating": _text(row.mark),
        "merged_into": format_reference(row.merged_into_id) if row.merged_into_id else "",
        "outage": _text(row.outage_id),
        "episode": _text(row.episode_id),
        "question": row.question,
        "note": row.note,
    }


def _episode(row: Any) -> Row:
    return {
        "episode": _text(row.id),
        "asked_at": _moment(row.started_at),
        "last_at": _moment(row.last_at),
        "language": row.language,
        "channel": row.channel,
        "outcome": row.outcome or EpisodeOutcome.PENDING.value,
        "subject": row.target,
        "came_back": _truth(row.again),
        "final_at": _moment(row.closed_at),
        "ticket": format_reference(row.ticket_id) if row.ticket_id else "",
        "question": row.question,
    }


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def _text(value: int | None) -> str:
    return "" if value is None else str(value)


def _truth(value: bool | None) -> str:
    return "" if value is None else "true" if value else "false"
