"""Connections to SQLite and PostgreSQL, set so that what was committed survives a power cut."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Engine, NullPool, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.domain.errors import DatabaseNotReady, SettingsInvalid, StorageUnavailable
from bot.runtime.deadline import seconds_left
from bot.storage.database_url import parsed, pool_options
from bot.storage.postgresql import is_operational, postgresql_engine
from bot.storage.private_files import file_of, make_for_owner

BUSY_SECONDS = 15.0  # that SQLite waits for a lock
BUSY_SECONDS_SERVING = 1.0  # with somebody waiting: the transaction is run again while they do
READERS = 2  # threads beside them that only read
WORKERS = 8  # threads on PostgreSQL, where it has so many connections for us
READING = {"reading": True, "postgresql_readonly": True}


class Database:
    """One database; `workers` is how many threads may use it at once with profit."""

    def __init__(self, engine: Engine, workers: int) -> None:
        self.engine = engine
        self.sqlite = engine.dialect.name == "sqlite"
        self.workers = workers
        # What `Prepared` statements raise: the driver's own.
        self.error: type[Exception] = engine.dialect.loaded_dbapi.Error

    @contextmanager
    def transaction(self, *, reading: bool = False) -> Iterator[Connection]:
        """A connection in a transaction that commits when the block ends without an error.

        With `reading` it takes no lock that holds a writer up, and PostgreSQL refuses to write in it. What
        nobody waits for any more is neither begun nor committed: `StorageUnavailable`.
        """
        _check_somebody_waits()
        with self.engine.connect() as connection:
            if reading:
                connection.execution_options(**READING)
            with connection.begin():
                try:
                    yield connection
                    _check_somebody_waits()
                except self.error as error:
                    self._drop_if_lost(connection, error)
                    raise

    def _drop_if_lost(self, connection: Connection, error: Any) -> None:
        # SQLAlchemy does it for its own statements: a connection that is lost must not be used again.
        if connection.invalidated:
            return
        driver: Any = connection.connection.driver_connection
        if self.engine.dialect.is_disconnect(error, driver, None):
            connection.invalidate(error)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def connect_reading(url: str) -> Database:
    """Open a database that is only read: nothing is made or changed, not even SQLite's files beside its own.

    Raises like `connect`, and `DatabaseNotReady` where there is no file.
    """
    check_is_there(url)
    address = parsed(url)
    if address.get_backend_name() != "sqlite":
        return connect(url, serving=True)
    file = file_of(address).absolute()
    # Without a log beside it nobody has it open, and SQLite would make one: it is read as it lies there.
    alone = "" if file.with_name(f"{file.name}-wal").exists() else "&immutable=1"
    place = f"file:{quote(str(file), errors='surrogateescape')}?mode=ro{alone}"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(
            place, uri=True, isolation_level=None, timeout=BUSY_SECONDS_SERVING, check_same_thread=False
        ),
        poolclass=NullPool,
        hide_parameters=True,
    )
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return _opened(Database(engine, 1), address)


def connect(url: str, *, serving: bool = False) -> Database:
    """Open a database by its URL; `postgres://` and `postgresql://` mean psycopg 3.

    With `serving` no statement takes long: people wait for it, and a command or a migration may not be one.
    Raises `SettingsInvalid` for a URL that cannot be used, and `DatabaseNotReady` where nobody answers.
    """
    address = parsed(url)
    try:
        if address.get_backend_name() == "sqlite":
            database = Database(_sqlite(address, serving=serving), 1)
        else:
            places = pool_options(address)
            places_in_all = places["pool_size"] + places["max_overflow"]
            workers = max(1, min(WORKERS, places_in_all - READERS))
            database = Database(postgresql_engine(address, serving=serving), workers)
        return _opened(database, address)
    except (TypeError, ValueError) as error:
        raise SettingsInvalid(
            f"FIRSTLINE_DATABASE_URL: {address.render_as_string()} has an option of no use ({error}); "
            "correct what stands after the question mark."
        ) from None


def _opened(database: Database, address: URL) -> Database:
    try:
        make_for_owner(address)
        database.engine.connect().close()
    except DBAPIError as error:
        raise DatabaseNotReady(
            f"FIRSTLINE_DATABASE_URL: {shown_address(address)} does not open ({reason_of(error)}). "
            f"{_what_to_see(address)}"
        ) from None
    return database


def _what_to_see(address: URL) -> str:
    if address.get_backend_name() == "sqlite":
        folder = file_of(address).absolute().parent
        return f"See that the folder {folder} is there, and that this account may write it and the file."
    return "See that PostgreSQL runs there and lets this machine in, and that name and password are right."


def reason_of(error: DBAPIError) -> str:
    """What the database itself said, in one line."""
    return _first_line(error.orig)


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def trouble_in(error: BaseException) -> str | None:
    """What to tell an operator of a database that fails at work; None for an error of another kind."""
    own: object = error.orig if isinstance(error, DBAPIError) else error
    if (
        isinstance(error, PoolTimeout | OperationalError | sqlite3.OperationalError)
        or type(error) in (DatabaseError, sqlite3.DatabaseError)  # a file that is damaged
        or is_operational(own)
    ):
        reason = _first_line(own)
        return f"FIRSTLINE_DATABASE_URL: the database cannot be used: {reason}; see `firstline doctor`."
    return None


def _check_somebody_waits() -> None:
    if seconds_left() <= 0:
        raise StorageUnavailable("The database took too long; what nobody waited for any more was undone.")


def is_there(url: str) -> bool:
    """Whether there may be something in a database: opening a file of SQLite that is not there makes one."""
    address = parsed(url)
    return address.get_backend_name() != "sqlite" or file_of(address).is_file()


def check_is_there(url: str) -> None:
    """Raise `DatabaseNotReady` where there is no file: whoever only reads must not make one."""
    if is_there(url):
        return
    file = file_of(parsed(url))
    place = str(file) if file.is_absolute() else f"{file} (seen from {Path.cwd()})"
    raise DatabaseNotReady(
        f"FIRSTLINE_DATABASE_URL: there is no database {place}. Run this where your .env is, or name "
        "the file; a new one is made by `firstline serve` or `firstline migrate`."
    )


def mistake_in(url: str) -> str | None:
    """What is wrong with a database URL, or None; nothing is opened."""
    try:
        parsed(url)
    except SettingsInvalid as error:
        return str(error)
    return None


def shown(url: str) -> str:
    """A database URL without its password."""
    return shown_address(parsed(url))


def shown_address(address: URL) -> str:
    """An address as an operator writes it: without its password, and without our driver's name."""
    return address.set(drivername=address.get_backend_name()).render_as_string()


def _sqlite(url: URL, *, serving: bool) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        # Pragmas and BEGIN are ours: pysqlite would begin late, and then upgrade a read lock and fail.
        connect_args={
            "isolation_level": None,
            "check_same_thread": False,
            **(
                {}
                if "timeout" in url.query
                else {"timeout": BUSY_SECONDS_SERVING if serving else BUSY_SECONDS}
            ),
        },
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
