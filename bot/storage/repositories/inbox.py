"""Stores the keys of received events, so that a repeat changes nothing."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, delete, or_, select, update

from bot.desk.ports.unit_of_work import MessageChange
from bot.domain.conversations.messages import ConversationRef, Outcome, OutcomeKind
from bot.storage.repositories.people import Texts
from bot.storage.rows.prepared_statements import Prepared, entries, given, upsert
from bot.storage.schema.tables import changed_messages, inbox, texts


@cache
def _admit(count: int) -> Prepared:
    """Enter so many keys, the first as `key0`."""
    rows = [
        {"key": given(inbox.c.key, f"key{number}"), "received_at": given(inbox.c.received_at)}
        for number in range(count)
    ]
    return Prepared(
        {
            name: entry.values(rows).on_conflict_do_nothing().returning(inbox.c.key)
            for name, entry in entries(inbox).items()
        }
    )


@cache
def _settle(count: int) -> Prepared:
    """Note what became of so many keys."""
    keys = [given(inbox.c.key, f"key{number}") for number in range(count)]
    changed = update(inbox).values(kind=given(inbox.c.kind), ticket=given(inbox.c.ticket))
    return Prepared(changed.where(or_(*(inbox.c.key == key for key in keys))))


_CHANGE = Prepared(
    select(texts.c.body)
    .select_from(changed_messages.outerjoin(texts, texts.c.id == changed_messages.c.text_id))
    .where(
        changed_messages.c.place == given(changed_messages.c.place),
        changed_messages.c.message == given(changed_messages.c.message),
    )
)
_EARLIER = Prepared(
    select(inbox.c.kind, inbox.c.ticket).where(inbox.c.key == given(inbox.c.key), inbox.c.kind != "")
)


class Inbox:
    """Stores the keys of events that were received already."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def admit(self, keys: Sequence[str], at: datetime) -> Outcome | None:
        """Enter these keys; when one is there already, return what became of it."""
        # Sorted, so that two replicas that receive the same event cannot deadlock over its two keys.
        ordered = sorted(set(keys))
        values = {"p_received_at": at, **_numbered(ordered)}
        if len(_admit(len(ordered)).all(self._db, values)) == len(ordered):
            return None
        rows = (_EARLIER.first(self._db, {"p_key": key}) for key in ordered)
        found = next((row for row in rows if row is not None), None)
        if found is None:
            return Outcome(OutcomeKind.IGNORED, repeated=True)
        return Outcome(OutcomeKind(found.kind), ticket=found.ticket, repeated=True)

    def settle(self, keys: Sequence[str], outcome: Outcome) -> None:
        """Note what became of them."""
        ordered = sorted(set(keys))
        values = {"p_kind": outcome.kind.value, "p_ticket": outcome.ticket, **_numbered(ordered)}
        _settle(len(ordered)).run(self._db, values)

    def note_change(self, ref: ConversationRef, message: str, text: str | None, at: datetime) -> None:
        """Keep the newest edit of a message that has not come yet, or with None its deletion."""
        before = select(changed_messages.c.text_id).where(
            changed_messages.c.place == ref.place,
            changed_messages.c.message == message,
            changed_messages.c.at <= at,
        )
        self._db.execute(update(texts).where(texts.c.id.in_(before)).values(body=""))
        text_id = Texts(self._db).add(text) if text is not None else None
        values = {"place": ref.place, "message": message, "text_id": text_id, "at": at}
        entry = upsert(self._db, changed_messages).values(values)
        newer = {"text_id": entry.excluded.text_id, "at": entry.excluded.at}
        self._db.execute(
            entry.on_conflict_do_update(
                index_elements=["place", "message"], set_=newer, where=changed_messages.c.at <= at
            )
        )

    def change_of(self, ref: ConversationRef, message: str) -> MessageChange | None:
        """The edit or deletion that came before a message."""
        row = _CHANGE.first(self._db, {"p_place": ref.place, "p_message": message})
        return MessageChange(row.body) if row is not None else None

    def forget(self, before: datetime) -> int:
        """Drop the keys of events that no platform sends again, and changes; return how many keys."""
        old = select(changed_messages.c.text_id).where(changed_messages.c.at < before)
        self._db.execute(update(texts).where(texts.c.id.in_(old)).values(body=""))
        self._db.execute(delete(changed_messages).where(changed_messages.c.at < before))
        return self._db.execute(delete(inbox).where(inbox.c.received_at < before)).rowcount


def _numbered(keys: Sequence[str]) -> dict[str, object]:
    return {f"key{number}": key for number, key in enumerate(keys)}
