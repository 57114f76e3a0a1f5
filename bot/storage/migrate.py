"""Brings a database to the newest schema, once, however many replicas start at the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from bot.domain.errors import DatabaseNotReady
from bot.runtime.resources import find
from bot.storage.engine import Database, trouble_in

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 0x46495253  # "FIRS": any number, the same in every replica
_TURN = (
    Lock()
)  # Alembic's operations belong to the process: of two threads one would migrate the other's database


@contextmanager
def _alone(database: Database, connection: Connection) -> Iterator[None]:
    if database.sqlite:  # BEGIN IMMEDIATE has locked out everybody else already
        yield
        return
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    yield


@contextmanager
def _opened() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        trouble = trouble_in(error)
        if trouble is None:
            raise
        raise DatabaseNotReady(trouble) from error


def migrate(database: Database) -> None:
    """Run what is missing, in one transaction."""
    migrate_to(database, "head")


def migrations_config() -> "Config":
    """The configuration of Alembic, which is imported only now: a server that is up to date does without."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(find("migrations")).replace("%", "%%"))
    return config


def migrate_to(database: Database, revision: str) -> None:
    """Bring an older database to this revision."""
    from alembic import command

    config = migrations_config()
    with _TURN, _opened(), database.engine.begin() as connection, _alone(database, connection):
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def newest_revision() -> str | None:
    """The revision to which `migrate` leads."""
    return max(known_revisions(), default=None)


def known_revisions() -> frozenset[str]:
    """Every revision that a database of this version, or of an earlier one, may have, by the files' names."""
    files = (find("migrations") / "versions").glob("[0-9]*_*.py")
    return frozenset(file.name.partition("_")[0] for file in files)


def current_revision(database: Database) -> str | None:
    """The revision of the database, None when it is empty."""
    with _opened(), database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision
