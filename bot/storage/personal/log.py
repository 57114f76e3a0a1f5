"""Keeps who did what with people's data: numbers, never words."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select, update

from bot.storage.engine import Database
from bot.storage.rows.people import ERASED
from bot.storage.schema.privacy import privacy_log
from bot.storage.schema.tables import people

DESK = "desk"  # who gives up what is over


def note_export(database: Database, person_id: int, by: str, at: datetime) -> None:
    """Note that somebody exported what is held of a person."""
    entry = {"kind": "export", "person_id": person_id, "at": at, "by": by, "finished_at": at}
    with database.transaction() as db:
        db.execute(insert(privacy_log).values(**entry, sought={}, counts={}))


def add_retention(db: Connection, at: datetime, counts: Mapping[str, int]) -> None:
    """Add to what was given up this day."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    of_today = and_(
        privacy_log.c.kind == "retention", privacy_log.c.person_id.is_(None), privacy_log.c.at >= midnight
    )
    row = db.execute(select(privacy_log.c.id, privacy_log.c.counts).where(of_today).limit(1)).first()
    if row is None:
        entry = {"kind": "retention", "at": at, "by": DESK, "finished_at": at}
        db.execute(insert(privacy_log).values(**entry, sought={}, counts=dict(counts)))
        return
    more = dict(Counter(row.counts) + Counter(counts))
    changed = update(privacy_log).where(privacy_log.c.id == row.id)
    db.execute(changed.values(counts=more, finished_at=at))


def known_nobody(db: Connection) -> int | None:
    """The person of our own to whom tickets belong that are nobody's any more, if any does."""
    kept = and_(privacy_log.c.kind == "retention", privacy_log.c.person_id.is_not(None))
    first = select(privacy_log.c.person_id).where(kept).order_by(privacy_log.c.id).limit(1)
    return db.execute(first).scalar()


def nobody(db: Connection, at: datetime) -> int:
    """The same, made where there is none yet."""
    found = known_nobody(db)
    if found is not None:
        return found
    made = db.execute(insert(people).values(name=ERASED, created_at=at).returning(people.c.id)).scalar_one()
    entry = {"kind": "retention", "person_id": made, "at": at, "by": DESK, "finished_at": at}
    db.execute(insert(privacy_log).values(**entry, sought={}, counts={}))
    return int(made)
