"""Database URLs in the forms in which providers, programs and people write them."""

from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from bot.domain.errors import SettingsInvalid
from bot.storage import connect, mistake_in, shown
from bot.storage.database_url import driver_options, parsed, pool_options, without_ours
from bot.storage.engine import READERS
from tests.support.e2e.databases import on_postgresql

AS_LIBPQ_READS_THEM = (
    "postgresql://ana:secret@db.example.com/desk",
    "postgres://ana:secret@db.example.com:6432/desk?sslmode=require&channel_binding=require",
    "postgresql://ana%40example:p%40ss%2Fw%23r%3Fd%25@db.example.com/my%2Ddesk",
    "postgresql://ana:a:b@db.example.com/desk",
    "postgresql://ana:secret@[::1]:5432/desk",
    "postgresql://ana:secret@one:5432,two:5433/desk?target_session_attrs=read-write",
    "postgresql://ana:secret@one,two/desk",
    "postgresql://ana:secret@%2Frun%2Fpostgresql/desk",
    "postgresql:///desk?host=/run/postgresql&user=ana&password=p%26ss",
    "postgresql://ana:secret@db.example.com/desk?options=endpoint%3Dquiet-sea-17",
    "postgresql://ana:secret@db.example.com",
)
AS_PEOPLE_WRITE_THEM = {
    "postgresql://ana:p@ss@db.example.com/desk": "p@ss",
    "postgresql://ana:p@s@s@db.example.com:6432/desk?sslmode=require": "p@s@s",
    "postgresql://ana:p#s/s?@db.example.com/desk": "p#s/s?",
    "postgresql://ana:100%w@db.example.com/desk": "100%w",
}


def given_to_libpq(url: str) -> dict[str, Any]:
    address = without_ours(parsed(url))
    made = address.get_dialect()().create_connect_args(address)[1]
    made.pop("context", None)
    return {name: str(value) for name, value in made.items()}


@pytest.mark.parametrize("url", AS_LIBPQ_READS_THEM)
def test_what_libpq_reads_we_read_alike(url: str) -> None:
    assert {name: str(value) for name, value in conninfo_to_dict(url).items()} == given_to_libpq(url)


@pytest.mark.parametrize(("url", "password"), AS_PEOPLE_WRITE_THEM.items())
def test_a_password_need_not_be_encoded(url: str, password: str) -> None:
    read = given_to_libpq(url)
    assert (read["user"], read["password"], read["host"]) == ("ana", password, "db.example.com")


@pytest.mark.parametrize("url", [*AS_LIBPQ_READS_THEM, *AS_PEOPLE_WRITE_THEM])
def test_no_password_is_shown(url: str) -> None:
    password = given_to_libpq(url).get("password", "")
    assert password
    assert password not in shown(url)


def test_how_many_connections_there_are_stands_in_the_url() -> None:
    url = "postgresql://ana:secret@db.example.com/desk"
    assert pool_options(parsed(url))["pool_size"] == 10
    own = pool_options(parsed(f"{url}?pool_size=3&max_overflow=1&pool_recycle=60"))
    assert (own["pool_size"], own["max_overflow"], own["pool_recycle"]) == (3, 1, 60)
    others = parsed(f"{url}?pgbouncer=true&connection_limit=2")
    assert (pool_options(others)["pool_size"], pool_options(others)["max_overflow"]) == (2, 0)
    assert driver_options(others) == {"prepare_threshold": None}
    assert "connection_limit" not in given_to_libpq(f"{url}?connection_limit=2")


@pytest.mark.parametrize("option", ["pool_size=0", "pool_size=many", "connection_limit=0", "pool_timeout=-1"])
def test_a_pool_of_no_use_is_refused(option: str) -> None:
    mistake = mistake_in(f"postgresql://ana:secret@db.example.com/desk?{option}")
    assert mistake is not None
    assert option.partition("=")[0] in mistake
    with pytest.raises(SettingsInvalid):
        parsed(f"postgresql://ana:secret@db.example.com/desk?{option}")


@on_postgresql
def test_no_more_threads_than_connections(database_url: str) -> None:
    database = connect(f"{database_url}&connection_limit={3 + READERS}", serving=True)
    assert database.workers == 3
    with database.transaction() as connection:
        limits = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in ("statement_timeout",)]
    assert limits == ["10s"]
    database.close()
    patient = connect(database_url)
    with patient.transaction() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "0"
    patient.close()
