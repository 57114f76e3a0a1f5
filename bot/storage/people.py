"""Repositories of people, rosters, the inbox, texts and a channel's memory."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, or_, select, update

from bot.domain.conversation import ConversationRef, Outcome, OutcomeKind
from bot.domain.people import Identity, Person
from bot.storage.statements import Prepared, dialect, entries, given
from bot.storage.tables import channel_memory, identities, inbox, people, roster_members, rosters, texts


def upsert(connection: Connection, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, in the dialect of this connection."""
    return entries(table)[dialect(connection)]


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


_EARLIER = Prepared(
    select(inbox.c.kind, inbox.c.ticket).where(inbox.c.key == given(inbox.c.key), inbox.c.kind != "")
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
_FIND, _FIND_AND_LOCK = Prepared(_BY_IDENTITY), Prepared(_BY_IDENTITY.with_for_update(of=people))
_HOLDS = Prepared(
    select(rosters.c.channel)
    .join(roster_members, roster_members.c.channel == rosters.c.channel)
    .where(
        rosters.c.refreshed_at >= given(rosters.c.refreshed_at),
        roster_members.c.channel == given(roster_members.c.channel),
        roster_members.c.tenant == given(roster_members.c.tenant),
        roster_members.c.external_id == given(roster_members.c.external_id),
    )
)
_ADD_TEXT = Prepared(insert(texts).returning(texts.c.id))
_GET_TEXT = Prepared(select(texts.c.body).where(texts.c.id == given(texts.c.id)))
_CHANGE_TEXT = Prepared(update(texts).where(texts.c.id == given(texts.c.id)).values(body=given(texts.c.body)))


class Inbox:
    """Which events were received already."""

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

    def forget(self, before: datetime) -> int:
        """Drop the keys of events that no platform sends again; return how many."""
        return self._db.execute(delete(inbox).where(inbox.c.received_at < before)).rowcount


class People:
    """People and their identities."""

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

    def remember_language(self, person_id: int, language: str) -> None:
        """Keep the language that a person uses."""
        self._db.execute(update(people).where(people.c.id == person_id).values(language=language))

    def _find(self, identity: Identity, *, lock: bool = True) -> Person | None:
        row = (_FIND_AND_LOCK if lock else _FIND).first(self._db, _given(identity))
        return Person(*row) if row else None


class Rosters:
    """Who is in the engineers' room of each channel."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def keep_only(self, room: ConversationRef) -> None:
        """Drop a roster of the channel that was read in another room: who was in there may not act here."""
        self._db.execute(
            delete(rosters).where(rosters.c.channel == room.channel, rosters.c.room != room.place)
        )

    def replace(self, room: ConversationRef, members: Iterable[Identity], at: datetime) -> None:
        """Store a roster that was just read."""
        self._db.execute(
            upsert(self._db, rosters)
            .values(channel=room.channel, room=room.place, refreshed_at=at)
            .on_conflict_do_update(index_elements=["channel"], set_={"room": room.place, "refreshed_at": at})
        )
        self._db.execute(delete(roster_members).where(roster_members.c.channel == room.channel))
        rows = [_columns(member) for member in set(members)]
        if rows:
            self._db.execute(insert(roster_members), rows)

    def holds(self, identity: Identity, fresh_since: datetime) -> bool:
        """Whether this identity is in its channel's roster and the roster is fresh."""
        values = {"p_refreshed_at": fresh_since, **_given(identity)}
        return _HOLDS.first(self._db, values) is not None


class Texts:
    """What people and we wrote: the one table that can be erased."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._words: dict[str, int] = {}

    def add(self, body: str) -> int:
        """Keep a text; return its id."""
        return _ADD_TEXT.number(self._db, {"body": body})

    def words(self, body: str) -> int:
        """Keep what a person said, once in this transaction; return its id. It is never changed."""
        found = self._words.get(body)
        if found is None:
            found = self._words[body] = self.add(body)
        return found

    def get(self, text_id: int) -> str:
        """The text under this id."""
        return str(_GET_TEXT.one(self._db, {"p_id": text_id}).body)

    def change(self, text_id: int, body: str) -> None:
        """Let the text under this id be another one."""
        _CHANGE_TEXT.run(self._db, {"p_id": text_id, "p_body": body})


class Memory:
    """What a channel must not forget over a restart."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def recall(self, channel: str, key: str) -> str | None:
        """The value under this key."""
        return self._db.execute(
            select(channel_memory.c.value).where(
                channel_memory.c.channel == channel, channel_memory.c.key == key
            )
        ).scalar()

    def once(self, channel: str, key: str, value: str) -> str:
        """Keep a value unless there is one already; return the one that is kept."""
        self._db.execute(
            upsert(self._db, channel_memory)
            .values(channel=channel, key=key, value=value)
            .on_conflict_do_nothing()
        )
        return self.recall(channel, key) or value

    def remember(self, channel: str, key: str, value: str) -> None:
        """Keep a value under this key."""
        self._db.execute(
            upsert(self._db, channel_memory)
            .values(channel=channel, key=key, value=value)
            .on_conflict_do_update(index_elements=["channel", "key"], set_={"value": value})
        )


def _columns(identity: Identity) -> dict[str, str]:
    return {
        "channel": identity.channel,
        "tenant": identity.tenant,
        "external_id": identity.external_id,
    }


def _numbered(keys: Sequence[str]) -> dict[str, object]:
    return {f"key{number}": key for number, key in enumerate(keys)}


def _given(identity: Identity) -> dict[str, str]:
    return {f"p_{name}": value for name, value in _columns(identity).items()}
