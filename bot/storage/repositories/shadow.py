"""Stores what was decided in shadow mode."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from bot.domain.knowledge.shadow import SilentDecision
from bot.domain.people import Person
from bot.domain.tickets.ticket import Status
from bot.storage.rows.prepared_statements import Prepared, given
from bot.storage.schema.shadow import shadow_verdicts
from bot.storage.schema.tables import tickets

_ADD = Prepared(insert(shadow_verdicts))
# An engineer who resolves must write a note, and is asked then; nobody is where a ticket ends in another way.
_ASKED = and_(
    tickets.c.status == Status.RESOLVED.value,
    tickets.c.note_id.is_not(None),
    tickets.c.merged_into_id.is_(None),
    tickets.c.outage_id.is_(None),
)
_QUERY = select(shadow_verdicts, tickets.c.closed_at, _ASKED.label("asked")).join(
    tickets, tickets.c.id == shadow_verdicts.c.ticket_id
)
_OF = Prepared(_QUERY.where(shadow_verdicts.c.ticket_id == given(shadow_verdicts.c.ticket_id)))
_NAME = Prepared(
    update(shadow_verdicts)
    .where(shadow_verdicts.c.ticket_id == given(shadow_verdicts.c.ticket_id))
    .values({name: given(shadow_verdicts.c[name]) for name in ("named", "named_by_id", "named_at")})
)


class Shadow:
    """Stores what was decided and not said."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def add(self, unsaid: SilentDecision, decision_id: int) -> None:
        """Keep what was not said about a ticket's question."""
        _ADD.run(
            self._db,
            {
                "ticket_id": unsaid.ticket_id,
                "decision_id": decision_id,
                "channel": unsaid.channel,
                "at": unsaid.at,
                "kind": unsaid.kind,
                "candidates": [list(pair) for pair in unsaid.candidates],
                "shown": unsaid.shown,
            },
        )

    def of(self, ticket_id: int) -> SilentDecision | None:
        """What was not said about a ticket's question, if it was in shadow mode."""
        row = _OF.first(self._db, {"p_ticket_id": ticket_id})
        return _unsaid(row) if row is not None else None

    def name_article(self, ticket_id: int, target: str, by: Person, at: datetime) -> None:
        """Keep which target would have helped."""
        values = {"p_ticket_id": ticket_id, "p_named": target, "p_named_by_id": by.id, "p_named_at": at}
        _NAME.run(self._db, values)

    def between(self, since: datetime | None, until: datetime | None) -> Iterator[SilentDecision]:
        """Everything asked from `since` on and before `until`, oldest first."""
        query = _QUERY.order_by(shadow_verdicts.c.at, shadow_verdicts.c.ticket_id)
        if since is not None:
            query = query.where(shadow_verdicts.c.at >= since)
        if until is not None:
            query = query.where(shadow_verdicts.c.at < until)
        yield from map(_unsaid, self._db.execute(query))


def _unsaid(row: Any) -> SilentDecision:
    return SilentDecision(
        ticket_id=row.ticket_id,
        channel=row.channel,
        at=row.at,
        kind=row.kind,
        candidates=tuple((target, confidence) for target, confidence in row.candidates),
        shown=row.shown,
        named=row.named,
        closed=row.closed_at is not None,
        asked=bool(row.asked),
    )
