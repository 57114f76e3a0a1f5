"""What a database holds is still there after a migration, and means the same."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from bot.domain.people import Identity
from bot.runtime.resources import find
from bot.storage import Database, connect, migrate
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
    config = Config()
    config.set_main_option("script_location", str(find("migrations")).replace("%", "%%"))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


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
