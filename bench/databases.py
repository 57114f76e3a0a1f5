"""Makes fresh databases: SQLite files, and a real PostgreSQL from the wheel."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from bot.storage import connect, migrate
from tests.support.postgresql import started


class Databases:
    """Makes fresh databases by kind, `sqlite` or `postgresql`, under one folder."""

    def __init__(self, folder: Path, server: str) -> None:
        """`server`: the URL of PostgreSQL's own database, where it runs."""
        self._folder = folder
        self.server = server
        self._made = 0

    def fresh(self, kind: str, *, migrated: bool = True) -> str:
        """The URL of a new database, with our schema or empty."""
        self._made += 1
        if kind == "sqlite":
            url = f"sqlite:///{self._folder / f'bench{self._made}.db'}"
        else:
            with create_engine(self.server, isolation_level="AUTOCOMMIT").connect() as connection:
                connection.execute(text(f"CREATE DATABASE bench{self._made}"))
            url = self.server.replace("/postgres?", f"/bench{self._made}?")
        if migrated:
            database = connect(url)
            migrate(database)
            database.close()
        return url

    def copy(self, url: str) -> str:
        """The URL of a new PostgreSQL database like this one, which nobody may use meanwhile."""
        self._made += 1
        name, of = f"bench{self._made}", make_url(url).database
        with create_engine(self.server, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {of} STRATEGY FILE_COPY"))
        return self.server.replace("/postgres?", f"/{name}?")

    def durability(self) -> str:
        """PostgreSQL's version and settings of durability, as one line."""
        names = ("server_version", "fsync", "synchronous_commit", "wal_sync_method")
        with create_engine(self.server).connect() as connection:
            values = [connection.execute(text(f"SHOW {name}")).scalar_one() for name in names]
        return ", ".join(f"{name} {value}" for name, value in zip(names, values, strict=True))


@contextmanager
def databases(folder: Path, *, postgresql: bool) -> Iterator[Databases]:
    """The databases of a folder; with `postgresql`, its server runs meanwhile."""
    with ExitStack() as stack:
        server = ""
        if postgresql:
            runtime = stack.enter_context(tempfile.TemporaryDirectory(prefix="firstline-run-"))
            os.environ.setdefault("XDG_RUNTIME_DIR", runtime)
            running = started(folder / "pgdata")
            stack.callback(running.cleanup)
            server = running.get_uri().replace("postgresql://", "postgresql+psycopg://")
        yield Databases(folder, server)
