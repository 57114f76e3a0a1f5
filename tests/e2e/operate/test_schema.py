"""What a server does with a database that has not the newest schema."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.cli.operate.schema import make_ready
from bot.domain.errors import BackupFailed, DatabaseNotReady
from bot.storage import connect, current_revision
from bot.storage.migrate import migrate_to, newest_revision

OLDER = "0014"


def started(url: str, *, may_migrate: bool = False) -> str | None:
    """What a start does with the database; return its schema then."""
    database = connect(url, serving=True)
    try:
        make_ready(url, database, may_migrate=may_migrate)
        return current_revision(database)
    finally:
        database.close()


def older(url: str) -> str:
    """Make a database of an older version, with somebody in it."""
    database = connect(url)
    migrate_to(database, OLDER)
    with database.transaction() as connection:
        connection.execute(text("INSERT INTO people (name, created_at) VALUES ('Ana', '2026-03-02')"))
    database.close()
    return url


@pytest.fixture
def file(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'firstline.db'}"


@pytest.fixture
def server(postgresql: str) -> Iterator[str]:
    """An empty database on PostgreSQL."""
    url = postgresql.replace("/firstline?", "/started?")
    admin = create_engine(postgresql.replace("/firstline?", "/postgres?"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE started"))
    yield url
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE started WITH (FORCE)"))
    admin.dispose()


@pytest.mark.parametrize("there", ["absent", "empty"])
def test_an_empty_file_gets_the_schema_by_itself(file: str, tmp_path: Path, there: str) -> None:
    if there == "empty":
        (tmp_path / "firstline.db").touch()
    assert started(file) == newest_revision()
    assert started(file) == newest_revision(), "the next start finds it"
    assert not list(tmp_path.glob("*.backup")), "there was nothing to keep"


def test_an_older_file_is_left_alone_until_somebody_says_so(file: str, tmp_path: Path) -> None:
    older(file)
    with pytest.raises(DatabaseNotReady, match=f"older schema {OLDER}.*backup.*serve --migrate"):
        started(file)
    assert not list(tmp_path.glob("*.backup"))


def test_an_older_file_is_copied_before_it_is_migrated(file: str, tmp_path: Path) -> None:
    older(file)
    copy = tmp_path / f"firstline.db.schema-{OLDER}.backup"
    copy.write_text("of an attempt that failed")
    assert started(file, may_migrate=True) == newest_revision()
    with sqlite3.connect(copy) as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == (OLDER,)
        assert kept.execute("SELECT name FROM people").fetchone() == ("Ana",)
    kept.close()
    assert copy.stat().st_mode & 0o077 == 0


def test_without_a_copy_nothing_is_migrated(file: str, tmp_path: Path) -> None:
    older(file)
    (tmp_path / f"firstline.db.schema-{OLDER}.backup").mkdir()
    with pytest.raises((BackupFailed, OSError)):
        started(file, may_migrate=True)
    database = connect(file)
    assert current_revision(database) == OLDER
    database.close()


@pytest.mark.parametrize("may_migrate", [False, True])
def test_the_tables_of_another_program_and_a_newer_schema_are_refused(
    file: str, tmp_path: Path, may_migrate: bool
) -> None:
    with sqlite3.connect(tmp_path / "firstline.db") as other:
        other.execute("CREATE TABLE theirs (id INTEGER)")
    with pytest.raises(DatabaseNotReady, match="another program"):
        started(file, may_migrate=may_migrate)
    with other:
        other.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        other.execute("INSERT INTO alembic_version VALUES ('9999')")
    other.close()
    with pytest.raises(DatabaseNotReady, match=r"schema 9999, which this version .* does not know"):
        started(file, may_migrate=may_migrate)


@pytest.mark.postgresql
def test_on_postgresql_three_that_start_at_once_migrate_once(server: str) -> None:
    with pytest.raises(DatabaseNotReady, match=r"is empty.*serve --migrate"):
        started(server)
    with ThreadPoolExecutor(3) as replicas:
        found = list(replicas.map(lambda _: started(server, may_migrate=True), range(3)))
    assert found == [newest_revision()] * 3
    assert started(server) == newest_revision()
