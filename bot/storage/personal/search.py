"""Finds people by what an operator knows of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from bot.domain.people import Identity
from bot.storage.accounts.joins import Joins
from bot.storage.rows.people import ERASED, is_named
from bot.storage.schema.accounts import joined_people
from bot.storage.schema.tables import identities, people, tickets

OWN = "person:"  # before our own number of a person
MOST = 50  # that are listed


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody whom a search may mean, with all accounts that are joined: `people` are their numbers."""

    id: int
    name: str
    accounts: tuple[Identity, ...]
    tickets: int
    since: datetime
    people: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """What names this one and nobody else."""
        return f"{OWN}{self.id}"


def search(db: Connection, sought: str) -> list[Found]:
    """Find people by our number, an account (`slack:T1/U1` or `U1`), else by their name or a part of it."""
    sought = sought.strip()
    if sought.startswith(OWN):
        number = sought.removeprefix(OWN)
        return _found(db, [int(number)] if number.isascii() and number.isdigit() else [])
    account = Identity.parse(sought)
    which = identities.c.external_id == account.external_id
    if account.channel:
        which &= identities.c.channel == account.channel
    if account.tenant:
        which &= identities.c.tenant == account.tenant
    looks = (
        select(identities.c.person_id).where(which),
        select(people.c.id).where(is_named(sought)),
        select(people.c.id).where(is_named(sought, in_part=True)),
    )
    for look in looks if sought else ():
        ids = sorted(set(db.execute(look.limit(MOST)).scalars()))
        if ids:
            return _found(db, ids)
    return []


def account_number(db: Connection, sought: str) -> int | None:
    """Find the number of the one account that is meant exactly; None for a name, or where several are."""
    if sought.startswith(OWN):
        number = sought.removeprefix(OWN)
        return int(number) if number.isascii() and number.isdigit() else None
    account = Identity.parse(sought)
    which = (
        identities.c.channel == account.channel,
        identities.c.tenant == account.tenant,
        identities.c.external_id == account.external_id,
    )
    return db.execute(select(identities.c.person_id).where(*which)).scalar()


def listed(db: Connection, limit: int) -> list[Found]:
    """List the people who have joined accounts, the first ones."""
    groups = select(joined_people.c.person_id).order_by(joined_people.c.joined_id, joined_people.c.person_id)
    return _found(db, list(db.execute(groups.limit(limit)).scalars()))


def _found(db: Connection, ids: list[int]) -> list[Found]:
    rows = db.execute(
        select(people.c.id, people.c.name, people.c.created_at)
        .where(people.c.id.in_(ids))
        .order_by(people.c.id)
    ).all()
    found: dict[tuple[int, ...], Found] = {}
    for row in rows:  # one for a person, however many accounts fit
        everybody = Joins(db).joined_with(row.id)
        theirs = select(func.count()).where(tickets.c.requester_id.in_(everybody))
        accounts = tuple(account for one in everybody for account in accounts_of(db, one))
        one = Found(row.id, row.name, accounts, db.execute(theirs).scalar_one(), row.created_at, everybody)
        found.setdefault(everybody, one)
    return list(found.values())


def accounts_of(db: Connection, person_id: int) -> tuple[Identity, ...]:
    """The accounts of a person that were not erased."""
    rows = db.execute(
        select(identities.c.channel, identities.c.tenant, identities.c.external_id)
        .where(
            identities.c.person_id == person_id,
            or_(identities.c.external_id.not_like(f"{ERASED}%")),
        )
        .order_by(identities.c.id)
    )
    return tuple(Identity(*row) for row in rows)
