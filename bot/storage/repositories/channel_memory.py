"""Stores what a channel must remember over a restart, and who is signed in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, false, func, or_, select, update

from bot.desk.ports.channels import ProviderSession, Session
from bot.storage.rows.prepared_statements import Prepared, given, upsert
from bot.storage.schema.columns import AT_ONCE
from bot.storage.schema.tables import channel_memory, sessions

RECORD = timedelta(days=90)  # for which it is known who was signed in
MOST_SIGNED_IN = 1000  # people who are listed
# What is of no use once a session is over.
NOTHING_MORE: dict[str, Any] = {"name": None, "email": None, "sealed": None, "sid_hash": None}
_COLUMNS = (
    sessions.c.person,
    sessions.c.grant_hash,
    sessions.c.opened_at,
    sessions.c.expires_at,
    sessions.c.name,
    sessions.c.role,
    sessions.c.email,
    sessions.c.sealed,
    sessions.c.sid_hash,
    sessions.c.sign_in_hash,
    sessions.c.look_at,
    sessions.c.ends_at,
)
_FIND = Prepared(
    select(*_COLUMNS).where(
        sessions.c.key_hash == given(sessions.c.key_hash),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > given(sessions.c.expires_at, "now"),
    )
)


class Memory:
    """Stores the values of each channel under their keys."""

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

    def replace(self, channel: str, key: str, earlier: str, value: str | None) -> bool:
        """Put a value in place of an earlier one, or with None drop it; False where it has changed."""
        same = (
            channel_memory.c.channel == channel,
            channel_memory.c.key == key,
            channel_memory.c.value == earlier,
        )
        changed = update(channel_memory).values(value=value) if value is not None else delete(channel_memory)
        return bool(self._db.execute(changed.where(*same)).rowcount)

    def remember(self, channel: str, key: str, value: str) -> None:
        """Keep a value under this key."""
        self._db.execute(
            upsert(self._db, channel_memory)
            .values(channel=channel, key=key, value=value)
            .on_conflict_do_update(index_elements=["channel", "key"], set_={"value": value})
        )


class Sessions:
    """Stores the sessions of those who sign in with us, under the hashes of their keys."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def open(self, digest: str, session: Session) -> bool:
        """Enter a session; False where its sign-in opened one before. Those long over are dropped."""
        now = session.opened_at
        self._db.execute(delete(sessions).where(sessions.c.expires_at < now - RECORD))
        over = sessions.c.expires_at < now, sessions.c.sealed.is_not(None)
        self._db.execute(update(sessions).where(*over).values(**NOTHING_MORE))
        entry = {
            "key_hash": digest,
            "person": session.person,
            "grant_hash": session.grant,
            "opened_at": session.opened_at,
            "expires_at": session.expires_at,
        }
        if session.provider is not None:
            entry |= _said(session.provider) | {
                "sign_in_hash": session.provider.sign_in or None,
                "ends_at": session.provider.ends_at,
            }
        new = upsert(self._db, sessions).values(**entry)
        once = new.on_conflict_do_nothing(index_elements=["sign_in_hash"]).returning(sessions.c.key_hash)
        return self._db.execute(once).first() is not None

    def find(self, digest: str, now: datetime) -> Session | None:
        """A session that has neither ended nor expired."""
        row = _FIND.first(self._db, {"p_key_hash": digest, "now": now})
        return _session(row) if row is not None else None

    def end(self, digest: str, now: datetime) -> str | None:
        """End a session; return whose it was, None where it had ended before."""
        open_one = sessions.c.key_hash == digest, sessions.c.ended_at.is_(None)
        person: str | None = self._db.execute(select(sessions.c.person).where(*open_one)).scalar()
        self._db.execute(update(sessions).where(*open_one).values(ended_at=now, **NOTHING_MORE))
        return person

    def extend(self, digest: str, until: datetime) -> None:
        """Let a session last longer."""
        open_one = sessions.c.key_hash == digest, sessions.c.ended_at.is_(None)
        self._db.execute(update(sessions).where(*open_one).values(expires_at=until))

    def take_look(self, digest: str, due: datetime, until: datetime) -> bool:
        """Take the look at a provider that is due; False where another replica has taken it."""
        still_due = sessions.c.key_hash == digest, sessions.c.ended_at.is_(None), sessions.c.look_at == due
        return bool(self._db.execute(update(sessions).where(*still_due).values(look_at=until)).rowcount)

    def renew(self, digest: str, provider: ProviderSession) -> None:
        """Keep what the provider said when it was asked again; a session that ended meanwhile stays ended."""
        open_one = sessions.c.key_hash == digest, sessions.c.ended_at.is_(None)
        self._db.execute(update(sessions).where(*open_one).values(**_said(provider)))

    def end_all(self, person: str, sid: str, now: datetime) -> int:
        """End the sessions of a person or of a provider's session, whichever is named; return how many."""
        whose = or_(
            false(),
            *([sessions.c.person == person] if person else []),
            *([sessions.c.sid_hash == sid] if sid else []),
        )
        open_ones = sessions.c.ended_at.is_(None), sessions.c.expires_at > now
        ended = update(sessions).where(whose, *open_ones).values(ended_at=now, **NOTHING_MORE)
        return int(self._db.execute(ended).rowcount)

    def doubt(self, person: str) -> None:
        """Let the provider be asked anew in all sessions of a person; until then they count for nothing."""
        open_ones = sessions.c.person == person, sessions.c.ended_at.is_(None), sessions.c.look_at > AT_ONCE
        self._db.execute(update(sessions).where(*open_ones).values(look_at=AT_ONCE))

    def signed_in(self, grant: str, now: datetime) -> Sequence[Session]:
        """Of each person whom this grant let in the session in which their provider was asked last.

        Those that are in doubt are none.
        """
        open_ones = (
            sessions.c.ended_at.is_(None),
            sessions.c.expires_at > now,
            sessions.c.grant_hash == grant,
            sessions.c.look_at > AT_ONCE,
        )
        last = select(sessions.c.person, func.max(sessions.c.look_at).label("look_at")).where(*open_ones)
        of_each = (
            last.group_by(sessions.c.person).order_by(sessions.c.person).limit(MOST_SIGNED_IN).subquery()
        )
        this = and_(of_each.c.person == sessions.c.person, of_each.c.look_at == sessions.c.look_at)
        query = select(*_COLUMNS).join(of_each, this).where(*open_ones).order_by(sessions.c.opened_at)
        rows = self._db.execute(query)
        return tuple({session.person: session for session in map(_session, rows)}.values())

    def verified_email(self, person: str, now: datetime) -> str:
        """The verified e-mail address of somebody who is signed in; empty where none is known."""
        open_ones = sessions.c.ended_at.is_(None), sessions.c.expires_at > now, sessions.c.person == person
        newest = select(sessions.c.email).where(*open_ones).order_by(sessions.c.opened_at.desc()).limit(1)
        return self._db.execute(newest).scalar() or ""


def _said(provider: ProviderSession) -> dict[str, Any]:
    """The columns of what a provider said."""
    return {
        "name": provider.name,
        "role": provider.role,
        "email": provider.email or None,
        "sealed": provider.sealed,
        "sid_hash": provider.sid or None,
        "look_at": provider.look_at,
    }


def _session(row: Any) -> Session:
    provider = None
    if row.role is not None:
        provider = ProviderSession(
            row.name or "",
            row.role,
            row.email or "",
            row.sealed or "",
            row.sid_hash or "",
            row.look_at,
            row.ends_at,
            row.sign_in_hash or "",
        )
    return Session(row.person, row.grant_hash, row.opened_at, row.expires_at, provider)
