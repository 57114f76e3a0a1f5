"""Keeps what people have typed into drafts, for a day."""

from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_

from bot.domain.drafts.typed_draft import TypedDraft
from bot.storage.rows.prepared_statements import upsert
from bot.storage.schema.drafts import typed_drafts

MOST = 50  # drafts; of more the oldest are forgotten


class TypedDrafts:
    """Keeps one for each person and draft."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def keep(self, owner: str, source: str, typed: TypedDraft) -> None:
        """Keep what somebody typed in place of what they had typed there before."""
        values = {"base": typed.base, "article": typed.article, "intent": typed.intent, "at": typed.at}
        new = upsert(self._db, typed_drafts).values(owner=owner, source=source, **values)
        self._db.execute(new.on_conflict_do_update(index_elements=["owner", "source"], set_=values))
        newest = select(typed_drafts.c.owner, typed_drafts.c.source).order_by(typed_drafts.c.at.desc())
        beyond = self._db.execute(newest.offset(MOST)).all()
        if beyond:
            which = tuple_(typed_drafts.c.owner, typed_drafts.c.source).in_([tuple(row) for row in beyond])
            self._db.execute(delete(typed_drafts).where(which))

    def find(self, owner: str, source: str) -> TypedDraft | None:
        """What they typed."""
        which = typed_drafts.c.owner == owner, typed_drafts.c.source == source
        row = self._db.execute(select(typed_drafts).where(*which)).first()
        return TypedDraft(row.at, row.base, row.article, row.intent) if row is not None else None

    def forget(self, owner: str, source: str) -> None:
        """Forget what they typed."""
        which = typed_drafts.c.owner == owner, typed_drafts.c.source == source
        self._db.execute(delete(typed_drafts).where(*which))


def forget_typed(db: Connection, before: datetime | None = None) -> int:
    """Forget what was typed before a time, or everything; return how many drafts."""
    gone = delete(typed_drafts)
    return int(db.execute(gone if before is None else gone.where(typed_drafts.c.at < before)).rowcount)
