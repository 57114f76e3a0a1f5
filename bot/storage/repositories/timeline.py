"""Reads what was said and shown."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, Row, Text, and_, bindparam, func, select

from bot.desk.ports.page import File, Message
from bot.desk.ports.tickets import InboxEntry, SeenTicket
from bot.domain.conversations.excerpts import first_words
from bot.domain.conversations.messages import ConversationRef, Line, Reply
from bot.domain.tickets.relay import Visibility
from bot.domain.tickets.ticket import Priority, Status, Ticket, format_reference
from bot.storage.repositories.relays import Relays
from bot.storage.rows import reply_json
from bot.storage.rows.people import of_person
from bot.storage.rows.planning import afterwards, by_number
from bot.storage.rows.prepared_statements import Prepared, given
from bot.storage.rows.tickets import QUERY, ticket_of
from bot.storage.schema.messages import files, outbox, relay_posts, relays
from bot.storage.schema.tables import (
    cards,
    conversations,
    episodes,
    texts,
    ticket_events,
    tickets,
    utterances,
)

_RELAYED = (
    relays.c.id.label("relay_id"),
    relays.c.message,
    relays.c.author_id,
    relays.c.course,
    relays.c.gone,
    (relays.c.changed_at > relays.c.at).label("changed"),
)
_author = partial(of_person, "author", names=("name",))
_LIMIT = bindparam("p_limit", type_=Integer)
_BEFORE = bindparam("p_before", type_=BigInteger)
_END = 2**62  # beyond every id and number
# What one of our posts carries from somebody, in their own words.
_carried = relays.alias("carried")
_words = texts.alias("carried_words")
_notes = texts.alias("notes")  # with which tickets were resolved
# Each page of a thread takes these three.
_relayed_words = texts.alias("relayed_words")  # of a question that was edited, as the rooms have them
_SAID = Prepared(
    select(
        utterances.c.id,
        utterances.c.at,
        utterances.c.message.label("said_as"),
        utterances.c.files,
        *_author(utterances.c.person_id),
        func.coalesce(_relayed_words.c.body, texts.c.body).label("body"),
        *_RELAYED[:-1],
        (relays.c.changed_at > utterances.c.at).label("changed"),
    )
    .join(texts, texts.c.id == utterances.c.text_id)
    .outerjoin(
        relays,
        and_(
            relays.c.conversation_id == utterances.c.conversation_id,
            relays.c.message == utterances.c.message,
        ),
    )
    .outerjoin(_relayed_words, _relayed_words.c.id == relays.c.text_id)
    .where(utterances.c.conversation_id == given(utterances.c.conversation_id), utterances.c.id < _BEFORE)
    .order_by(utterances.c.id.desc())
    .limit(_LIMIT)
)
_UNDER_CARD = Prepared(
    select(relays.c.at, *_author(relays.c.author_id), texts.c.body, *_RELAYED)
    .join(texts, texts.c.id == relays.c.text_id)
    .where(
        relays.c.author_id.is_not(None),
        relays.c.conversation_id == given(relays.c.conversation_id),
        relays.c.course != Visibility.FROM_EMPLOYEE.value,
        relays.c.id < _BEFORE,
    )
    .order_by(relays.c.id.desc())
    .limit(_LIMIT)
)
_OURS = Prepared(
    select(
        outbox.c.id,
        outbox.c.number,
        outbox.c.created_at,
        outbox.c.private_to,
        outbox.c.ticket_id,
        texts.c.body,
        outbox.c.file_id,
        files.c.name.label("file_name"),
        files.c.media_type,
        files.c.size,
        files.c.channel,
        files.c.source,
        _carried.c.course,
        (_carried.c.changed_at > _carried.c.at).label("changed"),
        relay_posts.c.to_employee,
        *_author(_carried.c.author_id),
        _words.c.body.label("words"),
    )
    .join(texts, texts.c.id == outbox.c.text_id)
    .outerjoin(files, files.c.id == outbox.c.file_id)
    .outerjoin(relay_posts, relay_posts.c.outbox_id == outbox.c.id)
    .outerjoin(_carried, _carried.c.id == relay_posts.c.relay_id)
    .outerjoin(_words, _words.c.id == _carried.c.text_id)
    .where(
        outbox.c.conversation_id == given(outbox.c.conversation_id),
        outbox.c.kind == "reply",
        outbox.c.revises_id.is_(None),
        outbox.c.removed.is_(False),
        outbox.c.mark == "",
        outbox.c.number < _BEFORE,
    )
    .order_by(outbox.c.number.desc())
    .limit(_LIMIT)
)

# The newest of what a ticket's employees have added; found by the ticket, not by going back through all.
_HEARD = func.coalesce(func.max(by_number(relays.c.id)), 0)
_FROM_EMPLOYEE = relays.c.course == Visibility.FROM_EMPLOYEE.value
_ENTRY = QUERY.add_columns(
    texts.c.body.label("question"),
    select(_HEARD).where(relays.c.ticket_id == tickets.c.id, _FROM_EMPLOYEE).scalar_subquery().label("heard"),
).join(texts, texts.c.id == tickets.c.question_id)
_SEEN = (
    select(
        *(tickets.c[name] for name in ("id", "status", "priority", "queue", "opened_at")),
        *of_person("requester", tickets.c.requester_id, names=("name",)),
        *_author(tickets.c.assignee_id),
        texts.c.body,
        _notes.c.body.label("note"),
    )
    .join(cards, cards.c.ticket_id == tickets.c.id)
    .join(texts, texts.c.id == tickets.c.question_id)
    .outerjoin(_notes, _notes.c.id == tickets.c.note_id)
)


class _Found(NamedTuple):
    """A message of a thread: when it was said, its source, and its place there."""

    at: tuple[Any, int]
    source: int
    place: int
    message: Message


class Timeline:
    """Messages of a conversation, and the cards of a room."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def conversation(self, ref: ConversationRef, limit: int) -> tuple[Message, ...]:
        """The newest messages in one thread of one place, oldest first."""
        found = select(conversations.c.id).where(
            conversations.c.channel == ref.channel,
            conversations.c.tenant == ref.tenant,
            conversations.c.space == ref.space,
            conversations.c.thread == ref.thread,
        )
        conversation_id = self._db.execute(found).scalar()
        return self.thread(conversation_id, limit)[0] if conversation_id is not None else ()

    def thread(self, conversation_id: int, limit: int, before: str = "") -> tuple[tuple[Message, ...], str]:
        """A page of a conversation, oldest first, and what leads to the page before it."""
        places = _places(before)
        sources = (self._said, self._under_card, self._ours)
        found = [
            one
            for source, read in enumerate(sources)
            for one in read(conversation_id, limit + 1, places[source])
        ]
        found.sort(key=lambda one: one.at)
        shown = found[-limit:]
        for one in shown:
            places[one.source] = min(places[one.source], one.place)
        earlier = "-".join(str(0 if place == _END else place) for place in places)
        return tuple(one.message for one in shown), earlier if len(found) > limit else ""

    def _said(self, conversation_id: int, limit: int, before: int) -> list[_Found]:
        rows = _SAID.all(self._db, _which(conversation_id, limit, before))
        messages = self._with_files([_relayed(f"u{row.id}", row) for row in rows][::-1])
        return [_Found((one.at, 0), 0, int(one.id[1:]), one) for one in messages]

    def _under_card(self, conversation_id: int, limit: int, before: int) -> list[_Found]:
        """What engineers wrote under a card; what an employee wrote is among what was said."""
        rows = _UNDER_CARD.all(self._db, _which(conversation_id, limit, before))
        messages = self._with_files([_relayed(f"r{row.relay_id}", row) for row in rows][::-1])
        return [_Found((one.at, 0), 1, one.relay_id, one) for one in messages]

    def _ours(self, conversation_id: int, limit: int, before: int) -> list[_Found]:
        rows = _OURS.all(self._db, _which(conversation_id, limit, before))
        # What we say in answer carries the time of what was said: it comes second.
        return [_Found((row.created_at, 1), 2, row.number, _our(row)) for row in rows][::-1]

    def _with_files(self, messages: list[Message]) -> list[Message]:
        files_of = Relays(self._db).files_of([message.relay_id for message in messages if message.relay_id])
        return [replace(message, files=files_of.get(message.relay_id, ())) for message in messages]

    def about(self, ticket: Ticket, limit: int) -> tuple[Message, ...]:
        """The newest of what the requester said and read about a ticket, oldest first; nothing of a room."""
        said = self._db.execute(
            select(utterances.c.id, utterances.c.at, *_author(utterances.c.person_id), texts.c.body)
            .join(texts, texts.c.id == utterances.c.text_id)
            .where(utterances.c.episode_id == ticket.episode_id)
            .order_by(utterances.c.id.desc())
            .limit(limit)
        )
        where = select(episodes.c.conversation_id).where(episodes.c.id == ticket.episode_id)
        ours = self._db.execute(
            select(outbox.c.id, outbox.c.created_at, texts.c.body)
            .join(texts, texts.c.id == outbox.c.text_id)
            .where(
                outbox.c.conversation_id == where.scalar_subquery(),
                outbox.c.ticket_id == ticket.id,
                outbox.c.kind == "reply",
                outbox.c.revises_id.is_(None),
                outbox.c.private_to == "",
            )
            .order_by(outbox.c.number.desc())
            .limit(limit)
        )
        rows: list[tuple[tuple[Any, ...], Message]] = [
            ((row.at, 0, row.id), Message(f"u{row.id}", row.at, author=row.author_name, text=row.body))
            for row in said
        ]
        rows += [
            (
                (row.created_at, 1, row.id),
                Message(f"o{row.id}", row.created_at, reply=reply_json.load_or_nothing(row.body)),
            )
            for row in ours
        ]
        return tuple(message for _, message in sorted(rows, key=lambda pair: pair[0])[-limit:])

    def live(self, ref: ConversationRef, limit: int) -> tuple[InboxEntry, ...]:
        """Live tickets with a card in a room, by priority and age."""
        # Found by that they live, and not by the room: it has a card of everything that ever came.
        rows = self._db.execute(
            _ENTRY.join(cards, cards.c.ticket_id == tickets.c.id)
            .where(
                tickets.c.status.in_(("open", "claimed")),
                afterwards(cards.c.room) == ref.place,
                cards.c.left_at.is_(None),
            )
            .order_by(tickets.c.priority.desc(), by_number(tickets.c.id))
            .limit(limit)
        )
        return tuple(_entry(row) for row in rows)

    def seen(self, ref: ConversationRef, before: int | None, limit: int) -> tuple[SeenTicket, ...]:
        """What a search compares of the newest tickets with a card in a room, from below an id."""
        rows = self._db.execute(
            _SEEN.where(
                cards.c.room == ref.place,
                cards.c.left_at.is_(None),
                cards.c.ticket_id < (before if before is not None else _END),
            )
            .order_by(cards.c.ticket_id.desc())
            .limit(limit)
        )
        return tuple(_seen(row) for row in rows)

    def written(self, ticket_ids: Sequence[int], limit: int) -> Sequence[tuple[int, str]]:
        """What people wrote about these tickets and did not delete, with names of files, the newest first."""
        rows = self._db.execute(
            select(relays.c.ticket_id, texts.c.body, files.c.name)
            .join(texts, texts.c.id == relays.c.text_id)
            .outerjoin(files, files.c.relay_id == relays.c.id)
            .where(relays.c.ticket_id.in_(ticket_ids), relays.c.gone.is_(False))
            .order_by(relays.c.ticket_id.desc(), relays.c.id.desc())
            .limit(limit)
        )
        return [(row.ticket_id, f"{row.body}\n{row.name or ''}") for row in rows]

    def entries(self, ticket_ids: Sequence[int]) -> tuple[InboxEntry, ...]:
        """Tickets as a list shows them, the newest first."""
        if not ticket_ids:
            return ()
        rows = self._db.execute(_ENTRY.where(tickets.c.id.in_(ticket_ids)).order_by(tickets.c.id.desc()))
        return tuple(_entry(row) for row in rows)

    def card_of(self, ref: ConversationRef, ticket_id: int) -> int | None:
        """The conversation of a ticket's card in a room."""
        which = (cards.c.ticket_id == ticket_id, cards.c.room == ref.place, cards.c.left_at.is_(None))
        found: int | None = self._db.execute(select(cards.c.conversation_id).where(*which)).scalar()
        return found

    def heard(self, ticket_id: int) -> int:
        """The number of the newest message that a ticket's employees have added."""
        which = (relays.c.ticket_id == ticket_id, _FROM_EMPLOYEE)
        return int(self._db.execute(select(_HEARD).where(*which)).scalar_one())

    def mark(self) -> str:
        """Changes whenever something was said, posted or done."""
        newest: list[Any] = [
            select(func.max(table.c.id)).scalar_subquery() for table in (utterances, outbox, ticket_events)
        ]
        if self._db.dialect.name == "postgresql":
            # A transaction that took its ids earlier may commit later: then only the snapshot has changed.
            newest.append(func.pg_snapshot_xmin(func.pg_current_snapshot()).cast(Text))
        return "-".join(str(value or 0) for value in self._db.execute(select(*newest)).one())


def _relayed(name: str, row: Row[Any]) -> Message:
    if row.relay_id is None:
        gone = not row.body and not row.files
        own = "" if gone else row.said_as
        return Message(name, row.at, author=row.author_name, text=row.body, own=own, gone=gone)
    return Message(
        name,
        row.at,
        author=row.author_name,
        text=row.body,
        relay_id=row.relay_id,
        own="" if row.gone else row.message,
        author_id=row.author_id or 0,
        visibility=Visibility(row.course),
        changed=bool(row.changed),
        gone=row.gone,
    )


def _our(row: Row[Any]) -> Message:
    reply, carried = reply_json.load_or_nothing(row.body), row.course is not None
    if carried and row.to_employee and row.course != Visibility.SENT.value:
        carried = False  # it stays in the rooms: what is posted here says what became of it
    file = None
    if row.file_id is not None:
        file = File(row.file_id, row.file_name, row.media_type, row.size, row.channel, row.source)
        reply = Reply((Line(reply.summary),), summary=reply.summary, language=reply.language)
    return Message(
        f"o{row.id}",
        row.created_at,
        author=row.author_name or "" if carried else "",
        text=row.words if carried and file is None else "",
        reply=None if carried else reply,
        private_to=row.private_to,
        visibility=Visibility(row.course) if carried else None,
        changed=bool(carried and row.changed),
        files=(file,) if file is not None else (),
        ticket=format_reference(row.ticket_id) if row.ticket_id is not None else "",
    )


def _entry(row: Row[Any]) -> InboxEntry:
    return InboxEntry(ticket_of(row), first_words(row.question), row.heard)


def _seen(row: Any) -> SeenTicket:
    return SeenTicket(
        row.id,
        Status(row.status),
        Priority(row.priority),
        row.queue,
        row.requester_name or "",
        row.author_name or "",
        row.body,
        row.opened_at,
        row.note or "",
    )


def _which(conversation_id: int, limit: int, before: int) -> dict[str, int]:
    return {"p_conversation_id": conversation_id, "p_limit": limit, "p_before": before}


def _places(before: str) -> list[int]:
    """From where each of the three sources goes on; what says nothing of the kind is the end."""
    parts = before.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return [_END] * 3
    return [int(part) or _END for part in parts]
