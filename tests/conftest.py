"""Real databases, the repository's own content, a clock that the test moves, and a whole desk on them."""

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import NullPool, create_engine, text

from bot.desk.knowledge.library import Library
from bot.domain.tickets.ticket import HELP, name_tickets
from bot.runtime.resources import find
from bot.server.content import library_of
from bot.server.settings import Settings
from bot.storage import Database, connect, migrate
from bot.storage.schema.columns import metadata
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk
from tests.support.postgresql import started

# Examples are the same in each run, however long one takes: what fails here fails for everybody. EXAMPLES
# asks for other ones.
settings.register_profile(
    "same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("others", settings.get_profile("same"), derandomize=False)
settings.load_profile("others" if os.environ.get("EXAMPLES") else "same")

SETTINGS = ("FIRSTLINE_", "SLACK_", "MICROSOFT_", "OTEL_")  # how the names of what the bot reads begin


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is learned once is there for every test and every process that a test starts."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    for name in list(os.environ):
        if name.startswith(SETTINGS) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FIRSTLINE_CACHE", str(cache))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")  # commands speak the language of the terminal


@pytest.fixture(autouse=True)
def _usual_names_of_tickets() -> Iterator[None]:
    yield
    name_tickets(HELP)  # a desk that a test has made with another prefix leaves it to the process


@pytest.fixture(autouse=True)
def _usual_logging() -> Iterator[None]:
    """A command that a test runs in its own process sends the logs to a stream that ends with the test."""
    root = logging.getLogger()
    before = root.level
    yield
    structlog.reset_defaults()
    root.setLevel(before)
    for handler in root.handlers[:]:
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(handler)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def library(cache: Path) -> Library:
    """The repository's own content with its real matcher."""
    loaded = library_of(Settings(articles=find("kb_articles"), intents=find("intents"), cache=str(cache)))
    assert loaded.load(), loaded.errors
    return loaded


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A real PostgreSQL from a wheel; the address of a migrated database on it."""
    runtime = tempfile.mkdtemp(prefix="firstline-run-")
    os.environ.setdefault("XDG_RUNTIME_DIR", runtime)
    server = started(Path(tempfile.mkdtemp(prefix="firstline-pg-")))
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        # The tests end our own processes, never the database's: it need not survive a power cut.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE firstline"))
    admin.dispose()
    url = url.replace("/postgres?", "/firstline?")
    database = connect(url)
    migrate(database)
    database.close()
    yield url
    server.cleanup()
    shutil.rmtree(runtime, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "firstline.db"
    database = connect(f"sqlite:///{path}")
    migrate(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.close()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database: first SQLite, then PostgreSQL."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "firstline.db")
        yield f"sqlite:///{tmp_path / 'firstline.db'}"
        return
    url: str = request.getfixturevalue("postgresql")
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))  # our own names
    engine.dispose()
    yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = connect(database_url)
    yield opened
    opened.close()


@pytest.fixture
def helpdesk(database: Database, library: Library, clock: Clock) -> Helpdesk:
    return Helpdesk(database, library, clock)
