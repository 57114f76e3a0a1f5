"""Stores what was written in tickets' conversations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, insert, or_, select, update

from bot.desk.ports.page import File
from bot.desk.ports.relays import Copy
from bot.domain.conversations.messages import Attachment, ConversationRef
from bot.domain.tickets.relay import RelayedMessage, Visibility
from bot.storage.rows.planning import afterwards
from bot.storage.rows.prepared_statements import dialect, entries, given
from bot.storage.schema.messages import files, outbox, relay_posts, relays
from bot.storage.schema.tables import conversations, texts, tickets

_SETTLE = {
    name: entry.on_conflict_do_nothing().returning(relays.c.id) for name, entry in entries(relays).items()
}
_FIND = (
    select(relays)
    .join(conversations, conversations.c.id == relays.c.conversation_id)
    .where(
        relays.c.message == given(relays.c.message),
        # The message's id leads there, and not the place: a room has a conversation for each of its cards.
        afterwards(conversations.c.channel) == given(conversations.c.channel),
        afterwards(conversations.c.tenant) == given(conversations.c.tenant),
        afterwards(conversations.c.space) == given(conversations.c.space),
    )
    .with_for_update(of=relays, key_share=True)
)
_SAVE = (
    update(relays)
    .where(relays.c.id == given(relays.c.id))
    .values(mark_id=given(relays.c.mark_id), gone=given(relays.c.gone), changed_at=given(relays.c.changed_at))
)
_NOTE = update(relays).where(relays.c.id == given(relays.c.id)).values(course=Visibility.NOTE.value)
_SENT = (
    select(relays.c.author_id, texts.c.body)
    .join(texts, texts.c.id == relays.c.text_id)
    .where(
        relays.c.ticket_id == given(relays.c.ticket_id),
        relays.c.course == Visibility.SENT.value,
        relays.c.gone.is_(False),
        texts.c.erased_at.is_(None),
    )
    .order_by(relays.c.id)
)
_CARRY = insert(relay_posts)
_COPIES = (
    select(
        relay_posts.c.outbox_id,
        relay_posts.c.to_employee,
        outbox.c.conversation_id,
        outbox.c.status,
        outbox.c.removed,
        outbox.c.file_id,
    )
    .join(outbox, outbox.c.id == relay_posts.c.outbox_id)
    .where(relay_posts.c.relay_id == given(relay_posts.c.relay_id))
    .order_by(relay_posts.c.to_employee.desc(), outbox.c.conversation_id, outbox.c.id)
)
_CARRIED = (
    select(relays, relay_posts.c.to_employee)
    .join(relay_posts, relay_posts.c.relay_id == relays.c.id)
    .where(relay_posts.c.outbox_id == given(relay_posts.c.outbox_id))
)
_ADD_FILE = insert(files)
_KNOWN = select(files.c.id, files.c.name, files.c.media_type, files.c.size, files.c.channel, files.c.source)
_FILES = (
    _KNOWN.add_columns(files.c.relay_id)
    .where(files.c.relay_id.in_(bindparam("p_ids", expanding=True)))
    .order_by(files.c.id)
)
_FILE = _KNOWN.add_columns(files.c.body).where(files.c.id == given(files.c.id))
_READABLE = (
    _KNOWN.add_columns(files.c.body)
    .join(relays, relays.c.id == files.c.relay_id)
    .where(
        files.c.id == given(files.c.id),
        relays.c.gone.is_(False),
        relays.c.course.in_(bindparam("p_courses", expanding=True)),
    )
)
_UNNAMED = "file"
_EMPLOYEES = (Visibility.SENT, Visibility.FROM_EMPLOYEE)


class Relays:
    """Stores messages under their first receipt, the posts that carry them, and their files."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def settle(self, relay: RelayedMessage) -> RelayedMessage | None:
        """Keep a message under its first receipt; None when it was settled before."""
        key = self._db.execute(
            _SETTLE[dialect(self._db)],
            {
                "ticket_id": relay.ticket_id,
                "conversation_id": relay.conversation_id,
                "message": relay.message,
                "author_id": relay.author_id,
                "course": relay.visibility.value,
                "text_id": relay.text_id,
                "gone": relay.gone,
                "at": relay.changed_at,
                "changed_at": relay.changed_at,
            },
        ).scalar()
        if key is None:
            return None
        return RelayedMessage(
            int(key),
            relay.ticket_id,
            relay.conversation_id,
            relay.message,
            relay.author_id,
            relay.visibility,
            relay.text_id,
            relay.changed_at,
            gone=relay.gone,
        )

    def find(self, ref: ConversationRef, message: str) -> RelayedMessage | None:
        """The message with this id in this place, whatever its thread; held until the transaction ends."""
        place = {"p_channel": ref.channel, "p_tenant": ref.tenant, "p_space": ref.space}
        row = self._db.execute(_FIND, {"p_message": message, **place}).first()
        return _relay(row) if row else None

    def save(self, relay: RelayedMessage) -> None:
        """Store its new state; the course only ever changes to a note."""
        values = {"p_mark_id": relay.mark_id, "p_gone": relay.gone, "p_changed_at": relay.changed_at}
        self._db.execute(_SAVE, {"p_id": relay.id, **values})
        if relay.visibility is Visibility.NOTE:
            self._db.execute(_NOTE, {"p_id": relay.id})

    def sent(self, ticket_id: int) -> tuple[tuple[int | None, str], ...]:
        """What the engineers sent to the requester, in order, with each writer; nothing that was deleted."""
        return tuple((row.author_id, row.body) for row in self._db.execute(_SENT, {"p_ticket_id": ticket_id}))

    def carry(self, relay: RelayedMessage, post_id: int, *, to_employee: bool) -> None:
        """Note that a post carries it."""
        entry = {"outbox_id": post_id, "relay_id": relay.id, "to_employee": to_employee}
        self._db.execute(_CARRY, entry)

    def copies(self, relay: RelayedMessage) -> tuple[Copy, ...]:
        """The posts that carry it: the employee's first, then by conversation."""
        rows = self._db.execute(_COPIES, {"p_relay_id": relay.id})
        return tuple(
            Copy(
                post_id=row.outbox_id,
                conversation_id=row.conversation_id,
                to_employee=row.to_employee,
                alive=row.status in ("waiting", "sent"),
                removed=row.removed,
                file=row.file_id is not None,
            )
            for row in rows
        )

    def carried_by(self, post_id: int) -> tuple[RelayedMessage, bool] | None:
        """What a post carries, and whether it is the employee's."""
        row = self._db.execute(_CARRIED, {"p_outbox_id": post_id}).first()
        return (_relay(row), bool(row.to_employee)) if row else None

    def add_file(
        self, relay: RelayedMessage, channel: str, attachment: Attachment, expires_at: datetime
    ) -> int:
        """Keep what is known of a file; return its id."""
        key = self._db.execute(
            _ADD_FILE,
            {
                "relay_id": relay.id,
                "channel": channel,
                "source": attachment.source,
                "name": attachment.name,
                "media_type": attachment.media_type,
                "size": attachment.size,
                "body": attachment.content,
                "expires_at": expires_at,
            },
        ).inserted_primary_key
        return int(key[0])  # type: ignore[index]  # an insert of one row has one

    def files_of(self, relay_ids: Sequence[int]) -> dict[int, tuple[File, ...]]:
        """The files of these messages, without their contents."""
        found: dict[int, tuple[File, ...]] = {}
        for row in self._db.execute(_FILES, {"p_ids": list(relay_ids)}) if relay_ids else ():
            found[row.relay_id] = (*found.get(row.relay_id, ()), File(*row[:-1]))
        return found

    def file(self, file_id: int) -> File | None:
        """A file with its content, where that is kept."""
        row = self._db.execute(_FILE, {"p_id": file_id}).first()
        return File(*row) if row else None

    def readable(self, file_id: int, *, to_employee: bool) -> File | None:
        """A file, unless its message was deleted, or is a note and it is for the employee."""
        courses = [course.value for course in Visibility if not to_employee or course in _EMPLOYEES]
        found = self._db.execute(_READABLE, {"p_id": file_id, "p_courses": courses}).first()
        return File(*found) if found else None

    def file_for(self, file_id: int, person_id: int) -> File | None:
        """A file that was sent to this person as the ticket's requester, or that they sent themselves."""
        courses = [course.value for course in _EMPLOYEES]
        # Several employees write to a ticket that others were merged into; each sees their own files only.
        theirs = _READABLE.join(tickets, tickets.c.id == relays.c.ticket_id).where(
            or_(
                and_(relays.c.course == Visibility.SENT.value, tickets.c.requester_id == person_id),
                and_(relays.c.course == Visibility.FROM_EMPLOYEE.value, relays.c.author_id == person_id),
            )
        )
        found = self._db.execute(theirs, {"p_id": file_id, "p_courses": courses}).first()
        return File(*found) if found else None

    def keep_content(self, file_id: int, content: bytes) -> None:
        """Keep a file's content until it expires."""
        self._db.execute(update(files).where(files.c.id == file_id).values(body=content, size=len(content)))

    def drop_files(self, relay: RelayedMessage, *, names: bool) -> None:
        """Forget the contents of a message's files, and their names."""
        gone = update(files).where(files.c.relay_id == relay.id).values(source="", body=None)
        self._db.execute(gone.values(name=_UNNAMED) if names else gone)

    def erase_files(self, before: datetime) -> int:
        """Drop the contents that have expired; return how many."""
        expired = update(files).where(files.c.body.is_not(None), files.c.expires_at < before)
        return self._db.execute(expired.values(body=None)).rowcount


def _relay(row: Row[Any]) -> RelayedMessage:
    return RelayedMessage(
        row.id,
        row.ticket_id,
        row.conversation_id,
        row.message,
        row.author_id,
        Visibility(row.course),
        row.text_id,
        row.changed_at,
        mark_id=row.mark_id,
        gone=row.gone,
    )
