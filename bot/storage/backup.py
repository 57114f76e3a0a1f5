"""Copies a SQLite database into a file while a server writes, and puts such a copy in its place."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from sqlalchemy import URL

from bot.domain.errors import BackupFailed
from bot.storage.database_url import parsed, without_ours
from bot.storage.engine import connect
from bot.storage.migrate import known_revisions, migrate, newest_revision

PAGES = 1000  # copied at once: some milliseconds, and then the progress is told
LONG = 64 * 1024**2  # bytes, from which on a check takes longer than a moment
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
BESIDE = ("-wal", "-shm", "-journal")  # files of SQLite's own beside a database


class Progress(Protocol):
    """Whoever waits."""

    def reach(self, done: int, total: int) -> None:
        """Show that so many pages are done, of so many."""

    def say(self, text: str) -> None:
        """Show what is done now."""


@dataclass(frozen=True)
class Copied:
    """What was copied: at which revision, and how many bytes."""

    revision: str
    size: int


def postgresql_command(url: str, file: Path, *, restore: bool) -> list[str] | None:
    """The command that does it with PostgreSQL's own tools, without a password; None on SQLite."""
    address = parsed(url)
    if address.get_backend_name() == "sqlite":
        return None
    bare = without_ours(address)._replace(password=None)  # the tools ask for it, or look in ~/.pgpass
    place = bare.set(drivername="postgresql").render_as_string()
    if restore:
        options = ["--exit-on-error", "--single-transaction", "--no-owner"]
        return ["pg_restore", *options, f"--dbname={place}", str(file)]
    return ["pg_dump", "--format=custom", f"--file={file}", f"--dbname={place}"]


def back_up(url: str, file: Path, progress: Progress, *, force: bool) -> Copied:
    """Copy the database as it is at this moment; raise `BackupFailed`, and then no file is left."""
    source = _path_of(url)
    if not source.is_file():
        raise BackupFailed(f"{source}: there is no database; set FIRSTLINE_DATABASE_URL to the one you mean.")
    if file.exists() and file.samefile(source):
        raise BackupFailed(f"{file}: this is the database itself; name another file.")
    if file.exists() and not force:
        raise BackupFailed(f"{file}: there is a file of this name already; name another, or add --force.")
    with _told(file), _new_beside(file) as made:
        _copy(source, made, progress)
        copied = Copied(_revision_of(made, source, progress), made.stat().st_size)
        made.replace(file)
        _make_durable(file)
    return copied


def restore(url: str, file: Path, progress: Progress, *, force: bool, may_migrate: bool) -> Copied:
    """Put a backup in the place of the database; raise `BackupFailed`, and then nothing was changed.

    No server may be running on it, and none can start meanwhile.
    """
    target = _path_of(url)
    _check_file(file, target)
    with _told(file):
        _check_revision(_revision_of(file, file, progress), may_migrate=may_migrate)
    if target.exists() and not force:
        raise BackupFailed(
            f"{target}: there is a database already; make a backup of it if it is worth one, "
            "then add --force."
        )
    with _told(target), _held(target), _new_beside(target) as made:
        _copy(file, made, progress)
        database = connect(URL.create("sqlite", database=str(made)).render_as_string())
        migrate(database)
        database.close()
        copied = Copied(_revision_of(made, file, progress), made.stat().st_size)
        with suppress(PermissionError):  # who may not give it away runs the server, too
            if target.exists():
                os.chown(made, target.stat().st_uid, target.stat().st_gid)
        _remove_beside(target)  # a log of the old database would be played into the new one
        made.replace(target)
        _make_durable(target)
    return copied


def _check_file(file: Path, target: Path) -> None:
    if not file.is_file():
        raise BackupFailed(f"{file}: there is no such file; name one that `firstline backup` wrote.")
    if target.exists() and file.samefile(target):
        raise BackupFailed(f"{file}: this is the database itself; name a backup of it.")


def _check_revision(revision: str, *, may_migrate: bool) -> None:
    newest = newest_revision()
    if revision not in known_revisions():
        raise BackupFailed(
            f"The backup has the schema {revision}, which this version of Firstline does not know (it has "
            f"{newest}): install the version that wrote it, or a newer one."
        )
    if revision != newest and not may_migrate:
        raise BackupFailed(
            f"The backup has the older schema {revision}, and this version of Firstline needs {newest}: add "
            "--migrate to bring what is restored to it; the backup itself stays as it is."
        )


def _path_of(url: str) -> Path:
    address = parsed(url)
    if "uri" in address.query:
        raise BackupFailed(
            "FIRSTLINE_DATABASE_URL: a URI of SQLite cannot be backed up; name the file as sqlite:///FILE."
        )
    return Path(address.database or "")


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(file), errors='surrogateescape')}?mode=rw", uri=True, isolation_level=None
    )


def _copy(source: Path, made: Path, progress: Progress) -> None:
    with closing(_opened(source)) as reader, closing(_opened(made)) as writer:
        # One snapshot from the first page to the last: else each commit of a server would begin it anew.
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reader.backup(writer, pages=PAGES, progress=lambda _, left, all_: progress.reach(all_ - left, all_))
        writer.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it


def _revision_of(file: Path, asked: Path, progress: Progress) -> str:
    """The revision of a database whose every page is sound."""
    if file.stat().st_size > LONG:
        progress.say("Every page is checked ...")
    with closing(_opened(file)) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise BackupFailed(f"{asked}: the database is damaged ({found}); use an earlier backup.")
        try:
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except (sqlite3.OperationalError, TypeError):
            raise BackupFailed(f"{asked}: this is no database of Firstline's, or it is empty.") from None
    return str(revision)


@contextmanager
def _new_beside(file: Path) -> Iterator[Path]:
    """A new file in the same folder, for the owner alone; what is left of it at the end is removed."""
    if not file.parent.is_dir():
        raise BackupFailed(f"{file}: there is no folder {file.parent}; make it, or name a file elsewhere.")
    number, name = tempfile.mkstemp(prefix=f"{file.name}.", suffix=".part", dir=file.parent)
    os.close(number)
    made = Path(name)
    try:
        yield made
    finally:
        made.unlink(missing_ok=True)
        _remove_beside(made)


@contextmanager
def _held(target: Path) -> Iterator[None]:
    """Hold a database that nobody else has open."""
    if not target.exists():
        yield
        return
    with closing(sqlite3.connect(target, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            # Out of WAL only the last one who has it open can lead: a server has it open all the time.
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise BackupFailed(
                    f"{target}: a server or a command is using this database; stop it, then restore again."
                ) from None
            if error.sqlite_errorcode & 0xFF not in DAMAGED:  # whether a server runs cannot be told then
                raise
            # Damaged: that is what a backup is for.
        yield


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BackupFailed(
            f"{file}: SQLite refused it ({error}); nothing was changed. Check the file, its folder, the "
            "rights and the space on the disk."
        ) from None


def _remove_beside(file: Path) -> None:
    for suffix in BESIDE:
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _make_durable(file: Path) -> None:
    """Let a renamed file be there after a power cut."""
    for path in (file, file.parent):
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
