"""Statements on the driver's own cursor: values, errors and lost connections are as they should be."""

import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import create_engine, insert, select, text, update

from bot.domain.errors import StorageBusy, StorageUnavailable
from bot.domain.people import Identity
from bot.storage import Database, connect
from bot.storage.rows.prepared_statements import Prepared, given
from bot.storage.schema.tables import holds, people
from bot.storage.unit_of_work import units_of_work
from tests.support.clock import START
from tests.support.desk.helpdesk import Helpdesk
from tests.support.unknown import UNKNOWN

ANA = Identity("slack", "T1", "ana")


def test_values_and_rows_are_converted_as_their_types_say(database: Database) -> None:
    add = Prepared(insert(people).returning(people.c.id))
    read = Prepared(select(people).where(people.c.id == given(people.c.id)))
    with database.transaction() as connection:
        number = add.number(connection, {"name": "Ana", "created_at": START})
        row = read.one(connection, {"p_id": number})
    assert (row.name, row.language, row.created_at) == ("Ana", None, START)


def test_what_a_statement_says_itself_is_kept(database: Database) -> None:
    rename = Prepared(update(people).where(people.c.name == "Ana").values(name=given(people.c.name)))
    read = Prepared(select(people.c.name).order_by(people.c.id).limit(1))
    with database.transaction() as connection:
        for name in ("Ana", "Eva"):
            connection.execute(insert(people).values(name=name, created_at=START))
        assert rename.run(connection, {"p_name": "Anna"}) == 1
        assert read.one(connection, {}).name == "Anna"
        assert rename.run(connection, {"p_name": "Anna"}) == 0


def test_a_text_with_the_signs_of_statements_is_kept(database: Database) -> None:
    name = "5 % of O'Hara: %(p_name)s ?"
    find = Prepared(select(people.c.name).where(people.c.name == name))
    with database.transaction() as connection:
        connection.execute(insert(people).values(name=name, created_at=START))
        assert find.one(connection, {}).name == name


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    add = Prepared(insert(holds))
    until = datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None)
    values = {"channel": "slack", "tenant": "T1", "space": "C1", "until": until}
    with pytest.raises(ValueError, match="zone"), database.transaction() as connection:
        add.run(connection, values)


def test_one_row_means_one(database: Database) -> None:
    read = Prepared(select(people.c.name))
    with pytest.raises(LookupError), database.transaction() as connection:
        read.one(connection, {})


@pytest.mark.postgresql
def test_a_lock_that_is_not_to_be_had_is_no_mistake(database: Database) -> None:
    if database.sqlite:
        pytest.skip("SQLite locks when a transaction begins")
    begin = units_of_work(database)
    with begin() as work:
        work.people.meet(ANA, "Ana", None, START)
    url = database.engine.url.update_query_dict({"options": "-clock_timeout=50ms"})
    impatient = connect(url.render_as_string(hide_password=False))
    with database.engine.begin() as holder:
        holder.execute(text("SELECT * FROM people FOR UPDATE"))
        with pytest.raises(StorageBusy), units_of_work(impatient)() as work:
            work.people.meet(ANA, "Ana", None, START)
    impatient.close()


@pytest.mark.postgresql
def test_a_connection_that_is_lost_is_not_used_again(database: Database) -> None:
    if database.sqlite:
        pytest.skip("a file is not lost")
    begin = units_of_work(database)
    with begin() as work:
        work.texts.add("first")
    other = create_engine(database.engine.url, isolation_level="AUTOCOMMIT")
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    with other.connect() as connection:
        connection.execute(text(f"{end} AND datname = current_database()"))
    other.dispose()
    with pytest.raises(StorageUnavailable, match="terminating connection"), begin() as work:
        work.texts.add("lost")
    with begin() as work:
        assert work.texts.get(work.texts.add("second")) == "second"


@pytest.mark.parametrize("said", ["my account is locked", f"{UNKNOWN}, and my chair squeaks"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_sqlite_has_prepared_it_does_not_prepare_anew_for_each_message(
    helpdesk: Helpdesk, said: str
) -> None:
    prepared: list[tuple[Any, ...]] = []

    def note(*what: Any) -> int:
        prepared.append(what)
        return sqlite3.SQLITE_OK

    with helpdesk.database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.set_authorizer(note)
    for person in ("ana", "bob", "cleo"):
        prepared.clear()
        helpdesk.say(person, said)
        helpdesk.clock.move(hours=1)
    assert [what for what in prepared if what[0] != sqlite3.SQLITE_TRANSACTION] == []
