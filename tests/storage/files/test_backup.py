"""A backup holds what the database held at one moment, and takes its place again."""

import os
import shlex
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

from bot.domain.errors import BackupFailed
from bot.storage import Database, connect, current_revision
from bot.storage.backup import PAGES, back_up, postgresql_command, restore
from bot.storage.migrate import migrate_to, newest_revision
from tests.support.days.history import add_history
from tests.support.desk.helpdesk import Helpdesk
from tests.support.e2e.databases import on_postgresql, on_sqlite
from tests.support.unknown import UNKNOWN
from tests.support.unreadable import open_folder, without_rights

NAMES = "SELECT name FROM people ORDER BY id"


class Quiet:
    """Somebody who does not look."""

    def reach(self, done: int, total: int) -> None:
        pass

    def say(self, text: str) -> None:
        pass


@pytest.fixture
def file(tmp_path: Path, sqlite_template: Path) -> Path:
    """A database in which Ana is."""
    made = tmp_path / "firstline.db"
    shutil.copy(sqlite_template, made)
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("INSERT INTO people (name, created_at) VALUES ('Ana', '2026-01-01')")
        connection.commit()
    return made


def url_of(file: Path) -> str:
    return f"sqlite:///{file}"


def names_in(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute(NAMES)]


def in_folder(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@on_sqlite
def test_a_backup_is_of_one_moment_whatever_a_server_writes_meanwhile(
    database: Database, tmp_path: Path
) -> None:
    add_history(database, 6000)
    source, copy = tmp_path / "firstline.db", tmp_path / "copy.db"
    portions: list[int] = []

    class Server(Quiet):
        """A server that commits after each portion."""

        def reach(self, done: int, total: int) -> None:
            assert total > 2 * PAGES
            portions.append(done)
            with database.transaction() as connection:
                for statement in (
                    "INSERT INTO texts (body) VALUES ('new')",
                    "INSERT INTO people (name, created_at) VALUES ('new', '2026-01-01')",
                ):
                    connection.exec_driver_sql(statement)

    before = len(names_in(source))
    copied = back_up(url_of(source), copy, Server(), force=False)
    assert sorted(set(portions)) == portions, "no page was copied twice"
    assert len(portions) > 2
    assert len(names_in(source)) == before + len(portions)
    assert len(names_in(copy)) == before
    assert (copied.revision, copied.size) == (newest_revision(), copy.stat().st_size)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert in_folder(tmp_path) == {"firstline.db", "firstline.db-wal", "firstline.db-shm", "copy.db"}


def test_no_file_is_replaced_unless_that_is_wanted(file: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(BackupFailed, match="--force"):
        back_up(url_of(file), tmp_path / "copy.db", Quiet(), force=False)
    assert (tmp_path / "copy.db").read_text() == "mine"
    back_up(url_of(file), tmp_path / "copy.db", Quiet(), force=True)
    assert names_in(tmp_path / "copy.db") == ["Ana"]
    (tmp_path / "other-name.db").symlink_to(file)
    number = file.stat().st_ino
    for itself in (file, tmp_path / "other-name.db"):
        with pytest.raises(BackupFailed, match="the database itself"):
            back_up(url_of(file), itself, Quiet(), force=True)
    assert file.stat().st_ino == number, "a server that has it open would write into a file without a name"
    with pytest.raises(BackupFailed, match="--force"):
        restore(url_of(file), tmp_path / "copy.db", Quiet(), force=False, may_migrate=False)


def test_what_is_no_sound_database_of_ours_becomes_no_backup_and_is_not_restored(
    file: Path, tmp_path: Path
) -> None:
    others = tmp_path / "others.db"
    with closing(sqlite3.connect(others)) as connection:
        connection.execute("CREATE TABLE people (name)")
        connection.commit()
    damaged, words = tmp_path / "damaged.db", tmp_path / "words.db"
    content = bytearray(file.read_bytes())
    content[8 * 4096 : 40 * 4096] = b"\xff" * (32 * 4096)
    damaged.write_bytes(content)
    words.write_text("no database at all " * 1000)
    before = in_folder(tmp_path)
    for wrong, told in (
        (others, "no database of"),
        (damaged, "damaged|malformed"),
        (words, "not a database"),
    ):
        with pytest.raises(BackupFailed, match=told):
            back_up(url_of(wrong), tmp_path / "copy.db", Quiet(), force=False)
        with pytest.raises(BackupFailed, match=told):
            restore(url_of(file), wrong, Quiet(), force=True, may_migrate=True)
    assert in_folder(tmp_path) - {"damaged.db-journal"} == before
    assert names_in(file) == ["Ana"]


def test_what_is_not_there_is_said(file: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="no database"):
        back_up(url_of(tmp_path / "none.db"), tmp_path / "copy.db", Quiet(), force=False)
    with pytest.raises(BackupFailed, match="no such file"):
        restore(url_of(file), tmp_path / "none.db", Quiet(), force=True, may_migrate=False)
    with pytest.raises(BackupFailed, match="itself"):
        restore(url_of(file), file, Quiet(), force=True, may_migrate=False)
    assert in_folder(tmp_path) == {"firstline.db"}


def test_a_restored_database_is_as_it_was(file: Path, tmp_path: Path) -> None:
    back_up(url_of(file), tmp_path / "copy.db", Quiet(), force=False)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DELETE FROM people")
        connection.commit()
    restore(url_of(file), tmp_path / "copy.db", Quiet(), force=True, may_migrate=False)
    assert names_in(file) == ["Ana"]
    restore(url_of(tmp_path / "new.db"), tmp_path / "copy.db", Quiet(), force=False, may_migrate=False)
    assert names_in(tmp_path / "new.db") == ["Ana"]
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


def test_a_backup_takes_the_place_of_a_damaged_database_with_its_log(file: Path, tmp_path: Path) -> None:
    back_up(url_of(file), tmp_path / "copy.db", Quiet(), force=False)
    file.write_bytes(b"\x00" * 8192)
    (tmp_path / "firstline.db-wal").write_bytes(b"the log of what is lost")
    restore(url_of(file), tmp_path / "copy.db", Quiet(), force=True, may_migrate=False)
    assert names_in(file) == ["Ana"]
    assert in_folder(tmp_path) == {"copy.db", "firstline.db"}


def test_nothing_is_restored_over_a_database_that_somebody_has_open(file: Path, tmp_path: Path) -> None:
    back_up(url_of(file), tmp_path / "copy.db", Quiet(), force=False)
    server = connect(url_of(file), serving=True)
    with pytest.raises(BackupFailed, match="stop it"):
        restore(url_of(file), tmp_path / "copy.db", Quiet(), force=True, may_migrate=False)
    with server.transaction() as connection:
        connection.exec_driver_sql("INSERT INTO people (name, created_at) VALUES ('Bob', '2026-01-01')")
    server.close()
    assert names_in(file) == ["Ana", "Bob"]
    restore(url_of(file), tmp_path / "copy.db", Quiet(), force=True, may_migrate=False)
    assert names_in(file) == ["Ana"]


def test_an_older_backup_is_migrated_only_where_that_was_said(tmp_path: Path) -> None:
    old = connect(url_of(tmp_path / "old.db"))
    migrate_to(old, "0010")
    old.close()
    back_up(url_of(tmp_path / "old.db"), tmp_path / "copy.db", Quiet(), force=False)
    target = url_of(tmp_path / "new.db")
    with pytest.raises(BackupFailed, match=f"0010.*{newest_revision()}.*--migrate"):
        restore(target, tmp_path / "copy.db", Quiet(), force=False, may_migrate=False)
    assert not (tmp_path / "new.db").exists()
    assert restore(target, tmp_path / "copy.db", Quiet(), force=False, may_migrate=True).revision != "0010"
    restored, kept = connect(target), connect(url_of(tmp_path / "copy.db"))
    assert (current_revision(restored), current_revision(kept)) == (newest_revision(), "0010")
    restored.close()
    kept.close()


def test_a_backup_of_a_newer_version_is_refused(file: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    back_up(url_of(file), tmp_path / "copy.db", Quiet(), force=False)
    with pytest.raises(BackupFailed, match=r"9999.*newer"):
        restore(url_of(tmp_path / "new.db"), tmp_path / "copy.db", Quiet(), force=False, may_migrate=True)


# --- PostgreSQL ---------------------------------------------------------------------------------------


def test_postgresqls_own_commands_are_told_without_a_password() -> None:
    url = "postgres://ana:s3cret@db.example.com:5433/help?sslmode=require&pool_size=3"
    for restoring, tool in ((False, "pg_dump"), (True, "pg_restore")):
        command = postgresql_command(url, Path("a b.dump"), restore=restoring)
        assert command is not None
        assert tool == command[0]
        told = shlex.join(command)
        assert "'--dbname=postgresql://ana@db.example.com:5433/help?sslmode=require'" in told
        assert "s3cret" not in told
        assert "'--file=a b.dump'" in told or told.endswith(" 'a b.dump'")


@pytest.fixture
def tools(database_url: str) -> Path:
    """The folder of the server's own programs."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT setting FROM pg_config WHERE name = 'BINDIR'")).scalar_one()
    engine.dispose()
    for name in ("pg_dump", "pg_restore"):
        if not (Path(found) / name).exists():
            pytest.skip(f"{name} is not in {found}")
    return Path(found)


def content_of(url: str) -> dict[str, list[Any]]:
    """Every row of every table."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"'))))  # noqa: S608  # our own names
            for name in inspect(engine).get_table_names()
        }
    engine.dispose()
    return found


@on_postgresql
def test_what_was_told_brings_back_every_row(
    helpdesk: Helpdesk, database_url: str, tools: Path, tmp_path: Path
) -> None:
    add_history(helpdesk.database, 60)
    helpdesk.writes("eva", "which colour?", helpdesk.claimed("ana", text=UNKNOWN))
    restored_url = database_url.replace("/firstline?", "/restored?")
    admin = create_engine(database_url.replace("/firstline?", "/postgres?"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS restored"))
        connection.execute(text("CREATE DATABASE restored"))
    admin.dispose()
    for url, restoring in ((database_url, False), (restored_url, True)):
        command = postgresql_command(url, tmp_path / "firstline.dump", restore=restoring)
        assert command is not None
        subprocess.run([str(tools / command[0]), *command[1:]], check=True, env={"PATH": str(tools)})
    before, after = content_of(database_url), content_of(restored_url)
    assert set(before) == set(after)
    for name, rows in before.items():
        assert rows == after[name], name
    assert all(before[name] for name in ("texts", "tickets", "ticket_events", "outbox", "relays"))
    restored = connect(restored_url)
    assert current_revision(restored) == newest_revision()
    for statement in ("UPDATE ticket_events SET kind = 'x'", "DELETE FROM ticket_events"):
        with pytest.raises(Exception, match="append-only"), restored.transaction() as writing:
            writing.exec_driver_sql(statement)
    newest = "SELECT max(id) FROM texts"
    with restored.transaction() as writing:
        last = writing.exec_driver_sql(newest).scalar_one()
        added = writing.exec_driver_sql("INSERT INTO texts (body) VALUES ('x') RETURNING id").scalar_one()
    assert added > last, "numbers go on"
    restored.close()


def test_who_may_not_write_a_database_does_not_replace_it(file: Path) -> None:
    with open_folder() as folder:
        folder.chmod(0o777)
        target, copy = folder / "firstline.db", folder / "copy.db"
        shutil.copy(file, target)
        back_up(url_of(file), copy, Quiet(), force=False)
        copy.chmod(0o644)
        target.chmod(0o444)
        with without_rights(), pytest.raises(BackupFailed, match="nothing was changed"):
            restore(url_of(target), copy, Quiet(), force=True, may_migrate=False)
        assert stat.S_IMODE(target.stat().st_mode) == 0o444


def test_names_of_files_that_are_not_utf8(file: Path, tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9.db")
    back_up(url_of(file), odd, Quiet(), force=False)
    file.unlink()
    restore(url_of(file), odd, Quiet(), force=False, may_migrate=False)
    assert names_in(file) == ["Ana"]
