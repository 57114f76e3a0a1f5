"""Stores which engineers are away, and until when."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, insert, select, update

from bot.domain.people import Absence, Person
from bot.storage.accounts.turns import Turn, take_turn
from bot.storage.rows.people import is_theirs, joined_of
from bot.storage.schema.accounts import absences
from bot.storage.schema.columns import AT_ONCE
from bot.storage.schema.tables import people, tickets

_QUERY: Select[Any] = select(
    absences.c.id,
    absences.c.token,
    absences.c.since,
    absences.c.until,
    absences.c.post_id,
    people.c.id.label("person_id"),
    people.c.name,
    people.c.language,
    joined_of("person", people.c.id),
).join(people, people.c.id == absences.c.person_id)


class Absences:
    """Stores absences; whoever is away with one account is away with all that are joined with it."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def propose(self, person: Person, token: str, until: datetime) -> None:
        """Keep an absence that is shown back."""
        self._db.execute(insert(absences).values(person_id=person.id, token=token, until=until))

    def keep_post(self, token: str, post_id: int) -> None:
        """Keep in which post an absence is shown back."""
        self._db.execute(update(absences).where(absences.c.token == token).values(post_id=post_id))

    def by_token(self, token: str) -> Absence | None:
        """The absence that a button names."""
        return self._first(absences.c.token == token)

    def begin(self, absence: Absence, at: datetime) -> bool:
        """Let an absence count, in the place of one that lasts; False where it counts or is over already."""
        # Of an account each click locks its own row alone, and a person may have several.
        take_turn(self._db, Turn.ABSENCES)
        if self._db.execute(update(absences).where(_waits(absence)).values(since=at)).rowcount == 0:
            return False
        self.end(absence.person, at, but=absence.id)
        self._db.execute(update(absences).where(absences.c.id == absence.id).values(look_at=at))
        return True

    def withdraw(self, absence: Absence, at: datetime) -> None:
        """Let an absence that was shown back never count."""
        self._db.execute(update(absences).where(_waits(absence)).values(ended_at=at))

    def end(self, person: Person, at: datetime, but: int = 0) -> bool:
        """End somebody's absence, `but` for one; False where there is none."""
        which = (is_theirs(absences.c.person_id, person), absences.c.id != but)
        ended = update(absences).where(*which, *_lasting(at))
        # What it held up goes on at once.
        return self._db.execute(ended.values(ended_at=at, look_at=at)).rowcount > 0

    def of(self, person: Person, now: datetime) -> Absence | None:
        """The absence that somebody has now."""
        return self._first(is_theirs(absences.c.person_id, person), *_lasting(now))

    def current(self, now: datetime, limit: int) -> tuple[Absence, ...]:
        """The absences that last now, by their end."""
        query = _QUERY.where(*_lasting(now)).order_by(absences.c.until, absences.c.id).limit(limit)
        return tuple(map(_absence_of, self._db.execute(query)))

    def lock_due(self, now: datetime) -> tuple[Absence, bool] | None:
        """The next absence to look at, locked until the transaction ends, and whether it lasts."""
        row = self._db.execute(
            _QUERY.add_columns(absences.c.ended_at)
            .where(absences.c.look_at <= now)
            .order_by(absences.c.look_at)
            .limit(1)
            .with_for_update(of=absences, skip_locked=True)
        ).first()
        return (_absence_of(row), row.ended_at is None and row.until > now) if row is not None else None

    def looked_at(self, absence: Absence, now: datetime, next_look: datetime | None) -> None:
        """Keep when to look at an absence next; where that is never, it is over."""
        changed = update(absences).where(absences.c.id == absence.id)
        if next_look is None:
            self._db.execute(changed.where(absences.c.ended_at.is_(None)).values(ended_at=now))
        self._db.execute(changed.values(look_at=next_look))

    def check_tickets(self, person: Person) -> None:
        """Let the tickets that somebody has be checked at once."""
        theirs = and_(tickets.c.status == "claimed", is_theirs(tickets.c.assignee_id, person))
        self._db.execute(update(tickets).where(theirs).values(look_at=AT_ONCE))

    def _first(self, *which: Any) -> Absence | None:
        row = self._db.execute(_QUERY.where(*which).order_by(absences.c.id.desc()).limit(1)).first()
        return _absence_of(row) if row is not None else None


def _waits(absence: Absence) -> ColumnElement[bool]:
    return and_(absences.c.id == absence.id, absences.c.since.is_(None), absences.c.ended_at.is_(None))


def _lasting(now: datetime) -> tuple[Any, ...]:
    return absences.c.ended_at.is_(None), absences.c.since.is_not(None), absences.c.until > now


def _absence_of(row: Any) -> Absence:
    person = Person(row.person_id, row.name, row.language, row.person_joined)
    return Absence(row.id, row.token, person, row.since, row.until, row.post_id)
