"""Reads what was said and shown."""

from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Connection, Integer, Row, Text, bindparam, func, select

from bot.desk.ports.channels import File, Message
from bot.domain.conversations.messages import ConversationRef, Line, Reply
from bot.domain.tickets.relay import Visibility
from bot.domain.tickets.ticket import Ticket
from bot.storage.repositories.relays import Relays
from bot.storage.rows import reply_json
from bot.storage.rows.people import of_person
from bot.storage.rows.planning import afterwards, by_number
from bot.storage.rows.prepared_statements import Prepared, given
from bot.storage.rows.tickets import QUERY, ticket_of
from bot.storage.schema.messages import files, outbox, relays
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
# A room shows the threads of all its cards, and each takes these three.
_SAID = Prepared(
    select(utterances.c.id, utterances.c.at, *_author(utterances.c.person_id), texts.c.body, *_RELAYED)
    .join(texts, texts.c.id == utterances.c.text_id)
    .outerjoin(relays, relays.c.text_id == utterances.c.text_id)
    .where(utterances.c.conversation_id == given(utterances.c.conversation_id))
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
    )
    .order_by(relays.c.id.desc())
    .limit(_LIMIT)
)
_OURS = Prepared(
    select(
        outbox.c.id,
        outbox.c.created_at,
        outbox.c.private_to,
        texts.c.body,
        outbox.c.file_id,
        files.c.name.label("file_name"),
        files.c.media_type,
        files.c.size,
        files.c.channel,
        files.c.source,
    )
    .join(texts, texts.c.id == outbox.c.text_id)
    .outerjoin(files, files.c.id == outbox.c.file_id)
    .where(
        outbox.c.conversation_id == given(outbox.c.conversation_id),
        outbox.c.kind == "reply",
        outbox.c.revises_id.is_(None),
        outbox.c.removed.is_(False),
        outbox.c.mark == "",
    )
    .order_by(outbox.c.number.desc())
    .limit(_LIMIT)
)


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
        return self.thread(conversation_id, limit) if conversation_id is not None else ()

    def thread(self, conversation_id: int, limit: int) -> tuple[Message, ...]:
        """The newest messages of one conversation, oldest first."""
        # What we say in answer carries the time of what was said: it comes second.
        found = [((message.at, 0), message) for message in self._said(conversation_id, limit)]
        found += [((message.at, 0), message) for message in self._under_card(conversation_id, limit)]
        found += [((message.at, 1), message) for message in self._ours(conversation_id, limit)]
        return tuple(message for _, message in sorted(found, key=lambda pair: pair[0])[-limit:])

    def _said(self, conversation_id: int, limit: int) -> list[Message]:
        rows = _SAID.all(self._db, {"p_conversation_id": conversation_id, "p_limit": limit})
        return self._with_files([_relayed(f"u{row.id}", row) for row in rows][::-1])

    def _under_card(self, conversation_id: int, limit: int) -> list[Message]:
        """What engineers wrote under a card; what an employee wrote is among what was said."""
        rows = _UNDER_CARD.all(self._db, {"p_conversation_id": conversation_id, "p_limit": limit})
        return self._with_files([_relayed(f"r{row.relay_id}", row) for row in rows][::-1])

    def _ours(self, conversation_id: int, limit: int) -> list[Message]:
        rows = _OURS.all(self._db, {"p_conversation_id": conversation_id, "p_limit": limit})
        return [_our(row) for row in rows][::-1]

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
                Message(f"o{row.id}", row.created_at, reply=reply_json.load(row.body)),
            )
            for row in ours
        ]
        return tuple(message for _, message in sorted(rows, key=lambda pair: pair[0])[-limit:])

    def cards(self, ref: ConversationRef, limit: int) -> tuple[tuple[Ticket, int], ...]:
        """Tickets with a card in this room and the card's conversation, live ones first, newest first."""
        # Two looks, each by an index: one sort by both would go through the whole history. Those that live
        # are found by that, and not by the room: it has a card of everything that ever came.
        live = tickets.c.status.in_(("open", "claimed"))
        looks = (
            (live, afterwards(cards.c.room), by_number(tickets.c.id)),
            (~live, cards.c.room, cards.c.ticket_id),
        )
        found: list[tuple[Ticket, int]] = []
        for which, room, number in looks:
            rows = self._db.execute(
                QUERY.add_columns(cards.c.conversation_id)
                .join(cards, cards.c.ticket_id == tickets.c.id)
                .where(room == ref.place, cards.c.left_at.is_(None), which)
                .order_by(number.desc())
                .limit(limit - len(found))
            )
            found += [(ticket_of(row), row.conversation_id) for row in rows]
        return tuple(found)

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
        return Message(name, row.at, author=row.author_name, text=row.body)
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
    name, reply = f"o{row.id}", reply_json.load(row.body)
    if row.file_id is None:
        return Message(name, row.created_at, reply=reply, private_to=row.private_to)
    file = File(row.file_id, row.file_name, row.media_type, row.size, row.channel, row.source)
    shown = Reply((Line(reply.summary),), summary=reply.summary, language=reply.language)
    return Message(name, row.created_at, reply=shown, private_to=row.private_to, files=(file,))
