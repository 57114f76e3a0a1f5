"""The figures counted the plain way: every row is read, and nothing is kept."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, select

from bot.domain.insights.histogram import bucket_of
from bot.domain.tickets.queues import Queues
from bot.domain.tickets.ticket import Priority
from bot.storage import Database
from bot.storage.schema.feedback import ratings
from bot.storage.schema.figures import day_figures
from bot.storage.schema.outcomes import outcomes, shown_targets
from bot.storage.schema.tables import ticket_events, tickets

Sums = Counter[tuple[Any, ...]]


def kept_sums(database: Database) -> Sums:
    """The sums as they are kept."""
    with database.transaction(reading=True) as connection:
        return Counter({tuple(row[:-1]): row[-1] for row in connection.execute(select(day_figures))})


def raw_sums(database: Database, queues: Queues) -> Sums:
    """The same sums, counted from all rows."""
    found: Sums = Counter()
    with database.transaction(reading=True) as connection:
        for row in connection.execute(select(tickets)).all():
            for figure, at, bucket in _of_ticket(connection, row, queues):
                found.update(_keys(figure, _day(at), bucket, row, queues.name_of(row.queue)))
        for row in connection.execute(select(outcomes)).all():
            found.update(_keys(f"question_{row.outcome}", _day(row.asked_at), int(row.again), row, None))
            shown = select(shown_targets).where(shown_targets.c.episode_id == row.episode_id)
            for one in connection.execute(shown).all():
                for figure, counts in (
                    ("shown", True),
                    ("not_helpful", one.verdict == "not_helpful"),
                    ("wrong", one.reason == "wrong_article"),
                ):
                    if counts:
                        found.update(_keys(figure, _day(one.shown_at), 0, row, None, one.target))
    return found


def _of_ticket(connection: Connection, row: Any, queues: Queues) -> Iterator[tuple[str, datetime, int]]:
    queue = queues.of(row.queue)
    events = select(ticket_events).where(ticket_events.c.ticket_id == row.id).order_by(ticket_events.c.id)
    happened = connection.execute(events).all()
    yield "opened", row.opened_at, 0
    claims = [one.at for one in happened if one.kind in ("claimed", "assigned")]
    alone = row.merged_into_id is None and row.outage_id is None
    if claims and alone:
        yield "responded", claims[0], _length(queue, row.opened_at, claims[0])
        due = row.first_response_due
        if row.timed_for and not row.timed_for.endswith(row.opened_at.isoformat()):  # of a reopening since
            due = queue.deadlines(Priority(row.priority), row.opened_at).first_response
        if due is not None:
            yield ("response_met" if claims[0] <= due else "response_missed"), claims[0], 0
    if row.merged_into_id is None and row.status == "resolved":
        yield "resolved", row.closed_at, _length(queue, row.opened_at, row.closed_at) if alone else -1
        if alone and row.resolution_due is not None:
            met = row.closed_at <= row.resolution_due
            yield ("resolution_met" if met else "resolution_missed"), row.closed_at, 0
    if row.merged_into_id is None and row.status == "withdrawn":
        yield "withdrawn", row.closed_at, 0
    again = [one.at for one in happened if one.kind == "reopened"]
    if again:
        yield "reopened", again[0], 0
    asked = select(ratings).where(ratings.c.ticket_id == row.id).order_by(ratings.c.id.desc())
    newest = connection.execute(asked).first()
    if newest is not None:
        yield "rating_asked", newest.asked_at, 0
        if newest.mark is not None:
            yield "rated", newest.asked_at, newest.mark


def _length(queue: Any, since: datetime, until: datetime) -> int:
    return bucket_of(round(queue.hours.between(since, until).total_seconds()))


def _keys(
    figure: str, day: date, bucket: int, row: Any, queue: str | None, target: str | None = None
) -> Iterator[tuple[Any, ...]]:
    target = row.target if target is None else target
    values = {"whole": "", "language": row.language, "channel": row.channel, "target": target}
    if queue is not None:
        values["priority"] = Priority(row.priority).name.lower()
        yield "queue", "*", day, queue, figure, bucket
    for dimension, value in values.items():
        kept = -1 if dimension == "target" and figure in ("responded", "resolved") else bucket
        for name in ("*", queue):
            if name is not None:
                yield dimension, name, day, value, figure, kept


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
