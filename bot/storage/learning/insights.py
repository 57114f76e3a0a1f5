"""Reads figures: sums of days, the backlog, the lists behind the numbers, and what is exported."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Date, Integer, Text, and_, case, cast, func, literal, null, or_, select

from bot.desk.ports.feedback import (
    BacklogFilter,
    ExportFilter,
    FigureFilter,
    ListedQuestion,
    ListedTicket,
    QueueBacklog,
)
from bot.domain.conversations.outcome import NotHelpfulReason
from bot.domain.insights.figures import EVERY_QUEUE, DaySum, Dimension, Figure
from bot.domain.tickets.ticket import Priority
from bot.storage.rows.tickets import in_queue
from bot.storage.schema.figures import day_figures, ticket_figures
from bot.storage.schema.outcomes import outcomes, shown_targets
from bot.storage.schema.tables import conversations, episodes, texts, tickets

MOST_WAITING = 1_000
_OF_TICKET, _SUM = ticket_figures.c, day_figures.c
# When each figure happened to a ticket, and what it asks for beside that.
_WHEN: dict[Figure, tuple[Any, ...]] = {
    Figure.OPENED: (_OF_TICKET.opened_at,),
    Figure.RESPONDED: (_OF_TICKET.responded_at,),
    Figure.RESPONSE_MET: (_OF_TICKET.responded_at, _OF_TICKET.response_met.is_(True)),
    Figure.RESPONSE_MISSED: (_OF_TICKET.responded_at, _OF_TICKET.response_met.is_(False)),
    Figure.RESOLVED: (_OF_TICKET.resolved_at,),
    Figure.RESOLUTION_MET: (_OF_TICKET.resolved_at, _OF_TICKET.resolution_met.is_(True)),
    Figure.RESOLUTION_MISSED: (_OF_TICKET.resolved_at, _OF_TICKET.resolution_met.is_(False)),
    Figure.WITHDRAWN: (_OF_TICKET.withdrawn_at,),
    Figure.REOPENED: (_OF_TICKET.reopened_at,),
    Figure.RATING_ASKED: (_OF_TICKET.rated_at,),
    Figure.RATED: (_OF_TICKET.rated_at, _OF_TICKET.mark.is_not(None)),
}
_LIVE = and_(tickets.c.status.in_(("open", "claimed")), tickets.c.outage_id.is_(None))
_RESPONSE_DUE = case((tickets.c.responded_at.is_(None), tickets.c.first_response_due))
_QUESTION = ("episode_id", "asked_at", "outcome", "target", "again", "channel", "language")


class Insights:
    """Reads figures; what it costs grows with the days, never with the tickets."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def sums(self, of: FigureFilter, *, by_week: bool = False) -> Sequence[DaySum]:
        """The sums of these days, together or each week apart, from a Monday on."""
        parts = (_SUM.value, _SUM.figure, _SUM.bucket)
        week = (self._week(of),) if by_week else ()
        query = select(func.min(_SUM.day), *parts, func.sum(_SUM.count))
        rows = self._db.execute(query.where(*_kept(of)).group_by(*week, *parts))
        return [DaySum(*row[:4], int(row[4])) for row in rows]

    def by_day(self, figure: Figure, of: FigureFilter) -> Mapping[date, int]:
        """How often a figure counts on each of these days, those without it left out."""
        query = select(_SUM.day, func.sum(_SUM.count)).where(*_kept(of), _SUM.figure == figure.value)
        return {row[0]: int(row[1]) for row in self._db.execute(query.group_by(_SUM.day))}

    def _week(self, of: FigureFilter) -> Any:
        """The number of a day's week."""
        monday = literal(of.since - timedelta(days=of.since.weekday()), Date())
        if self._db.dialect.name == "sqlite":
            return cast((func.julianday(_SUM.day) - func.julianday(monday)) / 7, Integer)
        return (cast(_SUM.day - monday, Integer)) / 7

    def backlog(self, now: datetime, ages: Sequence[timedelta]) -> Sequence[QueueBacklog]:
        """What is open or claimed and part of no outage, by age: up to each of these, and older."""
        starts = [*(now - age for age in ages), None]
        ends: list[datetime | None] = [None, *(now - age for age in ages)]
        counts = [
            func.count().filter(*_between(tickets.c.opened_at, start, end))
            for start, end in zip(starts, ends, strict=True)
        ]
        overdue = func.count().filter(_overdue(now))
        query = select(tickets.c.queue, overdue, *counts).where(_LIVE).group_by(tickets.c.queue)
        return [QueueBacklog(row[0], tuple(row[2:]), row[1]) for row in self._db.execute(query)]

    def pending(self, since: datetime, before: datetime) -> Mapping[date, int]:
        """Count by day the questions of this time of which it is too early to say what became of them."""
        at: Any = episodes.c.started_at
        day = func.date(at if self._db.dialect.name == "sqlite" else func.timezone("UTC", at))
        within = (episodes.c.look_at.is_not(None), at >= since, at < before)
        rows = self._db.execute(select(cast(day, Text), func.count()).where(*within).group_by(day))
        return {date.fromisoformat(found): count for found, count in rows}

    def waiting(self) -> int:
        """Count the tickets and outcomes that are yet to be counted, to a thousand at most."""
        found = 0
        for table, key in ((tickets, tickets.c.id), (outcomes, outcomes.c.episode_id)):
            some = select(key).where(table.c.count_at.is_not(None)).limit(MOST_WAITING).subquery()
            found += self._db.execute(select(func.count()).select_from(some)).scalar_one()
        return min(found, MOST_WAITING)

    def tickets(self, figure: Figure, of: FigureFilter, limit: int) -> Sequence[ListedTicket]:
        """The newest tickets that a figure counts."""
        when, *others = _WHEN[figure]
        query = _listed(isouter=False).where(*_days(when, of), *others, *_parted(of, _OF_TICKET))
        if of.queue != EVERY_QUEUE:
            query = query.where(_OF_TICKET.queue == of.queue)
        rows = self._db.execute(query.order_by(when.desc()).limit(limit))
        return [ListedTicket(**row._asdict()) for row in rows]

    def live_tickets(self, of: BacklogFilter, limit: int) -> Sequence[ListedTicket]:
        """The oldest tickets of the backlog."""
        bounds = _between(tickets.c.opened_at, _ago(of, of.at_most), _ago(of, of.older_than))
        which = [_LIVE, *bounds]
        which += [in_queue(of.queue)] if of.queue is not None else []
        which += [_overdue(of.now)] if of.overdue else []
        query = _listed(isouter=True).where(*which).order_by(tickets.c.opened_at).limit(limit)
        return [ListedTicket(**row._asdict()) for row in self._db.execute(query)]

    def questions(
        self, names: Sequence[str], of: FigureFilter, limit: int, *, again: bool | None = None
    ) -> Sequence[ListedQuestion]:
        """The newest questions with these outcomes; `again` with or without a re-contact."""
        query = select(*(outcomes.c[name] for name in _QUESTION)).where(outcomes.c.outcome.in_(names))
        query = query.where(*_days(outcomes.c.asked_at, of), *_parted(of, outcomes.c))
        if again is not None:
            query = query.where(outcomes.c.again.is_(again))
        rows = self._db.execute(query.order_by(outcomes.c.asked_at.desc()).limit(limit))
        return [ListedQuestion(*row) for row in rows]

    def answers(self, figure: Figure, of: FigureFilter, limit: int) -> Sequence[ListedQuestion]:
        """The newest questions with an answer that a figure counts, by when it was shown."""
        shown = shown_targets.c
        columns = [shown.target if name == "target" else outcomes.c[name] for name in _QUESTION]
        query = select(*columns).join(shown_targets, shown.episode_id == outcomes.c.episode_id)
        query = query.where(*_days(shown.shown_at, of), outcomes.c.count_at.is_(None))
        if figure is not Figure.SHOWN:
            query = query.where(shown.verdict == "not_helpful")
        if figure is Figure.WRONG:
            query = query.where(shown.reason == NotHelpfulReason.WRONG_ARTICLE.value)
        if of.dimension is Dimension.TARGET and of.value is not None:
            query = query.where(shown.target == of.value)
        else:
            query = query.where(*_parted(of, outcomes.c))
        rows = self._db.execute(query.order_by(shown.shown_at.desc()).limit(limit))
        return [ListedQuestion(*row) for row in rows]

    def ticket_rows(self, of: ExportFilter, after: int, limit: int) -> Sequence[Any]:
        """The next tickets by their ids, with all that is exported of them."""
        own = ("id", "status", "priority", "queue", "language", "channel", "target", "opened_at", "closed_at")
        counted = ("responded_at", "response_seconds", "response_met", "resolution_seconds", "resolution_met")
        note, question = texts.alias("note"), texts.alias("question")
        words = (question.c.body, note.c.body) if of.texts else (null(), null())
        query = select(
            *(tickets.c[name] for name in (*own, "merged_into_id", "outage_id", "episode_id")),
            *(ticket_figures.c[name] for name in (*counted, "reopened_at", "rated_at", "mark")),
            words[0].label("question"),
            words[1].label("note"),
        ).outerjoin(ticket_figures, _OF_TICKET.ticket_id == tickets.c.id)
        if of.texts:
            query = query.outerjoin(question, question.c.id == tickets.c.question_id)
            query = query.outerjoin(note, note.c.id == tickets.c.note_id)
        query = query.where(tickets.c.id > after, *_between(tickets.c.opened_at, of.since, of.before))
        if of.queues:
            query = query.where(tickets.c.queue.in_(of.queues))
        return self._db.execute(query.order_by(tickets.c.id).limit(limit)).all()

    def episode_rows(self, of: ExportFilter, after: int, limit: int) -> Sequence[Any]:
        """The next episodes by their ids, with all that is exported of them."""
        words = texts.c.body if of.texts else null()
        query = (
            select(
                *(episodes.c[name] for name in ("id", "started_at", "last_at", "language", "ticket_id")),
                conversations.c.channel,
                *(outcomes.c[name] for name in ("outcome", "target", "again", "closed_at")),
                words.label("question"),
            )
            .join(conversations, conversations.c.id == episodes.c.conversation_id)
            .outerjoin(outcomes, outcomes.c.episode_id == episodes.c.id)
        )
        if of.texts:
            query = query.outerjoin(texts, texts.c.id == episodes.c.question_id)
        query = query.where(episodes.c.id > after, *_between(episodes.c.started_at, of.since, of.before))
        return self._db.execute(query.order_by(episodes.c.id).limit(limit)).all()


def _kept(of: FigureFilter) -> list[Any]:
    which = [_SUM.dimension == of.dimension.value, _SUM.queue == of.queue]
    which += [_SUM.day >= of.since, _SUM.day <= of.until]
    return which if of.value is None else [*which, _SUM.value == of.value]


def _listed(*, isouter: bool) -> Any:
    own = ("id", "status", "priority", "queue", "channel", "target", "opened_at")
    counted = (_OF_TICKET.response_seconds, _OF_TICKET.resolution_seconds, _OF_TICKET.mark)
    return select(*(tickets.c[name] for name in own), *counted).join(
        ticket_figures, _OF_TICKET.ticket_id == tickets.c.id, isouter=isouter
    )


def _between(column: Any, since: datetime | None, before: datetime | None) -> list[Any]:
    bounds = [column >= since] if since is not None else []
    return [*bounds, column < before] if before is not None else bounds


def _days(column: Any, of: FigureFilter) -> list[Any]:
    return _between(column, _midnight(of.since), _midnight(of.until) + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _parted(of: FigureFilter, columns: Any) -> list[Any]:
    if of.value is None or of.dimension is Dimension.WHOLE:
        return []
    value: Any = Priority.parse(of.value).value if of.dimension is Dimension.PRIORITY else of.value
    return [columns[of.dimension.value] == value]


def _overdue(now: datetime) -> Any:
    return or_(literal(now, tickets.c.opened_at.type) >= _RESPONSE_DUE, tickets.c.resolution_due <= now)


def _ago(of: BacklogFilter, age: timedelta | None) -> datetime | None:
    return of.now - age if age is not None else None
