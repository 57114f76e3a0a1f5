"""Migrations equal the tables, on both databases; what must not change cannot."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, inspect, select
from sqlalchemy.exc import DBAPIError, StatementError

from bot.domain.errors import SettingsInvalid
from bot.storage import Database, connect, current_revision, migrate
from bot.storage.migrate import newest_revision
from bot.storage.tables import metadata, people


def test_migrations_make_exactly_the_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_indexes_are_there_under_their_names(database: Database) -> None:
    expected = {str(index.name) for table in metadata.tables.values() for index in table.indexes}
    inspector = inspect(database.engine)
    found = {str(i["name"]) for name in inspector.get_table_names() for i in inspector.get_indexes(name)}
    assert expected <= found


def test_migrating_again_changes_nothing(database: Database) -> None:
    migrate(database)
    assert newest_revision() == current_revision(database)


@pytest.mark.parametrize("statement", ["UPDATE ticket_events SET kind = 'x'", "DELETE FROM ticket_events"])
def test_the_history_of_tickets_cannot_be_changed(database: Database, statement: str) -> None:
    with database.engine.begin() as connection:
        now = datetime.now(UTC)
        for table in metadata.sorted_tables:
            if table.name in ("people", "conversations", "texts", "episodes", "tickets", "ticket_events"):
                row = {
                    column.name: _value(column.name, now)
                    for column in table.columns
                    if not column.nullable and not column.primary_key
                }
                connection.execute(insert(table).values(row))
    with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def _value(name: str, now: datetime) -> object:
    if name.endswith("_at") or name == "at":
        return now
    if name.endswith("_id") or name in ("priority", "next_number", "lease"):
        return 1
    fixed: dict[str, object] = {"state": "ticket", "status": "open", "private": True}
    fixed |= {"asked": False, "angry": False, "notes_only": False}
    return fixed.get(name, [] if name in ("offered", "tried", "presses", "detail") else "x")


def test_times_are_aware_and_in_utc(database: Database) -> None:
    moment = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    with database.engine.begin() as connection:
        connection.execute(insert(people).values(name="Ana", created_at=moment))
        stored = connection.execute(select(people.c.created_at)).scalar_one()
    assert moment == stored
    assert UTC is stored.tzinfo
    with pytest.raises(StatementError, match="zone"), database.engine.begin() as connection:
        connection.execute(insert(people).values(name="Ana", created_at=datetime(2026, 3, 29)))  # noqa: DTZ001


def test_sqlite_survives_a_power_cut_and_checks_its_keys(tmp_path: Path) -> None:
    database = connect(f"sqlite:///{tmp_path / 'x.db'}")
    with database.engine.connect() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    database.close()
    assert pragmas == ["wal", 2, 1]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y"])
def test_databases_that_lose_tickets_are_refused(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="FIRSTLINE_DATABASE_URL"):
        connect(url)


def test_errors_never_show_what_people_wrote(database: Database) -> None:
    row = insert(people).values(id=1, name="my secret words", created_at=datetime.now(UTC))
    with database.engine.connect() as connection:
        connection.execute(row)
        with pytest.raises(DBAPIError) as caught:
            connection.execute(row)
    assert "my secret words" not in str(caught.value.args)
    assert "hide_parameters" in str(caught.value)
