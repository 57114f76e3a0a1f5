"""Stores people, the rosters of rooms, and texts."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    union,
    update,
)

from bot.domain.conversations.messages import ConversationRef
from bot.domain.people import Identity, Person
from bot.storage.rows.people import ERASED, is_theirs, joined_of
from bot.storage.rows.prepared_statements import Prepared, given, upsert
from bot.storage.schema.accounts import joined_people
from bot.storage.schema.messages import relays
from bot.storage.schema.outages import outages
from bot.storage.schema.tables import (
    conversations,
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
    select(people.c.id, people.c.name, people.c.language, joined_of("person", people.c.id))
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
_own, _mine, _theirs = identities.alias(), joined_people.alias(), joined_people.alias()
_SHARED = Prepared(
    select(identities.c.channel, identities.c.tenant, identities.c.external_id)
    .join(_theirs, _theirs.c.person_id == identities.c.person_id)
    .join(_mine, _mine.c.confirmed_id == _theirs.c.confirmed_id)
    .join(_own, _own.c.person_id == _mine.c.person_id)
    .where(
        _own.c.channel == given(identities.c.channel),
        _own.c.tenant == given(identities.c.tenant),
        _own.c.external_id == given(identities.c.external_id),
        identities.c.person_id != _own.c.person_id,
    )
    .order_by(identities.c.id)
)
_SPEAKS = Prepared(
    update(people).where(people.c.id == given(people.c.id)).values(language=given(people.c.language))
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
_CHANGE_TEXT = Prepared(
    update(texts).where(texts.c.id == given(texts.c.id)).values(body=given(texts.c.body), erased_at=null())
)
_of_episode = (
    select(episodes.c.conversation_id).where(episodes.c.id == tickets.c.episode_id).scalar_subquery()
)
# Where what people write is kept; a name comes seconds after the message, so the newest rows are enough.
_WRITTEN = (
    (utterances.c.id, utterances.c.text_id, utterances.c.conversation_id),
    (episodes.c.id, episodes.c.question_id, episodes.c.conversation_id),
    (relays.c.id, relays.c.text_id, relays.c.conversation_id),
    (tickets.c.id, tickets.c.question_id, _of_episode),
)
_NEWEST = 500  # rows of each


def _like_written(row_id: Column[Any], text_id: Column[Any], conversation_id: ColumnElement[Any]) -> Prepared:
    # First the newest rows, then their texts: PostgreSQL cannot guess how few are above a number.
    columns = row_id.label("row"), text_id.label("text"), conversation_id.label("conversation")
    last = select(*columns).order_by(row_id.desc()).limit(_NEWEST).subquery()
    return Prepared(
        select(last.c.row, texts.c.id, texts.c.body, conversations.c.tenant)
        .join(texts, texts.c.id == last.c.text)
        .join(conversations, conversations.c.id == last.c.conversation)
        .where(
            texts.c.body.like(bindparam("p_like"), escape="/"),
            conversations.c.channel == given(conversations.c.channel),
        )
    )


_LIKE_WRITTEN = tuple((_like_written(*columns), columns[0] is tickets.c.id) for columns in _WRITTEN)
_BY_EXTERNAL_ID = Prepared(
    select(identities.c.channel, identities.c.tenant, identities.c.external_id, people.c.name)
    .join(people, people.c.id == identities.c.person_id)
    .where(identities.c.external_id == given(identities.c.external_id))
    .order_by(identities.c.id)
)


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
            return replace(found, name=name)
        return found

    def known(self, identity: Identity) -> Person | None:
        """The person behind an identity, if we have met."""
        return self._find(identity, lock=False)

    def identities(self, person: Person) -> tuple[Identity, ...]:
        """All identities of a person that lead to them, those of the account itself first."""
        rows = self._db.execute(
            select(identities.c.channel, identities.c.tenant, identities.c.external_id)
            .where(is_theirs(identities.c.person_id, person))
            .where(identities.c.external_id.not_like(f"{ERASED}%"))
            .order_by(identities.c.person_id != person.id, identities.c.id)
        )
        return tuple(Identity(*row) for row in rows)

    def name(self, person_id: int) -> str:
        """The name of a person."""
        return str(self._db.execute(select(people.c.name).where(people.c.id == person_id)).scalar_one())

    def every_name(self) -> Iterator[str]:
        """The names of everybody who is known, and of everybody in a roster."""
        names = union(select(people.c.name), select(roster_members.c.name))
        return (str(name) for name in self._db.execute(names).scalars())

    def with_rights_of(self, identity: Identity) -> tuple[Identity, ...]:
        """The other identities whose joining with this one was confirmed, so that it has their rights."""
        return tuple(Identity(*row) for row in _SHARED.all(self._db, _given(identity)))

    def with_external_id(self, external_id: str) -> tuple[tuple[Identity, str], ...]:
        """The identities with this id that we have met, whatever their channel, with their names."""
        rows = _BY_EXTERNAL_ID.all(self._db, {"p_external_id": external_id})
        return tuple((Identity(*row[:3]), row[3]) for row in rows)

    def remember_language(self, person_id: int, language: str) -> None:
        """Keep the language that a person uses."""
        _SPEAKS.run(self._db, {"p_id": person_id, "p_language": language})

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

    def date_back(self, now: datetime) -> None:
        """Let rosters that were read after now, by a clock that was set back since, count as read now."""
        self._db.execute(update(rosters).where(rosters.c.refreshed_at > now).values(refreshed_at=now))

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

    def replace(self, text_id: int, body: str) -> int:
        """Let a text that nobody said as it stands be another one; return the id under which this is kept."""
        found = self._words.get(body)
        if found is not None:
            return found
        self.change(text_id, body)
        self._words = {words: known for words, known in self._words.items() if known != text_id}
        self._words[body] = text_id
        return text_id

    def get(self, text_id: int) -> str:
        """The text under this id."""
        return str(_GET_TEXT.one(self._db, {"p_id": text_id}).body)

    def is_erased(self, text_id: int) -> bool:
        """Whether the words of a text are gone for good."""
        erased = select(texts.c.id).where(texts.c.id == text_id, texts.c.erased_at.is_not(None))
        return self._db.execute(erased).first() is not None

    def change(self, text_id: int, body: str) -> None:
        """Replace the text under this id."""
        _CHANGE_TEXT.run(self._db, {"p_id": text_id, "p_body": body})

    def name_mentions(
        self, channel: str, mention: str, name: str, tenants: Collection[str] = ()
    ) -> tuple[int, ...]:
        """Put a name in the place of a mention in what people wrote last; the tickets that show it.

        Without `tenants` it is looked for in all that was written in a channel.
        """
        whole = re.compile(rf"{re.escape(mention)}(?!\w)")
        found: dict[int, str] = {}
        about: list[int] = []
        like = "%" + re.sub("[%_/]", r"/\g<0>", mention) + "%"
        for query, of_tickets in _LIKE_WRITTEN:
            rows = [
                row
                for row in query.all(self._db, {"p_like": like, "p_channel": channel})
                if whole.search(row[2]) and (not tenants or row[3] in tenants)
            ]
            found.update((row[1], row[2]) for row in rows)
            about += [row[0] for row in rows if of_tickets]
        for changed, body in sorted(found.items()):
            self.change(changed, whole.sub(lambda _: name, body))
        return tuple(about)


def asked_since(db: Connection, person_id: int, at: datetime) -> list[Any]:
    """Find the texts of a person's questions, of their tickets and of outages that began with one."""
    theirs = select(episodes.c.question_id, episodes.c.ticket_id, episodes.c.id.label("episode_id")).where(
        episodes.c.person_id == person_id, episodes.c.last_at >= at
    )
    asked = theirs.subquery()
    own = tickets.c.id.in_(select(asked.c.ticket_id))
    named = union(
        theirs,
        select(tickets.c.question_id, tickets.c.id, tickets.c.episode_id).where(own),
        select(outages.c.question_id, tickets.c.id, tickets.c.episode_id)
        .join(tickets, tickets.c.outage_id == outages.c.id)
        .where(own),
    ).subquery()
    columns = (texts.c.id, texts.c.body, named.c.ticket_id, named.c.episode_id)
    query = select(*columns).join(named, named.c.question_id == texts.c.id)
    return list(db.execute(query))


def says(db: Connection, episode_id: int, body: str) -> bool:
    """Whether a message of an episode says just this."""
    said = select(utterances.c.id).join(texts, texts.c.id == utterances.c.text_id)
    same = said.where(utterances.c.episode_id == episode_id, texts.c.body == body)
    return db.execute(same.limit(1)).first() is not None


def drop_unnamed(db: Connection, text_id: int, episode_id: int) -> None:
    """Drop an earlier version of a question once nothing of its episode names it: nobody could find it."""
    named = or_(
        exists().where(utterances.c.episode_id == episode_id, utterances.c.text_id == text_id),
        exists().where(episodes.c.id == episode_id, episodes.c.question_id == text_id),
        exists().where(tickets.c.episode_id == episode_id, tickets.c.question_id == text_id),
        exists().where(relays.c.text_id == text_id),
        exists().where(outages.c.question_id == text_id),
    )
    db.execute(update(texts).where(texts.c.id == text_id, ~named).values(body=""))


def _columns(identity: Identity) -> dict[str, str]:
    return {
        "channel": identity.channel,
        "tenant": identity.tenant,
        "external_id": identity.external_id,
    }


def _given(identity: Identity) -> dict[str, str]:
    return {f"p_{name}": value for name, value in _columns(identity).items()}
