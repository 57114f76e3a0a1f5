"""Stores which versions of articles were in force and what was told of each; reads how they did."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select, update

from bot.desk.ports.feedback import KnownAccount
from bot.domain.insights.article_signs import ArticleRecord, ShownAnswer
from bot.domain.people import Identity, Person
from bot.storage.rows.people import joined_of
from bot.storage.rows.prepared_statements import upsert
from bot.storage.schema.accounts import account_addresses
from bot.storage.schema.articles import article_notices, article_versions
from bot.storage.schema.messages import outbox
from bot.storage.schema.outcomes import outcomes, shown_targets
from bot.storage.schema.tables import episodes, identities, people, roster_members

_NOTICE = ("target", "version", "sign")
_ACCOUNT = ("channel", "tenant", "external_id")
_PERSON = (people.c.id, people.c.name, people.c.language)


class Articles:
    """Stores what is known of articles, by target."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def note_versions(self, versions: Mapping[str, str], at: datetime) -> None:
        """Enter versions that were not in force before."""
        rows = [
            {"target": target, "version": version, "since": at}
            for target, version in sorted(versions.items())
        ]
        if rows:
            self._db.execute(upsert(self._db, article_versions).on_conflict_do_nothing(), rows)

    def unknown(self, versions: Mapping[str, str]) -> Mapping[str, str]:
        """Those versions that were not entered yet."""
        known = {(row.target, row.version) for row in self._versions(versions)}
        return {target: version for target, version in versions.items() if (target, version) not in known}

    def records(self, versions: Mapping[str, str], most: int) -> Mapping[str, ArticleRecord]:
        """The records of these versions, each with so many showings at most, the newest."""
        rows: dict[str, list[Any]] = defaultdict(list)
        for row in self._versions(versions):
            rows[row.target].append(row)
        return {
            target: ArticleRecord(
                since=next(row.since for row in rows[target] if row.version == version),
                edited=len(rows[target]) > 1,
                shown=self._shown(target, most),
            )
            for target, version in versions.items()
        }

    def waiting(self) -> frozenset[str]:
        """The targets that were shown in questions whose windows are open still."""
        tried = select(episodes.c.tried).where(episodes.c.look_at.is_not(None))
        return frozenset(target for shown in self._db.execute(tried).scalars() for target, *_ in shown or ())

    def mark_told(self, target: str, version: str, sign: str, at: datetime) -> bool:
        """Enter that a sign is told; False where it was."""
        values = {"target": target, "version": version, "sign": sign, "told_at": at}
        entry = upsert(self._db, article_notices).on_conflict_do_nothing()
        return self._db.execute(entry.returning(article_notices.c.sign), values).first() is not None

    def told(self, versions: Mapping[str, str]) -> frozenset[tuple[str, str]]:
        """What was told of these versions: targets with signs."""
        rows = self._db.execute(select(article_notices).where(article_notices.c.target.in_(list(versions))))
        return frozenset((row.target, row.sign) for row in rows if versions[row.target] == row.version)

    def keep_post(self, told: Sequence[tuple[str, str, str]], post_id: int) -> None:
        """Enter the post that tells these: targets, versions and signs."""
        for one in told:
            self._db.execute(update(article_notices).where(*_named(one)).values(post_id=post_id))

    def take_back_undelivered(self) -> frozenset[str]:
        """Forget what was told in posts that were given up; return the targets."""
        dead = select(outbox.c.id).where(outbox.c.status == "dead")
        lost = delete(article_notices).where(article_notices.c.post_id.in_(dead))
        return frozenset(self._db.execute(lost.returning(article_notices.c.target)).scalars())

    def forget_told(self, target: str, version: str, sign: str) -> None:
        """Let a sign that has gone be told again when it comes back."""
        self._db.execute(delete(article_notices).where(*_named((target, version, sign))))

    def accounts(self, owner: Identity, address_hash: str) -> Sequence[KnownAccount]:
        """The accounts that an owner may be: with this id, whatever it leaves out, or with this address."""
        found: dict[Identity, KnownAccount] = {}
        given = {name: value for name in _ACCOUNT if (value := getattr(owner, name))}
        for table in (identities, roster_members):
            self._add_accounts(found, table, given)
        if address_hash:
            self._add_accounts(found, account_addresses, {"address_hash": address_hash})
        return tuple(found.values())

    def _add_accounts(
        self, found: dict[Identity, KnownAccount], table: Table, given: Mapping[str, str]
    ) -> None:
        own = identities.alias("own")
        query = (
            select(*(table.c[name] for name in _ACCOUNT), *_PERSON, joined_of("person", people.c.id))
            .outerjoin(own, and_(*(own.c[name] == table.c[name] for name in _ACCOUNT)))
            .outerjoin(people, people.c.id == own.c.person_id)
            .where(*(table.c[name] == value for name, value in given.items()))
            .order_by(*(table.c[name] for name in _ACCOUNT))
        )
        for row in self._db.execute(query):
            person = Person(row.id, row.name, row.language, row.person_joined) if row.id is not None else None
            account = KnownAccount(Identity(*row[:3]), person)
            found.setdefault(account.identity, account)

    def _versions(self, versions: Mapping[str, str]) -> Sequence[Any]:
        return self._db.execute(
            select(article_versions).where(article_versions.c.target.in_(list(versions)))
        ).all()

    def _shown(self, target: str, most: int) -> Sequence[ShownAnswer]:
        newest = (
            select(
                shown_targets.c.shown_at, shown_targets.c.verdict, shown_targets.c.again, outcomes.c.outcome
            )
            .join(outcomes, outcomes.c.episode_id == shown_targets.c.episode_id)
            .where(shown_targets.c.target == target)
            .order_by(shown_targets.c.shown_at.desc())
            .limit(most)
        )
        return [ShownAnswer(*row) for row in reversed(self._db.execute(newest).all())]


def _named(notice: tuple[str, str, str]) -> list[ColumnElement[bool]]:
    return [article_notices.c[name] == value for name, value in zip(_NOTICE, notice, strict=True)]
