"""What a database holds is still there after a migration, and means the same."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from bot.domain.people import Identity
from bot.storage import Database, connect, migrate
from bot.storage.migrate import current_revision, known_revisions, migrations_config, newest_revision
from bot.storage.unit_of_work import units_of_work

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgresql")).replace("/firstline?", "/before?")
        admin = create_engine(url.replace("/before?", "/postgres?"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS before"))
            connection.execute(text("CREATE DATABASE before"))
        admin.dispose()
    database = connect(url)
    yield database
    database.close()


def bring_to(database: Database, revision: str) -> None:
    config = migrations_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_revisions_are_those_that_alembic_knows(empty: Database) -> None:
    config = migrations_config()
    scripts = ScriptDirectory.from_config(config)
    assert newest_revision() == scripts.get_current_head()
    assert known_revisions() == {script.revision for script in scripts.walk_revisions()}
    assert current_revision(empty) is None
    bring_to(empty, "0002")
    assert current_revision(empty) == "0002"


def test_two_threads_migrate_a_database_each(tmp_path: Path) -> None:
    databases = [connect(f"sqlite:///{tmp_path / f'{number}.db'}") for number in range(4)]
    with ThreadPoolExecutor() as threads:
        list(threads.map(migrate, databases))
    assert [current_revision(database) for database in databases] == [newest_revision()] * 4
    for database in databases:
        assert "tickets" in inspect(database.engine).get_table_names()
        database.close()


def test_rosters_and_tickets_of_before_there_were_queues(empty: Database) -> None:
    bring_to(empty, "0002")
    at = AT.isoformat(sep=" ") if not empty.sqlite else AT.replace(tzinfo=None).isoformat(sep=" ")
    rows = [
        f"INSERT INTO rosters VALUES ('slack', 'slack:T1/CROOM', '{at}')",
        "INSERT INTO roster_members VALUES ('slack', 'T1', 'UEVA'), ('slack', 'T1', 'UERIC')",
        f"INSERT INTO people (name, created_at) VALUES ('Ana', '{at}'), ('Eva', '{at}')",
        "INSERT INTO conversations (channel, tenant, space, thread, private)"
        " VALUES ('slack', 'T1', 'D1', '1', true)",
        "INSERT INTO texts (body) VALUES ('help')",
    ]
    for number, (status, assignee) in enumerate(
        (("open", "NULL"), ("claimed", "2"), ("resolved", "2")), start=1
    ):
        rows.append(
            "INSERT INTO episodes (token, person_id, conversation_id, state, language, asked, angry,"
            " question_id, offered, tried, presses, link, started_at, last_at)"
            f" VALUES ('e{number}', 1, 1, 'ticket', 'en', false, false, 1, '[]', '[]', '[]', '',"
            f" '{at}', '{at}')"
        )
        claimed = "NULL" if assignee == "NULL" else f"'{at}'"
        rows.append(
            "INSERT INTO tickets (token, status, priority, queue, language, requester_id, assignee_id,"
            " episode_id, question_id, channel, link, opened_at, claimed_at)"
            f" VALUES ('t{number}', '{status}', 2, 'label', 'en', 1, {assignee}, {number}, 1, 'slack', '',"
            f" '{at}', {claimed})"
        )
    with empty.transaction() as connection:
        for row in rows:
            connection.execute(text(row))
    migrate(empty)
    with units_of_work(empty)() as work:
        room = ["slack:T1/CROOM"]
        for person in ("UEVA", "UERIC"):
            assert work.rosters.holds(Identity("slack", "T1", person), AT - timedelta(minutes=1), room)
        assert not work.rosters.holds(Identity("slack", "T1", "UEVA"), AT, ["slack:T1/CNET"])
        found = [work.tickets.get(number) for number in (1, 2, 3)]
        assert [ticket.queue for ticket in found if ticket] == ["label"] * 3
        assert [ticket.responded_at for ticket in found if ticket] == [None, AT, AT]
        assert {ticket.resolution_due for ticket in found if ticket} == {None}
        # The live ones are looked at, so that nobody's silence goes on for ever; nothing was promised them.
        assert [ticket.id for ticket in work.schedule.lock_due(AT, 10)] == [1, 2]


def test_words_that_nothing_names_go_and_the_others_stay(empty: Database) -> None:
    bring_to(empty, "0013")
    at = AT.isoformat(sep=" ") if not empty.sqlite else AT.replace(tzinfo=None).isoformat(sep=" ")
    with empty.transaction() as connection:
        connection.execute(text("INSERT INTO texts (body) VALUES ('earlier'), ('newest'), (''), ('title')"))
        for row in (
            f"INSERT INTO changed_messages (place, message, text_id, at) VALUES ('p', 'm', 2, '{at}')",
            f"INSERT INTO changed_messages (place, message, at) VALUES ('p', 'deleted', '{at}')",
            "INSERT INTO outages (token, key, title_id, target, started_at)"
            f" VALUES ('t', 'k', 4, '', '{at}')",
        ):
            connection.execute(text(row))
    migrate(empty)
    with empty.transaction(reading=True) as connection:
        found = connection.execute(text("SELECT body, erased_at IS NULL FROM texts ORDER BY id"))
        assert [tuple(row) for row in found] == [("", 0), ("newest", 1), ("", 1), ("title", 1)]
