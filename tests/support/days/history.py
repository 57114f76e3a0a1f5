"""A database with a history of closed tickets, and how much of it is visited."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text

from bot.storage import Database
from bot.storage.schema.columns import Moment
from tests.support.desk.helpdesk import ROOM

OF_ONE = 20  # tickets of each person of the history
POSTS = 4  # of each ticket of the history
BEYOND = 10_000_000  # the highest id of the history
STEPS = 10  # of SQLite's machine for each that is counted
THEN = datetime(2025, 6, 2, 8, tzinfo=UTC)  # when all of the history happened
RECEIVED = datetime(2026, 3, 1, 8, tzinfo=UTC)  # when its events came in: their keys are deleted after days
PERSON = f"(n - 1) / {OF_ONE} + 1"  # who asked for a ticket
TICKET, EVENTS = "(n - 1) / 3 + 1", 3  # the ticket of an event, and how many each has
POSTED = f"(n - 1) / {POSTS} + 1"  # the ticket of a post
REPLY = '{"blocks": [], "buttons": [], "fields": [], "summary": "Soon.", "language": "en", "menu": []}'
ODD = "n % 2 = 1"
# Every table that grows with the work: its columns, a row for each n from 1 on, how many for each ticket. The
# conversation 2n - 1 is the thread of a card, 2n the person's; the text 2n - 1 is theirs, 2n our reply. Who
# claims and resolves is the first person.
ROWS = {
    "people": ("id, name, created_at", "n, 'Person ' || n, :then", 1 / OF_ONE),
    "identities": ("person_id, channel, tenant, external_id", "n, 'slack', 'T1', 'old' || n", 1 / OF_ONE),
    "conversations": (
        "id, channel, tenant, space, thread, private, next_number, lease",
        f"n, 'slack', 'T1', CASE WHEN {ODD} THEN '{ROOM.space}' ELSE 'Dold' || ((n / 2 - 1) / {OF_ONE} + 1)"
        f" END, 'h' || n, NOT ({ODD}), {POSTS} / 2 + 1, 2",
        2,
    ),
    "texts": ("id, body", f"n, CASE WHEN {ODD} THEN 'it is broken ' || n ELSE '{REPLY}' END", 2),
    "episodes": (
        "id, token, person_id, conversation_id, state, language, asked, angry, question_id, offered, tried,"
        " presses, ticket_id, link, started_at, last_at",
        f"n, 'e' || n, {PERSON}, 2 * n, 'closed', 'en', FALSE, FALSE, 2 * n - 1, '[]', '[]', '[]', n,"
        " '', :then, :then",
        1,
    ),
    "utterances": (
        "episode_id, conversation_id, person_id, text_id, files, at, message",
        f"n, 2 * n, {PERSON}, 2 * n - 1, 0, :then, 'h' || n",
        1,
    ),
    "decisions": (
        "episode_id, at, kind, language, content_hash, matcher, candidates",
        "n, :then, 'ticket', 'en', 'hash', 'words-0', '[]'",
        1,
    ),
    "tickets": (
        "id, token, status, priority, queue, language, requester_id, assignee_id, episode_id, question_id,"
        " channel, link, opened_at, claimed_at, closed_at, target",
        "n, 't' || n, CASE n % 10 WHEN 0 THEN 'withdrawn' ELSE 'resolved' END, n % 3 + 1, '', 'en',"
        f" {PERSON}, 1, n, 2 * n - 1, 'slack', '', :then, :then, :then, CASE n % 5 WHEN 0 THEN"
        " 'password-reset' ELSE '' END",
        1,
    ),
    "ticket_events": (
        "ticket_id, at, kind, actor_id, channel, detail",
        f"{TICKET}, :then, CASE WHEN n % 3 = 1 THEN 'opened' WHEN n % 3 = 2 THEN 'claimed' WHEN"
        f" ({TICKET}) % 10 = 0 THEN 'withdrawn' ELSE 'resolved' END, CASE WHEN n % 3 = 2 OR n % 3 = 0 AND"
        f" ({TICKET}) % 10 <> 0 THEN 1 ELSE ({TICKET} - 1) / {OF_ONE} + 1 END, 'slack', '{{}}'",
        EVENTS,
    ),
    "cards": ("ticket_id, conversation_id, room, receipt", f"n, 2 * n - 1, '{ROOM.place}', 'r' || n", 1),
    "outbox": (
        "id, conversation_id, number, kind, text_id, ticket_id, status, due_at, created_at, settled_at,"
        " receipt",
        f"n, 2 * ({POSTED}) - n % 2, (n - 1) % {POSTS} / 2 + 1, CASE WHEN {ODD} THEN 'card' ELSE 'reply'"
        f" END, CASE WHEN {ODD} THEN NULL ELSE 2 * ({POSTED}) END, {POSTED}, 'sent', :then, :then, :then,"
        " 'p' || n",
        POSTS,
    ),
    "pressables": ("ticket_id, post_id", f"n, {POSTS} * n", 1),
    "ratings": (
        "ticket_id, post_id, mark, asked_at, answered_at",
        f"n, {POSTS} * n, n % 5 + 1, :then, :then",
        1,
    ),
    "inbox": ("key, received_at, kind", "'slack:h' || n, :received, 'ticket'", 1),
}


def add_history(
    database: Database,
    tickets: int,
    already: int = 0,
    *,
    then: datetime = THEN,
    received: datetime = RECEIVED,
) -> None:
    """Let the history grow to so many closed tickets, from as many as there are `already`."""
    times = {"then": then, "received": received}
    with _in_bulk(database) as connection:
        for name, (columns, row, each) in ROWS.items():
            first, last = round(already * each) + 1, round(tickets * each)
            _add(connection, f"INSERT INTO {name} ({columns}) SELECT {row}", first, last, times)
            if not already and columns.startswith("id,"):
                _leave_room(connection, name)
    if not database.sqlite:  # its own housekeeping does so; SQLite's statistics are never taken
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM ANALYZE")


@contextmanager
def _in_bulk(database: Database) -> Iterator[Connection]:
    """A transaction without checks of references, as all is known to fit; indexes are made at its end."""
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if database.sqlite:  # which takes this outside of transactions only
            driver.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            if not database.sqlite:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
                connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '256MB'")
            indexes = connection.exec_driver_sql(_INDEXES[database.sqlite]).all()
            for name, _ in indexes:
                connection.exec_driver_sql(f'DROP INDEX "{name}"')
            yield connection
            for _, made in indexes:
                connection.exec_driver_sql(made)
        if database.sqlite:
            driver.execute("PRAGMA foreign_keys=ON")


# Those that hold no rule, for SQLite (True) and PostgreSQL; SQLite's planner sees the order of their making.
_INDEXES = {
    True: "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT LIKE '%%UNIQUE%%'"
    " ORDER BY rowid",
    False: "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND"
    " indexdef NOT LIKE '%%UNIQUE%%'",
}


def _add(connection: Connection, rows: str, first: int, last: int, times: dict[str, datetime]) -> None:
    if connection.dialect.name == "postgresql":
        series = f"generate_series({first}, {last}) AS series(n)"
        statement = f"{rows} FROM {series}"
    else:
        series = f"SELECT {first} UNION ALL SELECT n + 1 FROM series WHERE n < {last}"  # noqa: S608 - our own
        statement = f"WITH RECURSIVE series(n) AS ({series}) {rows} FROM series"
    named = [bindparam(name, value, Moment()) for name, value in times.items() if f":{name}" in rows]
    connection.execute(text(statement).bindparams(*named))


def _leave_room(connection: Connection, name: str) -> None:
    """Let what people do from now on have ids beyond all history that will be added."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {BEYOND})"))
    else:
        found = text("UPDATE sqlite_sequence SET seq = :beyond WHERE name = :name")
        connection.execute(found, {"beyond": BEYOND, "name": name})


class Visits:
    """Counts what the database goes through: on PostgreSQL rows and entries of indexes, on SQLite steps."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._steps = 0

    def of(self, act: Callable[[], Any]) -> int:
        """How much an act goes through."""
        if not self._database.sqlite:
            before = self._rows()
            act()
            return self._rows() - before
        self._steps = 0
        self._handle(self._step)
        act()
        self._handle(None)
        return self._steps * STEPS

    def _step(self) -> int:
        self._steps += 1
        return 0

    def _handle(self, handler: Callable[[], int] | None) -> None:
        # The one pooled connection: everything here happens on one thread.
        pooled = self._database.engine.raw_connection()
        driver: Any = pooled.driver_connection
        driver.set_progress_handler(handler, STEPS)
        pooled.close()

    def _rows(self) -> int:
        with self._database.engine.connect() as connection:
            connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
            connection.commit()  # at which the session tells what it has counted
            tables = "SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_user_tables"
            indexes = "SELECT coalesce(sum(idx_tup_read), 0) FROM pg_stat_user_indexes"
            return int(connection.exec_driver_sql(f"SELECT ({tables}) + ({indexes})").scalar_one())
