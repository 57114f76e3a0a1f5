"""Stores conversations."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, literal, select, update

from bot.domain.conversations.messages import ConversationRef
from bot.storage.rows.prepared_statements import Prepared, dialect, entries, given
from bot.storage.schema.tables import conversations

PLACE = (
    conversations.c.channel == given(conversations.c.channel),
    conversations.c.tenant == given(conversations.c.tenant),
    conversations.c.space == given(conversations.c.space),
)


_FOUND = select(conversations.c.id, literal(1).label("rank"))


# A thread has its own name, or the one that the platform gave to what our post began: that one counts, for
# somebody may have written there, under its own name, before we heard of it.
_FIND = Prepared(
    _FOUND.where(*PLACE, conversations.c.thread == given(conversations.c.thread))
    .union_all(
        select(conversations.c.id, literal(0)).where(
            *PLACE, conversations.c.anchor == given(conversations.c.thread), conversations.c.anchor != ""
        )
    )
    .order_by("rank")
    .limit(1)
)


_OPEN = Prepared(
    {
        name: entry.on_conflict_do_nothing().returning(conversations.c.id)
        for name, entry in entries(conversations).items()
    }
)


# Here and elsewhere FOR NO KEY UPDATE: a row that only names the conversation, such as a message's, need not
# wait. With FOR UPDATE two who have entered theirs already would wait for each other.
_HOLD = Prepared(
    select(conversations.c.id)
    .where(conversations.c.id == given(conversations.c.id))
    .with_for_update(key_share=True)
)


_REF = Prepared(select(conversations).where(conversations.c.id == given(conversations.c.id)))


class Conversations:
    """Stores the threads of places under ids of ours; each is looked up once in a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._known: dict[tuple[str, ...], int | None] = {}

    def open(self, ref: ConversationRef) -> int:
        """The conversation's id; a thread that our own post began is found by its anchor."""
        key = _key(ref)
        found = self._known.get(key)
        if found is None and key not in self._known and not ref.thread.startswith("new:"):
            found = self.find(ref)
        if found is None:
            names = ("channel", "tenant", "space", "thread")
            entry = dict(zip(names, key, strict=True)) | {"private": ref.private}
            opened = _OPEN.first(self._db, entry)
            found = opened.id if opened is not None else None
            self._known.pop(key, None)
        found = found if found is not None else self.find(ref)
        if found is None:
            raise LookupError("a conversation vanished while it was being entered")
        self._known[key] = found
        return int(found)

    def find(self, ref: ConversationRef) -> int | None:
        """The conversation's id, if it is known."""
        key = _key(ref)
        if key in self._known:
            return self._known[key]
        values = dict(zip(("p_channel", "p_tenant", "p_space", "p_thread"), key, strict=True))
        row = _FIND.first(self._db, values)
        found = row.id if row is not None else None
        self._known[key] = found
        return found

    def lock(self, conversation_ids: Sequence[int]) -> None:
        """Lock these, in this order, until the transaction ends; SQLite has one writer at a time anyway."""
        if dialect(self._db) == "postgresql":
            for conversation_id in conversation_ids:
                _HOLD.all(self._db, {"p_id": conversation_id})

    def void_leases(self) -> int:
        """End every lease, so that who held it settles nothing; return how many there were."""
        # What is leased has a post that waits: so an index leads there.
        held = and_(conversations.c.due_at.is_not(None), conversations.c.lease_until.is_not(None))
        ended = update(conversations).where(held).values(lease=conversations.c.lease + 1, lease_until=None)
        return self._db.execute(ended).rowcount

    def ref(self, conversation_id: int) -> ConversationRef:
        """The conversation under this id."""
        return ref_of(_REF.one(self._db, {"p_id": conversation_id}))


def _key(ref: ConversationRef) -> tuple[str, ...]:
    return (ref.channel, ref.tenant, ref.space, ref.thread)


def ref_of(row: Any) -> ConversationRef:
    """A conversation from a row that has its columns."""
    return ConversationRef(row.channel, row.tenant, row.space, row.thread, row.anchor, row.private)
