"""Overwrites what a database has left of erased words in its files."""

import sqlite3
from contextlib import closing
from typing import Any

from sqlalchemy import text

from bot.storage.engine import Database
from bot.storage.schema.columns import metadata


def drop_remains(database: Database, *, compact: bool) -> str:
    """Empty SQLite's log, and with `compact` write its file anew; return what is left to do, or nothing.

    What is erased is overwritten at once (`secure_delete`). Only the log still has it, and the free space of
    a file that an earlier version wrote.
    """
    if not database.sqlite:
        _renew_statistics(database)
        return (
            "PostgreSQL keeps old rows until VACUUM: see `firstline docs privacy` for its files, log and "
            "backups."
        )
    with closing(database.engine.raw_connection()) as pooled:
        driver: Any = pooled.driver_connection
        try:
            if compact:
                driver.execute("VACUUM")
            blocked = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError:
            blocked = True
    return "The database is busy: run the same again, so that its log is emptied, too." if blocked else ""


def _renew_statistics(database: Database) -> None:
    """Let PostgreSQL's planner forget the values that it has sampled; nobody is held up.

    Of a table that is empty it samples nothing, and keeps what it had: none with words of people ever is.
    """
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"ANALYZE {', '.join(metadata.tables)}"))
