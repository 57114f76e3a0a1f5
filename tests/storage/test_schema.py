"""Migrations equal the tables, on both databases; what must not change cannot."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, inspect, select
from sqlalchemy.exc import DBAPIError, StatementError

from bot.domain.conversations.messages import Button, Line, Quote, Reply
from bot.domain.errors import SettingsInvalid
from bot.domain.people import Identity
from bot.storage import Database, connect, current_revision, migrate
from bot.storage.migrate import migrations_config, newest_revision
from bot.storage.rows import reply_json
from bot.storage.schema.columns import metadata
from bot.storage.schema.messages import outbox
from bot.storage.schema.tables import conversations, episodes, people, texts, tickets
from bot.storage.unit_of_work import units_of_work

AT = datetime(2026, 1, 1, 9, tzinfo=UTC)


def test_migrations_make_exactly_the_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_what_is_there_before_a_migration_is_kept(tmp_path: Path) -> None:
    # On SQLite: a migration that makes a table anew would lose its rows there, and nowhere else.
    database = connect(f"sqlite:///{tmp_path / 'old.db'}")
    config = migrations_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    with database.engine.begin() as connection:
        for statement in (
            "INSERT INTO people (id, name, created_at) VALUES (1, 'Ana', '2026-01-01 09:00:00')",
            "INSERT INTO conversations (id, channel, tenant, space, thread, private) "
            "VALUES (1, 'slack', 'T1', 'D1', '1.0', 1)",
            "INSERT INTO texts (id, body) VALUES (1, 'help')",
            "INSERT INTO episodes (id, token, person_id, conversation_id, state, language, asked, angry, "
            "question_id, offered, tried, presses, link, started_at, last_at) VALUES "
            "(1, 'e', 1, 1, 'ticket', 'en', 0, 0, 1, '[]', '[]', '[]', '', '2026-01-01 09:00:00', "
            "'2026-01-01 09:00:00')",
            "INSERT INTO tickets (id, token, status, priority, queue, language, requester_id, episode_id, "
            "question_id, channel, link, opened_at) VALUES (7, 't', 'open', 2, '', 'en', 1, 1, 1, 'slack', "
            "'', '2026-01-01 09:00:00')",
            "INSERT INTO cards (ticket_id, conversation_id, room, receipt) VALUES (7, 1, 'r', 'm1')",
            "INSERT INTO rosters (channel, room, refreshed_at) VALUES ('slack', 'r', '2026-01-01')",
            "INSERT INTO roster_members (channel, tenant, external_id) VALUES ('slack', 'T1', 'U1')",
        ):
            connection.exec_driver_sql(statement)
    migrate(database)
    with units_of_work(database)() as work:
        ticket = work.tickets.get(7)
        assert ticket is not None
        assert (ticket.target, ticket.why, ticket.merged_into, ticket.outage_id) == ("", (), None, None)
        assert work.tickets.cards(7) == (1,)
        assert work.rosters.members(datetime(2025, 1, 1, tzinfo=UTC)) == (
            (Identity("slack", "T1", "U1"), ""),
        )
    database.close()


def test_posts_from_before_can_lose_their_buttons(tmp_path: Path) -> None:
    database = connect(f"sqlite:///{tmp_path / 'old.db'}")
    config = migrations_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
    ticket = {"ticket_id": 1, "conversation_id": 1, "kind": "reply", "due_at": AT, "created_at": AT}
    words = '"buttons": [{'
    pressed = reply_json.dump(Reply((Line("It is HELP-1001"),), (Button("cancel", "Cancel", "t"),)))
    quoted = reply_json.dump(Reply((Quote(words),)))
    rows = {
        people: {"name": "Ana", "created_at": AT},
        conversations: {"channel": "slack", "tenant": "T1", "space": "D1", "thread": "", "private": True},
        episodes: {
            "token": "e",
            "person_id": 1,
            "conversation_id": 1,
            "state": "ticket",
            "language": "en",
            "asked": False,
            "angry": False,
            "question_id": 1,
            "offered": [],
            "tried": [],
            "presses": [],
            "link": "",
            "started_at": AT,
            "last_at": AT,
        },
        tickets: {
            "token": "t",
            "status": "open",
            "priority": 2,
            "queue": "",
            "language": "en",
            "requester_id": 1,
            "episode_id": 1,
            "question_id": 1,
            "channel": "slack",
            "link": "",
            "opened_at": AT,
            "look_at": None,
        },
    }
    with database.engine.begin() as connection:
        connection.execute(insert(texts), [{"body": "help"}, {"body": pressed}, {"body": quoted}])
        for table, row in rows.items():
            connection.execute(insert(table).values(row))
        for number, text_id in enumerate((2, 3), 1):
            connection.execute(insert(outbox).values({**ticket, "number": number, "text_id": text_id}))
    migrate(database)
    with units_of_work(database)() as work:
        assert work.outbox.with_buttons(1) == ((1, 1),)
    database.close()


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
