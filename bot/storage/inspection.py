"""Looks at a database as an operator would, and changes nothing in it."""

import os
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from bot.runtime.writable import why_not_writable
from bot.storage.database_url import PREPARE, driver_options, parsed
from bot.storage.engine import Database
from bot.storage.migrate import current_revision
from bot.storage.postgresql import LIMITS
from bot.storage.private_files import BESIDE, file_of
from bot.storage.schema.columns import metadata

_LACKING_TABLES = text(
    "SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE to_regclass(name) IS NOT NULL"
    " AND NOT (has_table_privilege(name, 'SELECT') AND has_table_privilege(name, 'INSERT')"
    " AND has_table_privilege(name, 'UPDATE') AND has_table_privilege(name, 'DELETE'))"
)
_LACKING_SEQUENCES = text(
    "SELECT s.relname FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype = 'a'"
    " JOIN pg_class t ON t.oid = d.refobjid WHERE s.relkind = 'S' AND t.relname = ANY(CAST(:names AS text[]))"
    " AND pg_table_is_visible(t.oid)"
    # The planner may ask it of what is no sequence, too.
    " AND NOT CASE WHEN s.relkind = 'S' THEN has_sequence_privilege(s.oid, 'USAGE') ELSE true END"
)
_LIMITS_NOW = text("SELECT name, setting FROM pg_settings WHERE name = ANY(CAST(:names AS text[]))")


class Pooler(StrEnum):
    """What stands between us and PostgreSQL, as far as a connection shows."""

    NONE = "none"
    REFUSES = "refuses"  # it says that our limits are not for it: we know it is there
    SWALLOWS = "swallows"  # it takes our limits and passes none on: nothing tells us at work


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Schema of a database: its revision, None without one, and whether there is no table at all."""

    revision: str | None
    empty: bool


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Reason why something cannot be written: of which kind, and what it is about."""

    kind: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """State of a database.

    `unwritable` has each reason why the server could not write. `clock` is that of a server of
    its own. `unlimited` names the time limits that the database does not keep. `prepares` is whether
    statements are prepared though a pooler may give each transaction another connection.
    """

    version: str
    schema: SchemaState
    unwritable: tuple[Hindrance, ...]
    clock: datetime | None = None
    pooler: Pooler = Pooler.NONE
    unlimited: tuple[str, ...] = ()
    prepares: bool = False


def schema_state(database: Database) -> SchemaState:
    """Read which schema a database has."""
    revision = current_revision(database)
    with database.transaction(reading=True) as connection:
        return SchemaState(revision, empty=not inspect(connection).get_table_names())


def inspect_database(url: str, database: Database) -> DatabaseState:
    """Look at a database that is open at this URL."""
    schema = schema_state(database)
    with database.transaction(reading=True) as connection:
        if database.sqlite:
            return DatabaseState(f"SQLite {sqlite3.sqlite_version}", schema, _unwritable_files(url))
        version = connection.execute(text("SHOW server_version")).scalar_one()
        clock: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        pooler = _pooler(connection)
        return DatabaseState(
            f"PostgreSQL {version}",
            schema,
            tuple(_refusals(connection)),
            clock,
            pooler,
            _unlimited(connection) if pooler is not Pooler.NONE else (),
            prepares=pooler is Pooler.SWALLOWS and driver_options(parsed(url)).get(PREPARE, 5) is not None,
        )


def file_at(url: str) -> Path | None:
    """The file of a SQLite database; None for a server."""
    address = parsed(url)
    return file_of(address).absolute() if address.get_backend_name() == "sqlite" else None


def why_not_made(url: str) -> Hindrance | None:
    """Why a file of SQLite that is not there could not be made; None if nothing stands against it."""
    folder = file_of(parsed(url)).absolute().parent
    if not folder.is_dir():
        return Hindrance("no_folder", str(folder))
    return Hindrance("closed_folder", str(folder)) if why_not_writable(folder) else None


def _unwritable_files(url: str) -> tuple[Hindrance, ...]:
    file = file_of(parsed(url)).absolute()
    beside = [file.with_name(file.name + end) for end in BESIDE]
    found = [
        Hindrance("closed_file", str(path))
        for path in beside
        if path.exists() and not os.access(path, os.W_OK)
    ]
    if why_not_writable(file.parent):  # SQLite makes files beside its own
        found.append(Hindrance("closed_folder", str(file.parent)))
    return tuple(found)


def _refusals(connection: Connection) -> Iterator[Hindrance]:
    names = [table.name for table in metadata.sorted_tables]
    if connection.execute(text("SELECT pg_is_in_recovery()")).scalar_one():
        yield Hindrance("standby")
    elif connection.execute(text("SHOW default_transaction_read_only")).scalar_one() == "on":
        yield Hindrance("read_only")
    for kind, statement in (("tables", _LACKING_TABLES), ("sequences", _LACKING_SEQUENCES)):
        lacking = sorted(connection.execute(statement, {"names": names}).scalars())
        if lacking:
            more = f" (+{len(lacking) - 3})" if len(lacking) > 3 else ""
            yield Hindrance(kind, f"{', '.join(lacking[:3])}{more}")


def _pooler(connection: Connection) -> Pooler:
    # The limits that we ask for at a connection's start are kept by the server itself, and by nobody between.
    driver: Any = connection.connection.driver_connection
    asked = dict(re.findall(r"-c\s*(\w+)=(\w+)", driver.info.get_parameters().get("options", "")))
    if not any(name in asked for name in LIMITS):
        return Pooler.REFUSES
    now = _limits_now(connection)
    # A value with a unit, which the URL may give, reads otherwise in the server's words.
    kept = [now.get(name) == asked[name] for name in LIMITS if asked.get(name, "").isdigit()]
    return Pooler.NONE if all(kept) else Pooler.SWALLOWS


def _unlimited(connection: Connection) -> tuple[str, ...]:
    return tuple(name for name, value in _limits_now(connection).items() if value == "0")


def _limits_now(connection: Connection) -> dict[str, str]:
    rows = connection.execute(_LIMITS_NOW, {"names": list(LIMITS)})
    return {str(name): str(setting) for name, setting in rows}
