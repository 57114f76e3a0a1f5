"""Brings the database to the schema that a server needs, or says what an operator should do."""

from contextlib import closing
from pathlib import Path

import structlog

from bot.domain.errors import BackupFailed, DatabaseNotReady
from bot.storage import Database, connect, migrate, shown
from bot.storage.backup import back_up
from bot.storage.inspection import SchemaState, file_at, schema_state
from bot.storage.migrate import known_revisions, newest_revision

log = structlog.get_logger()


class _Quiet:
    """Nobody watches the progress of a start."""

    def reach(self, done: int, total: int) -> None:
        """Show nothing."""

    def say(self, text: str) -> None:
        """Show nothing."""


def make_ready(url: str, database: Database, *, may_migrate: bool) -> None:
    """Give a database the newest schema; raise `DatabaseNotReady` where it may not get it.

    An empty file of SQLite gets it by itself, everything else with `may_migrate`; of a file that is not empty
    a copy is made first.
    """
    state, newest = schema_state(database), newest_revision()
    if state.revision == newest:
        return
    _refuse(url, state, may_migrate=may_migrate or (database.sqlite and state.empty))
    file = file_at(url)
    backup = _backup(url, file, state) if file is not None and not state.empty else None
    with closing(connect(url)) as patient:  # a migration may take longer than a message
        migrate(patient)
    if state.empty:
        log.info("database_made", database=shown(url), schema=newest)
    else:
        kept = {"backup": str(backup)} if backup is not None else {}
        log.info("database_migrated", database=shown(url), before=state.revision, schema=newest, **kept)


def _refuse(url: str, state: SchemaState, *, may_migrate: bool) -> None:
    if state.revision is None and not state.empty:
        raise DatabaseNotReady(
            f"FIRSTLINE_DATABASE_URL: {shown(url)} holds tables of another program, and none of Firstline's; "
            "name a database of its own."
        )
    if state.revision is not None and state.revision not in known_revisions():
        raise DatabaseNotReady(
            f"FIRSTLINE_DATABASE_URL: {shown(url)} has the schema {state.revision}, which this version of "
            f"Firstline does not know (it has {newest_revision()}): install the version that wrote it, or a "
            "newer one."
        )
    if not may_migrate:
        newest = newest_revision()
        raise DatabaseNotReady(
            f"FIRSTLINE_DATABASE_URL: {shown(url)} is empty, and this version needs {newest}: run "
            "`firstline migrate`, or start with `firstline serve --migrate`."
            if state.empty
            else f"FIRSTLINE_DATABASE_URL: {shown(url)} has the older schema {state.revision}, and this "
            f"version needs {newest}: run `firstline migrate` once there is a backup, or start with "
            "`firstline serve --migrate`."
        )


def _backup(url: str, file: Path, state: SchemaState) -> Path:
    # One for each schema, which a later attempt replaces: a start that fails again and again fills no disk.
    copy = file.with_name(f"{file.name}.schema-{state.revision}.backup")
    try:
        back_up(url, copy, _Quiet(), force=True)
    except BackupFailed as error:
        raise BackupFailed(
            f"{error} The database was not migrated, for there is no copy of it: mend that, or run "
            "`firstline migrate`, which makes none."
        ) from error
    return copy
