"""Stores due times and when a ticket is looked at next, and lists the queues."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, or_, select, update

from bot.desk.ports.schedule import Counts, QueueCounts
from bot.domain.people import Person
from bot.domain.tickets.queues import Deadlines, QueueFilter
from bot.domain.tickets.ticket import Priority, Ticket
from bot.domain.tickets.usual_wait import FirstResponse
from bot.storage.rows.people import is_theirs
from bot.storage.rows.prepared_statements import dialect, entries, given
from bot.storage.rows.tickets import QUERY, in_queue, ticket_of
from bot.storage.schema.tables import summaries, tickets

# Looking is no change that counts.
_LOOK = (
    update(tickets)
    .where(tickets.c.id == given(tickets.c.id))
    .values(look_at=given(tickets.c.look_at), count_at=tickets.c.count_at)
)
_DUE = (
    select(tickets.c.id)
    .where(tickets.c.look_at <= given(tickets.c.look_at))
    .order_by(tickets.c.look_at)
    .limit(bindparam("p_limit"))
    .with_for_update(skip_locked=True, key_share=True)
)
_BY_ID = QUERY.where(tickets.c.id.in_(bindparam("p_ids", expanding=True))).order_by(tickets.c.id)
_NOTED = {
    name: entry.on_conflict_do_nothing().returning(summaries.c.queue)
    for name, entry in entries(summaries).items()
}
# The first response is due until somebody has claimed the ticket once.
_response = case((tickets.c.responded_at.is_(None), tickets.c.first_response_due))
# An outage stands for all its tickets.
_ALONE = tickets.c.outage_id.is_(None)
_LIVE = and_(tickets.c.status.in_(("open", "claimed")), _ALONE)
_WAITED = "queue priority opened_at responded_at closed_at timed_for"
_BY_PRIORITY = (tickets.c.priority.desc(), tickets.c.id)

# The newest ones alone, by their number: what it costs does not grow with how many there ever were.
_newest = (
    select(*(tickets.c[name] for name in _WAITED.split()))
    .where(_ALONE, tickets.c.opened_by_id.is_(None))
    .order_by(tickets.c.id.desc())
    .limit(bindparam("p_limit"))
    .subquery()
)
_RESPONSES = select(_newest).where(_newest.c.opened_at >= given(tickets.c.opened_at))


class Schedule:
    """Stores due times, and lists the tickets of queues."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def retime(self, ticket: Ticket, deadlines: Deadlines, timing_key: str) -> None:
        """Store due times, and what they were counted for."""
        self._db.execute(
            update(tickets)
            .where(tickets.c.id == ticket.id)
            .values(
                first_response_due=deadlines.first_response,
                resolution_due=deadlines.resolution,
                timed_for=timing_key,
            )
        )

    def set_next_check(self, ticket_id: int, at: datetime | None) -> None:
        """Say when to look next; None for not at all."""
        self._db.execute(_LOOK, {"p_id": ticket_id, "p_look_at": at})

    def lock_due(self, now: datetime, limit: int) -> tuple[Ticket, ...]:
        """Tickets whose time has come, held until the transaction ends; another replica's are left out."""
        ids = list(self._db.execute(_DUE, {"p_look_at": now, "p_limit": limit}).scalars())
        if not ids:
            return ()
        # A statement of its own: in PostgreSQL it sees what was committed before we held the rows.
        return tuple(ticket_of(row) for row in self._db.execute(_BY_ID, {"p_ids": ids}))

    def unclaimed(self, filters: Sequence[QueueFilter], limit: int) -> tuple[Ticket, ...]:
        """Open tickets of these queues, by priority and age."""
        return self._all((tickets.c.status == "open", _ALONE, _in(filters)), _BY_PRIORITY, limit)

    def near_deadline(
        self, filters: Sequence[QueueFilter], before: datetime, limit: int
    ) -> tuple[Ticket, ...]:
        """Live tickets of these queues with a target missed or due before that, by the time that is next."""
        first = func.coalesce(_response, tickets.c.resolution_due)
        due = or_(_response <= before, tickets.c.resolution_due <= before)
        return self._all((_LIVE, _in(filters), due), (first, tickets.c.id), limit)

    def claimed_by(self, person: Person, limit: int) -> tuple[Ticket, ...]:
        """What an engineer has claimed, by priority and age."""
        mine = (tickets.c.status == "claimed", is_theirs(tickets.c.assignee_id, person))
        return self._all(mine, _BY_PRIORITY, limit)

    def counts(self, queue_filter: QueueFilter, now: datetime) -> Counts:
        """How a queue stands."""
        missed = or_(_response <= now, tickets.c.resolution_due <= now)
        row = self._db.execute(
            select(
                func.count().filter(tickets.c.status == "open"),
                func.count().filter(tickets.c.status == "claimed"),
                func.count().filter(missed),
            ).where(_LIVE, _in((queue_filter,)))
        ).one()
        return Counts(*row)

    def newest_first_responses(self, since: datetime, now: datetime, limit: int) -> tuple[FirstResponse, ...]:
        """First responses to the newest tickets that employees opened; what was reopened is left out."""
        rows = self._db.execute(_RESPONSES, {"p_limit": limit, "p_opened_at": since})
        return tuple(
            FirstResponse(
                row.queue,
                Priority(row.priority),
                row.opened_at,
                row.responded_at or row.closed_at or now,
                row.responded_at is not None,
            )
            for row in rows
            if _counts_since(row.timed_for) == row.opened_at
        )

    def count_all(self, now: datetime) -> tuple[QueueCounts, ...]:
        """How every queue stands that has a live ticket, by its stored name; closed ones are not read."""
        is_open = tickets.c.status == "open"
        rows = self._db.execute(
            select(
                tickets.c.queue,
                func.count().filter(is_open),
                func.count().filter(tickets.c.status == "claimed"),
                func.count().filter(_ALONE, _response <= now),
                func.count().filter(_ALONE, tickets.c.resolution_due <= now),
                func.min(tickets.c.opened_at).filter(is_open),
            )
            .where(tickets.c.status.in_(("open", "claimed")))
            .group_by(tickets.c.queue)
        )
        return tuple(QueueCounts(*row) for row in rows)

    def mark_summary_posted(self, queue: str, day: str, at: datetime) -> bool:
        """Note that a queue's summary of a day is posted; False when it was already."""
        values = {"queue": queue, "day": day, "posted_at": at}
        return self._db.execute(_NOTED[dialect(self._db)], values).first() is not None

    def summary_posted(self, queue: str, day: str) -> bool:
        """Whether a summary was posted."""
        mine = (summaries.c.queue == queue, summaries.c.day == day)
        return self._db.execute(select(summaries.c.day).where(*mine)).first() is not None

    def _all(
        self, where: Sequence[ColumnElement[bool]], order: Sequence[ColumnElement[Any]], limit: int
    ) -> tuple[Ticket, ...]:
        rows = self._db.execute(QUERY.where(and_(*where)).order_by(*order).limit(limit))
        return tuple(ticket_of(row) for row in rows)


def _counts_since(timing_key: str) -> datetime | None:
    since = timing_key.rpartition("/")[2]
    return datetime.fromisoformat(since) if since else None


def _in(filters: Sequence[QueueFilter]) -> ColumnElement[bool]:
    return or_(*(in_queue(one) for one in filters)) if filters else tickets.c.id.is_(None)
