"""Stores people, the rosters of rooms, and texts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from bot.domain.conversations.messages import ConversationRef
from bot.domain.people import Identity, Person
from bot.storage.rows.prepared_statements import Prepared, given, upsert
from bot.storage.schema.messages import relays
from bot.storage.schema.tables import (
    episodes,
    identities,
    people,
    roster_members,
    rosters,
    texts,
    tickets,
    utterances,
)

_BY_IDENTITY = (
    select(people.c.id, people.c.name, people.c.language)
    .join(identities, identities.c.person_id == people.c.id)
    .where(
        identities.c.channel == given(identities.c.channel),
        identities.c.tenant == given(identities.c.tenant),
        identities.c.external_id == given(identities.c.external_id),
    )
)
# Against each other only (FOR NO KEY UPDATE): a row elsewhere that names the person need not wait.
_FIND, _FIND_AND_LOCK = (
    Prepared(_BY_IDENTITY),
    Prepared(_BY_IDENTITY.with_for_update(of=people, key_share=True)),
)
_HELD = (
    select(rosters.c.channel)
    .join(
        roster_members,
        and_(roster_members.c.channel == rosters.c.channel, roster_members.c.room == rosters.c.room),
    )
    .where(
        rosters.c.refreshed_at >= given(rosters.c.refreshed_at),
        roster_members.c.channel == given(roster_members.c.channel),
        roster_members.c.tenant == given(roster_members.c.tenant),
        roster_members.c.external_id == given(roster_members.c.external_id),
    )
)
_HOLDS = Prepared(_HELD)
_HOLDS_IN = _HELD.where(rosters.c.room.in_(bindparam("p_rooms", expanding=True)))
_MEMBERS = (
    select(
        roster_members.c.channel,
        roster_members.c.tenant,
        roster_members.c.external_id,
        func.coalesce(people.c.name, roster_members.c.name),
    )
    .distinct()
    .join(
        rosters,
        and_(rosters.c.channel == roster_members.c.channel, rosters.c.room == roster_members.c.room),
    )
    .outerjoin(
        identities,
        and_(
            identities.c.channel == roster_members.c.channel,
            identities.c.tenant == roster_members.c.tenant,
            identities.c.external_id == roster_members.c.external_id,
        ),
    )
    .outerjoin(people, people.c.id == identities.c.person_id)
    .where(rosters.c.refreshed_at >= given(rosters.c.refreshed_at))
)
_ADD_TEXT = Prepared(insert(texts).returning(texts.c.id))
_GET_TEXT = Prepared(select(texts.c.body).where(texts.c.id == given(texts.c.id)))
_CHANGE_TEXT = Prepared(update(texts).where(texts.c.id == given(texts.c.id)).values(body=given(texts.c.body)))
# Where what people write is kept; a name comes seconds after the message, so the newest rows are enough.
_WRITTEN = (
    (utterances.c.id, utterances.c.text_id),
    (episodes.c.id, episodes.c.question_id),
    (relays.c.id, relays.c.text_id),
    (tickets.c.id, tickets.c.question_id),
)
_NEWEST = 500  # rows of each


class People:
    """Stores people and their identities."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def meet(self, identity: Identity, name: str, locale: str | None, at: datetime) -> Person:
        """The person behind an identity, made at the first meeting.

        The row stays locked until the transaction ends, so that two messages of one person are never
        decided at the same moment.
        """
        found = self._find(identity)
        if found is None:
            person_id = self._db.execute(
                insert(people).values(name=name or identity.external_id, language=locale, created_at=at)
            ).inserted_primary_key[0]  # type: ignore[index]  # an insert of one row has one
            added = self._db.execute(
                upsert(self._db, identities)
                .values(person_id=person_id, **_columns(identity))
                .on_conflict_do_nothing()
                .returning(identities.c.id)
            )
            if added.first() is not None:
                return Person(person_id, name or identity.external_id, locale)
            self._db.execute(delete(people).where(people.c.id == person_id))
            found = self._find(identity)
            if found is None:
                raise LookupError("an identity vanished while it was being entered")
        if name and name not in (found.name, identity.external_id):
            self._db.execute(update(people).where(people.c.id == found.id).values(name=name))
            return Person(found.id, name, found.language)
        return found

    def known(self, identity: Identity) -> Person | None:
        """The person behind an identity, if we have met."""
        return self._find(identity, lock=False)

    def identities(self, person_id: int) -> tuple[Identity, ...]:
        """All identities of a person."""
        rows = self._db.execute(
            select(identities.c.channel, identities.c.tenant, identities.c.external_id)
            .where(identities.c.person_id == person_id)
            .order_by(identities.c.id)
        )
        return tuple(Identity(*row) for row in rows)

    def with_external_id(self, external_id: str) -> tuple[tuple[Identity, str], ...]:
        """The identities with this id that we have met, whatever their channel, with their names."""
        rows = self._db.execute(
            select(identities.c.channel, identities.c.tenant, identities.c.external_id, people.c.name)
            .join(people, people.c.id == identities.c.person_id)
            .where(identities.c.external_id == external_id)
            .order_by(identities.c.id)
        )
        return tuple((Identity(*row[:3]), row[3]) for row in rows)

    def remember_language(self, person_id: int, language: str) -> None:
        """Keep the language that a person uses."""
        self._db.execute(update(people).where(people.c.id == person_id).values(language=language))

    def _find(self, identity: Identity, *, lock: bool = True) -> Person | None:
        row = (_FIND_AND_LOCK if lock else _FIND).first(self._db, _given(identity))
        return Person(*row) if row else None


class Rosters:
    """Stores who is in each of the engineers' rooms."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def keep_only(self, channel: str, rooms: Sequence[ConversationRef]) -> None:
        """Drop the rosters of a channel that were read in other rooms: who was in there may not act here."""
        places = [room.place for room in rooms]
        for table in (roster_members, rosters):
            self._db.execute(delete(table).where(table.c.channel == channel, table.c.room.not_in(places)))

    def replace(
        self,
        room: ConversationRef,
        members: Iterable[Identity],
        at: datetime,
        names: Mapping[Identity, str] | None = None,
    ) -> None:
        """Store a roster that was just read."""
        self._db.execute(
            upsert(self._db, rosters)
            .values(channel=room.channel, room=room.place, refreshed_at=at)
            .on_conflict_do_update(index_elements=["channel", "room"], set_={"refreshed_at": at})
        )
        here = and_(roster_members.c.channel == room.channel, roster_members.c.room == room.place)
        self._db.execute(delete(roster_members).where(here))
        known = names or {}
        rows = [
            {"room": room.place, **_columns(member), "name": known.get(member, "")} for member in set(members)
        ]
        if rows:
            self._db.execute(insert(roster_members), rows)

    def holds(self, identity: Identity, fresh_since: datetime, rooms: Sequence[str] | None = None) -> bool:
        """Whether this identity is in a fresh roster of one of these places, for None of any."""
        values: dict[str, object] = {"p_refreshed_at": fresh_since, **_given(identity)}
        if rooms is None:
            return _HOLDS.first(self._db, values) is not None
        return self._db.execute(_HOLDS_IN, values | {"p_rooms": list(rooms)}).first() is not None

    def members(
        self, fresh_since: datetime, rooms: Sequence[str] | None = None
    ) -> tuple[tuple[Identity, str], ...]:
        """Everybody in the fresh rosters of these places, for None of any, with the names that are known."""
        query = _MEMBERS if rooms is None else _MEMBERS.where(rosters.c.room.in_(rooms))
        rows = self._db.execute(query, {"p_refreshed_at": fresh_since})
        return tuple((Identity(*row[:3]), row[3]) for row in rows)


class Texts:
    """Stores what people and we wrote: the one table that can be erased."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._words: dict[str, int] = {}

    def add(self, body: str) -> int:
        """Keep a text; return its id."""
        return _ADD_TEXT.number(self._db, {"body": body})

    def add_message(self, body: str) -> int:
        """Keep what a person said, once in this transaction; return its id. It is never changed."""
        found = self._words.get(body)
        if found is None:
            found = self._words[body] = self.add(body)
        return found

    def get(self, text_id: int) -> str:
        """The text under this id."""
        return str(_GET_TEXT.one(self._db, {"p_id": text_id}).body)

    def change(self, text_id: int, body: str) -> None:
        """Replace the text under this id."""
        _CHANGE_TEXT.run(self._db, {"p_id": text_id, "p_body": body})

    def name_mentions(self, mention: str, name: str) -> tuple[int, ...]:
        """Put a name in the place of a mention in what people wrote last; the tickets that show it."""
        whole = re.compile(rf"{re.escape(mention)}(?!\w)")
        found: dict[int, str] = {}
        about: list[int] = []
        for row_id, text_id in _WRITTEN:
            query = (
                select(row_id, texts.c.id, texts.c.body)
                .join(texts, texts.c.id == text_id)
                .where(
                    row_id > select(func.max(row_id)).scalar_subquery() - _NEWEST,
                    texts.c.body.contains(mention, autoescape=True),
                )
            )
            rows = [row for row in self._db.execute(query) if whole.search(row[2])]
            found.update((row[1], row[2]) for row in rows)
            about += [row[0] for row in rows if row_id is tickets.c.id]
        for changed, body in sorted(found.items()):
            self.change(changed, whole.sub(lambda _: name, body))
        return tuple(about)


def _columns(identity: Identity) -> dict[str, str]:
    return {
        "channel": identity.channel,
        "tenant": identity.tenant,
        "external_id": identity.external_id,
    }


def _given(identity: Identity) -> dict[str, str]:
    return {f"p_{name}": value for name, value in _columns(identity).items()}
