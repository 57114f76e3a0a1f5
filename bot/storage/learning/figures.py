"""Stores what counts of each ticket, and the sums by day: changed by differences, or made anew day by day."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, literal_column, select, text, update
from sqlalchemy.dialects import sqlite

from bot.domain.conversations.outcome import EpisodeOutcome, ShownTarget
from bot.domain.insights.figures import (
    REOPENING,
    RESPONDING,
    Dimension,
    QuestionFigures,
    SumKey,
    TicketFigures,
    TicketHistory,
    change,
    count_question,
    count_ticket,
    day_of,
)
from bot.domain.tickets.queues import Deadlines
from bot.domain.tickets.ticket import Priority, Status
from bot.storage.schema.feedback import ratings
from bot.storage.schema.figures import day_figures, ticket_figures
from bot.storage.schema.outcomes import outcomes, shown_targets
from bot.storage.schema.tables import ticket_events, tickets

_LOCK = 0x46494755  # "FIGU": any number, the same in every replica


class _Entry:
    """Entry of many rows, which changes those that are there already."""

    def __init__(self, table: Table, key: Sequence[str], changes: Mapping[str, str]) -> None:
        names = ", ".join(column.name for column in table.c)
        changed = ", ".join(f"{name} = {value}" for name, value in changes.items())
        # PostgreSQL takes many rows as one value; one by one they take it ten times as long.
        rows = f"json_populate_recordset(CAST(NULL AS {table.name}), CAST(:rows AS json))"
        # Of our own names alone.
        conflict = f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changed}"  # nosec B608
        entered = f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {rows}"  # noqa: S608  # nosec B608
        self._at_once = text(f"{entered} {conflict}")
        self._each = sqlite.insert(table).on_conflict_do_update(
            index_elements=list(key), set_={name: literal_column(value) for name, value in changes.items()}
        )

    def enter(self, db: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Enter these rows."""
        if db.dialect.name == "postgresql":
            db.execute(self._at_once, {"rows": json.dumps(rows, default=str)})
        else:
            db.execute(self._each, rows)


_SUM = day_figures.c
_MOMENTS = ("opened_at", "responded_at", "resolved_at", "withdrawn_at", "reopened_at", "rated_at")
_ADD = _Entry(day_figures, SumKey._fields, {"count": "day_figures.count + excluded.count"})
_KEEP = _Entry(
    ticket_figures,
    ("ticket_id",),
    {column.name: f"excluded.{column.name}" for column in ticket_figures.c if not column.primary_key},
)
# Nothing is left where nothing counts any more.
_DROP_EMPTY = delete(day_figures).where(
    *(day_figures.c[name] == bindparam(f"p_{name}") for name in SumKey._fields), day_figures.c.count == 0
)
_TICKETS: Any = select(
    *(tickets.c[name] for name in ("id", "status", "priority", "queue", "language", "channel", "target")),
    *(tickets.c[name] for name in ("opened_at", "closed_at", "merged_into_id", "outage_id")),
    *(tickets.c[name] for name in ("first_response_due", "resolution_due", "timed_for")),
)


class FigureBook:
    """Stores figures; what writes them has a turn of its own, so that no sum is changed by two at once."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def lock_tickets(self, limit: int) -> tuple[TicketHistory, ...]:
        """Lock tickets that are to be counted anew, without those that somebody else has locked."""
        self._take_turn()
        due = select(tickets.c.id).where(tickets.c.count_at.is_not(None)).limit(limit)
        ids = set(self._db.execute(due.with_for_update(skip_locked=True, key_share=True)).scalars())
        rated = select(ratings.c.ticket_id).where(ratings.c.count_at.is_not(None)).limit(limit)
        others = set(self._db.execute(rated).scalars()) - ids
        if others:
            named = select(tickets.c.id).where(tickets.c.id.in_(others))
            ids |= set(self._db.execute(named.with_for_update(skip_locked=True, key_share=True)).scalars())
        return self._histories(sorted(ids))

    def lock_tickets_after(self, after: int, limit: int) -> tuple[TicketHistory, ...]:
        """Lock the next tickets by their ids."""
        self._take_turn()
        following = select(tickets.c.id).where(tickets.c.id > after).order_by(tickets.c.id).limit(limit)
        ids = self._db.execute(following.with_for_update(key_share=True)).scalars()
        return self._histories(list(ids))

    def enter_tickets(self, counted: Sequence[TicketFigures]) -> None:
        """Let locked tickets count as they are now, and no longer as they did."""
        ids = [one.ticket_id for one in counted]
        rows = self._db.execute(select(ticket_figures).where(ticket_figures.c.ticket_id.in_(ids)))
        before = [TicketFigures(**row._asdict()) for row in rows]
        self._add(change(_keys(count_ticket, before), _keys(count_ticket, counted)))
        self.keep(counted)

    def keep(self, counted: Sequence[TicketFigures]) -> None:
        """Keep what counts of locked tickets."""
        if not counted:
            return
        _KEEP.enter(self._db, [asdict(one) for one in counted])
        ids = [one.ticket_id for one in counted]
        due = (tickets.c.id.in_(ids), tickets.c.count_at.is_not(None))
        self._db.execute(update(tickets).where(*due).values(count_at=None, look_at=tickets.c.look_at))
        self._rated(ids)

    def lock_questions(self, limit: int) -> Sequence[tuple[int, QuestionFigures]]:
        """Lock final outcomes that are to be counted, by their episodes."""
        self._take_turn()
        due = select(outcomes).where(outcomes.c.count_at.is_not(None)).limit(limit)
        return self._questions(self._db.execute(due.with_for_update(skip_locked=True)).all())

    def enter_questions(self, counted: Sequence[tuple[int, QuestionFigures]]) -> None:
        """Let locked outcomes count."""
        if counted:
            self._add(change((), _keys(count_question, (one for _, one in counted))))
            own = outcomes.c.episode_id.in_([number for number, _ in counted])
            self._db.execute(update(outcomes).where(own).values(count_at=None))

    def days(self) -> tuple[date, date] | None:
        """Return the first and the last day on which anything counts."""
        columns = [ticket_figures.c[name] for name in _MOMENTS]
        columns += [outcomes.c.asked_at, shown_targets.c.shown_at]
        finds = [find(column) for column in columns for find in (func.min, func.max)]
        ends = [self._db.execute(select(one)).scalar() for one in finds]
        known = [day_of(at) for at in ends if at is not None]
        return (min(known), max(known)) if known else None

    def recount_day(self, day: date) -> None:
        """Make the sums of a day anew from what counts on it."""
        self._take_turn()
        begin = datetime.combine(day, time(), UTC)
        end = begin + timedelta(days=1)
        own = (
            _SUM.dimension.in_([one.value for one in Dimension]),
            _SUM.queue.in_(self._queues()),
            _SUM.day == day,
        )
        self._db.execute(delete(day_figures).where(*own))
        sums: Counter[SumKey] = Counter()
        for one in self._tickets_of(begin, end):
            sums.update(count_ticket(one, day))
        for _, question in self._questions_of(begin, end):
            sums.update(count_question(question, day))
        self._add(sums)
        within = (outcomes.c.asked_at >= begin, outcomes.c.asked_at < end, outcomes.c.count_at.is_not(None))
        self._db.execute(update(outcomes).where(*within).values(count_at=None))

    def keep_days(self, first: date, last: date) -> None:
        """Drop sums of other days than these."""
        self._take_turn()
        self._db.execute(delete(day_figures).where((day_figures.c.day < first) | (day_figures.c.day > last)))

    def _queues(self) -> list[str]:
        """Return the queues of all sums, each found by one step in the index."""
        found: list[str] = []
        while True:
            query = select(_SUM.queue).where(_SUM.dimension == Dimension.WHOLE.value).limit(1)
            beyond = (_SUM.queue > found[-1],) if found else ()
            queue = self._db.execute(query.where(*beyond).order_by(_SUM.queue)).scalar()
            if queue is None:
                return found
            found.append(queue)

    def _take_turn(self) -> None:
        # On SQLite whoever writes has it already. It also keeps replicas from a deadlock over the sums.
        if self._db.dialect.name == "postgresql":
            self._db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})

    def _add(self, sums: Any) -> None:
        # In order, so that what is read together lies together.
        rows = [{**key._asdict(), "count": count} for key, count in sorted(sums.items())]
        if rows:
            _ADD.enter(self._db, rows)
        fewer = [{f"p_{name}": value for name, value in row.items()} for row in rows if row["count"] < 0]
        if fewer:
            self._db.execute(_DROP_EMPTY, fewer)

    def _rated(self, ids: Sequence[int]) -> None:
        # A rating that somebody changes just now is counted at the next look.
        due = select(ratings.c.id).where(ratings.c.ticket_id.in_(ids), ratings.c.count_at.is_not(None))
        free = list(self._db.execute(due.with_for_update(skip_locked=True)).scalars())
        if free:
            self._db.execute(update(ratings).where(ratings.c.id.in_(free)).values(count_at=None))

    def _histories(self, ids: Sequence[int]) -> tuple[TicketHistory, ...]:
        if not ids:
            return ()
        rows = self._db.execute(_TICKETS.where(tickets.c.id.in_(ids)).order_by(tickets.c.id)).all()
        happened: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
        events = select(ticket_events.c.ticket_id, ticket_events.c.kind, ticket_events.c.at).where(
            ticket_events.c.ticket_id.in_(ids), ticket_events.c.kind.in_((*RESPONDING, REOPENING))
        )
        for event in self._db.execute(events.order_by(ticket_events.c.id)):
            happened[event.ticket_id].append((event.kind, event.at))
        asked = select(ratings.c.ticket_id, ratings.c.asked_at, ratings.c.mark)
        asked = asked.where(ratings.c.ticket_id.in_(ids)).order_by(ratings.c.id)
        rated = {row.ticket_id: row for row in self._db.execute(asked)}
        return tuple(_history(row, happened[row.id], rated.get(row.id)) for row in rows)

    def _tickets_of(self, begin: datetime, end: datetime) -> Iterator[TicketFigures]:
        """Yield what counts of tickets to which anything happened in this time, each once."""
        seen: set[int] = set()
        for name in _MOMENTS:
            within = (ticket_figures.c[name] >= begin, ticket_figures.c[name] < end)
            for row in self._db.execute(select(ticket_figures).where(*within)):
                if row.ticket_id not in seen:
                    seen.add(row.ticket_id)
                    yield TicketFigures(**row._asdict())

    def _questions_of(self, begin: datetime, end: datetime) -> Sequence[tuple[int, QuestionFigures]]:
        """Return the outcomes of this time, and those from before to which something was shown in it."""
        asked = select(outcomes).where(outcomes.c.asked_at >= begin, outcomes.c.asked_at < end)
        rows = list(self._db.execute(asked))
        known = {row.episode_id for row in rows}
        shown = select(shown_targets.c.episode_id).where(
            shown_targets.c.shown_at >= begin, shown_targets.c.shown_at < end
        )
        later = set(self._db.execute(shown).scalars()) - known
        for lot in _lots(sorted(later)):
            earlier = (outcomes.c.asked_at < begin, outcomes.c.count_at.is_(None))
            rows += self._db.execute(select(outcomes).where(outcomes.c.episode_id.in_(lot), *earlier))
        return self._questions(rows)

    def _questions(self, rows: Sequence[Any]) -> list[tuple[int, QuestionFigures]]:
        shown: dict[int, list[ShownTarget]] = defaultdict(list)
        for lot in _lots([row.episode_id for row in rows]):
            query = select(shown_targets).where(shown_targets.c.episode_id.in_(lot))
            for one in self._db.execute(query):
                shown[one.episode_id].append(
                    ShownTarget(one.target, one.shown_at, one.chosen, one.verdict, one.reason, one.again)
                )
        return [
            (
                row.episode_id,
                QuestionFigures(
                    EpisodeOutcome(row.outcome),
                    row.target,
                    row.again,
                    row.channel,
                    row.language,
                    row.asked_at,
                    tuple(shown[row.episode_id]),
                ),
            )
            for row in rows
        ]


def _keys(count: Callable[[Any], Iterable[SumKey]], counted: Iterable[Any]) -> Iterator[SumKey]:
    for one in counted:
        yield from count(one)


def _lots(numbers: Sequence[int], size: int = 5_000) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def _history(row: Any, events: Sequence[tuple[str, datetime]], rated: Any) -> TicketHistory:
    since = row.timed_for.rpartition("/")[2]
    merged = row.merged_into_id is not None
    return TicketHistory(
        id=row.id,
        status=Status(row.status),
        priority=Priority(row.priority),
        queue=row.queue,
        language=row.language,
        channel=row.channel,
        target=row.target,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        merged=merged,
        alone=not merged and row.outage_id is None,
        deadlines=Deadlines(row.first_response_due, row.resolution_due),
        counts_since=datetime.fromisoformat(since) if since else row.opened_at,
        events=tuple(events),
        rated_at=rated.asked_at if rated is not None else None,
        mark=rated.mark if rated is not None else None,
    )
