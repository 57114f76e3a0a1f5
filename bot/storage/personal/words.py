"""What stands in the place of words that were erased."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from bot.domain.conversations.messages import Line, Reply
from bot.storage.rows import reply_json
from bot.storage.rows.people import ERASED
from bot.storage.schema.feedback import ratings, ticket_fields
from bot.storage.schema.messages import outbox, relays
from bot.storage.schema.outages import alerts, outage_notices, outages
from bot.storage.schema.tables import changed_messages, episodes, texts, tickets, utterances

ERASED_REPLY = Reply((Line(ERASED),), summary=ERASED)
ERASED_POST = reply_json.dump(ERASED_REPLY)
# Where a text is named; first where it is named first, so that one that is named anew is not missed.
NAMED_BY = (
    utterances.c.text_id,
    changed_messages.c.text_id,
    episodes.c.question_id,
    tickets.c.question_id,
    tickets.c.note_id,
    relays.c.text_id,
    outbox.c.text_id,
    ticket_fields.c.text_id,
    ratings.c.comment_id,
    outages.c.title_id,
    outages.c.question_id,
    outages.c.closing_id,
    outage_notices.c.text_id,
    alerts.c.title_id,
)
_GATHERED = (texts.c.id, *NAMED_BY)
_LOT = 10_000  # rows of one table in one look, which holds up nobody
_SOME = 500  # ids in one statement


def erase_words(db: Connection, ids: Collection[int | None], at: datetime) -> int:
    """Erase what people wrote; return how many texts that were."""
    return _replace(db, ids, ERASED, at)


def erase_posts(db: Connection, ids: Collection[int | None], at: datetime) -> int:
    """Erase what we said; return how many texts that were."""
    return _replace(db, ids, ERASED_POST, at)


def _replace(db: Connection, ids: Iterable[int | None], body: str, at: datetime) -> int:
    wanted = sorted({number for number in ids if number is not None})
    count = 0
    for start in range(0, len(wanted), _SOME):
        which = texts.c.id.in_(wanted[start : start + _SOME])
        standing = which & texts.c.body.not_in(("", body))
        count += db.execute(update(texts).where(standing).values(body=body, erased_at=at)).rowcount
    return count


class UnnamedTexts:
    """The texts that nothing names, gathered look by look.

    First all that there are, then, table by table, those that are named are taken out: a text comes with what
    names it, so that whatever is written meanwhile is either not among them or found to be named.
    """

    def __init__(self, newest: int) -> None:
        """`newest`: of later texts nothing is said."""
        self._newest = newest
        self._unnamed = bytearray(newest // 8 + 1)
        self._column = 0
        self._after = 0

    @classmethod
    def begin(cls, db: Connection) -> "UnnamedTexts":
        """Begin with the texts that there are now."""
        return cls(db.execute(select(func.max(texts.c.id))).scalar() or 0)

    def look(self, db: Connection) -> bool:
        """Gather from the next rows; return whether there are more."""
        if self._column == len(_GATHERED):
            return False
        column = _GATHERED[self._column]
        key = column.table.primary_key.columns[0]
        rows = db.execute(select(key, column).where(key > self._after).order_by(key).limit(_LOT)).all()
        for _, number in rows:
            if number is not None and number <= self._newest:
                bit = 1 << (number & 7)
                if self._column:
                    self._unnamed[number >> 3] &= ~bit
                else:
                    self._unnamed[number >> 3] |= bit
        # A table of which one row has several keys is small: it is gone through at once.
        self._after = rows[-1][0] if rows else 0
        if len(rows) < _LOT:
            self._column, self._after = self._column + 1, 0
        return self._column < len(_GATHERED)

    def found(self) -> list[int]:
        """Them, once all was looked at."""
        bits = ((place, byte) for place, byte in enumerate(self._unnamed) if byte)
        return [place * 8 + bit for place, byte in bits for bit in range(8) if byte >> bit & 1]
