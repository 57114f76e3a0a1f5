"""Reads outages and alerts from their rows."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.sql import Select

from bot.desk.ports.outages import KnownAlert
from bot.domain.people import Person
from bot.domain.tickets.outage import Outage
from bot.storage.rows.prepared_statements import Prepared, given
from bot.storage.schema.outages import alerts, outage_notices, outages
from bot.storage.schema.tables import people, texts, tickets

_title, _question, _closing = texts.alias("title"), texts.alias("question"), texts.alias("closing")


_starter, _ender = people.alias("starter"), people.alias("ender")


OUTAGES: Select[Any] = (
    select(
        outages,
        _title.c.body.label("title"),
        _question.c.body.label("question"),
        _closing.c.body.label("closing"),
        _starter.c.name.label("starter"),
        _ender.c.name.label("ender"),
    )
    .join(_title, _title.c.id == outages.c.title_id)
    .outerjoin(_question, _question.c.id == outages.c.question_id)
    .outerjoin(_closing, _closing.c.id == outages.c.closing_id)
    .outerjoin(_starter, _starter.c.id == outages.c.started_by_id)
    .outerjoin(_ender, _ender.c.id == outages.c.ended_by_id)
)


LIVE = OUTAGES.where(outages.c.ended_at.is_(None)).order_by(outages.c.id.desc())


ANY = Prepared(select(outages.c.id).where(outages.c.ended_at.is_(None)).limit(1))


# What was withdrawn, merged or resolved by itself before the end does not count.
SIZE = Prepared(
    select(func.count().label("size"))
    .select_from(tickets)
    .join(outages, outages.c.id == tickets.c.outage_id)
    .where(
        outages.c.id == given(outages.c.id),
        or_(tickets.c.closed_at.is_(None), tickets.c.closed_at >= outages.c.ended_at),
    )
)


NOTICES = select(outage_notices.c.outage_id, outage_notices.c.language, texts.c.body).join(
    texts, texts.c.id == outage_notices.c.text_id
)


ALERTS: Select[Any] = select(alerts, texts.c.body.label("title")).join(texts, texts.c.id == alerts.c.title_id)

# The time of the newest word on an alert.
newest_word = func.coalesce(alerts.c.heard_at, alerts.c.began_at)


def outage_of(row: Row[Any], notices: Mapping[str, str]) -> Outage:
    """An outage from a row of `OUTAGES`."""
    return Outage(
        id=row.id,
        token=row.token,
        title=row.title,
        started_at=row.started_at,
        notices={language: body for language, body in notices.items() if body},
        target=row.target,
        question=row.question or "",
        started_by=Person(row.started_by_id, row.starter) if row.starter else None,
        ended_at=row.ended_at,
        ended_by=Person(row.ended_by_id, row.ender) if row.ender else None,
        closing=row.closing or "",
    )


def alert_of(row: Row[Any]) -> KnownAlert:
    """An alert from a row of `ALERTS`."""
    return KnownAlert(
        id=row.id,
        token=row.token,
        source=row.source,
        title=row.title,
        url=row.url,
        began_at=row.began_at,
        ended_at=row.ended_at,
        outage_id=row.outage_id,
        severity=row.severity or "",
        heard_at=row.heard_at,
    )
