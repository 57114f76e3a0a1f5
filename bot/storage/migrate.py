"""Brings a database to the newest schema, once, however many replicas start at the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.domain.errors import DatabaseNotReady
from bot.runtime.resources import find
from bot.storage.engine import Database, trouble_in

_LOCK = 0x46495253  # "FIRS": any number, the same in every replica


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


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
    config = _config(find("migrations"))
    with _opened(), database.engine.begin() as connection, _alone(database, connection):
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def newest_revision() -> str | None:
    """The revision to which `migrate` leads."""
    return ScriptDirectory.from_config(_config(find("migrations"))).get_current_head()


def current_revision(database: Database) -> str | None:
    """The revision of the database, None when it is empty."""
    with _opened(), database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
