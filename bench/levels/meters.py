"""Reads what processes and PostgreSQL have used, and how long transactions waited for locks."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import psutil
from sqlalchemy import Engine, create_engine, text

from bench.processes import STEPPED_BACK
from bench.serving import Served
from bot.storage import Database

LONG_WAIT = 50  # milliseconds for a lock, from which on PostgreSQL itself writes of it
SAMPLED = 0.2  # seconds from one look at a process to the next
SETTLED = 1.2  # seconds after which PostgreSQL's processes have told what they counted
_WAIT = re.compile(r"process (\d+) (still waiting for|acquired) (\w+ on \w+).* after ([\d.]+) ms")
_WAITING = re.compile(r"STATEMENT:  (.{1,60})")
_ENTRIES = re.compile(r"\n(?!\t)")
_SAID = re.compile(r"LOG:  (?:statement|execute [^:]*): *(.*)", re.DOTALL)
_LOCKING = re.compile(r"\bFOR (NO KEY )?UPDATE\b")
_COUNTED = """
    SELECT xact_commit,
        (SELECT pg_current_wal_insert_lsn() - '0/0'),
        (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'),
        (SELECT sum(n_tup_ins) FROM pg_stat_user_tables),
        (SELECT sum(n_tup_upd + n_tup_del) FROM pg_stat_user_tables),
        active_time + idle_in_transaction_time
    FROM pg_stat_database WHERE datname = current_database()
"""


class Peak:
    """The most memory and descriptors that one of the servers had."""

    def __init__(self, servers: Served) -> None:
        self._servers = servers
        self.megabytes = 0.0
        self.descriptors = 0

    @contextmanager
    def watched(self) -> Iterator[Self]:
        """Look at the processes again and again meanwhile."""
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(SAMPLED):
                self._look()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield self
        finally:
            ended.set()
            thread.join()
        self._look()

    def _look(self) -> None:
        self.megabytes = max(self.megabytes, self._servers.megabytes())
        self.descriptors = max(self.descriptors, *(one.descriptors() for one in self._servers.children))


@dataclass(frozen=True, slots=True)
class Counted:
    """What PostgreSQL has counted for one database since it was made; `wal` and `flushes` for all."""

    commits: float
    wal: float  # bytes
    flushes: float  # of the write-ahead log to the disk
    inserted: float
    changed: float  # rows updated or deleted
    held: float  # milliseconds in transactions

    def since(self, before: "Counted") -> "Counted":
        """The difference."""
        return Counted(*(getattr(self, one.name) - getattr(before, one.name) for one in fields(self)))

    def times(self, factor: float) -> "Counted":
        """So many times as much."""
        return Counted(*(getattr(self, one.name) * factor for one in fields(self)))


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements that were sent: all, those that begin or end a transaction, those that lock rows."""

    all: int
    bounds: int
    locking: int


@dataclass(frozen=True, slots=True, order=True)
class LongWait:
    """A long wait for a lock, and what it was for."""

    milliseconds: float
    what: str


class PostgreSQL:
    """The server of a run, as its processes, its counters and its log tell of it."""

    def __init__(self, folder: Path, server: str) -> None:
        self._log = folder / "log"
        self._process = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
        self._engine: Engine = create_engine(server, isolation_level="AUTOCOMMIT")
        self._read = self._log.stat().st_size
        self._set(log_lock_waits="on", deadlock_timeout=f"{LONG_WAIT}ms")
        for process in (self._process, *self._process.children()):  # those to come are like the first
            process.nice(STEPPED_BACK)

    def close(self) -> None:
        """Close its connection."""
        self._engine.dispose()

    def _set(self, **settings: str) -> None:
        with self._engine.connect() as connection:
            for name, value in settings.items():
                connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = '{value}'")
            connection.exec_driver_sql("SELECT pg_reload_conf()")

    def cpu_seconds(self) -> float:
        """The processor time of all its processes so far, in seconds."""
        own = self._process.cpu_times()
        seconds = own.children_user + own.children_system
        for process in (self._process, *self._process.children()):
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue  # it ended meanwhile: its time is its parent's
            seconds += times.user + times.system
        return float(seconds)

    def counted(self, database: Database) -> Counted:
        """What was counted for a database so far."""
        time.sleep(SETTLED)
        with database.transaction(reading=True) as connection:
            return Counted(*map(float, connection.execute(text(_COUNTED)).one()))

    def lock_waits(self) -> list[LongWait]:
        """Each long wait for a lock that its log tells since this was last asked."""
        begin, self._read = self._read, self._log.stat().st_size
        return waits_in(self._written(begin, self._read))

    @contextmanager
    def statements_written(self) -> Iterator[list[Statements]]:
        """Let it write down every statement meanwhile; the list has what was counted at the end."""
        found: list[Statements] = []
        begin = self._log.stat().st_size
        self._set(log_statement="all")
        try:
            yield found
        finally:
            self._set(log_statement="none")
        found.append(statements_in(self._written(begin, self._log.stat().st_size)))

    def _written(self, begin: int, end: int) -> str:
        with self._log.open("rb") as log:
            log.seek(begin)
            return log.read(end - begin).decode(errors="replace")


def waits_in(log: str) -> list[LongWait]:
    """Each wait that a log tells: as long as it took, or was when it was told last."""
    ended: list[LongWait] = []
    lasting: dict[str, LongWait] = {}
    for found, after in _waits(_ENTRIES.split(log)):
        process, told, lock, milliseconds = found.groups()
        own = (_WAITING.search(entry) for entry in after if f"[{process}]" in entry)
        statement = next((said[1] for said in own if said), "")
        wait = LongWait(float(milliseconds), f"{lock}: {statement}")
        if told == "acquired":
            lasting.pop(process, None)
            ended.append(wait)
        else:
            lasting[process] = wait
    return [*ended, *lasting.values()]


def _waits(entries: list[str]) -> Iterator[tuple[re.Match[str], list[str]]]:
    """Each entry of a wait with those that follow it, among which is its statement."""
    for number, entry in enumerate(entries):
        if found := _WAIT.search(entry):
            yield found, entries[number + 1 : number + 4]


def statements_in(log: str) -> Statements:
    """What a log tells of statements, each with the lines that follow it behind a tab."""
    said = [match.group(1) for match in map(_SAID.search, _ENTRIES.split(log)) if match]
    bounds = sum(one.startswith(("BEGIN", "COMMIT", "ROLLBACK")) for one in said)
    locking = sum(_LOCKING.search(one) is not None for one in said)
    return Statements(len(said), bounds, locking)
