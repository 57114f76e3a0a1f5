"""Fills a database with tickets and questions of two years, so that their figures can be counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from bot.storage import Database

SPAN = timedelta(days=730)
QUEUES = ("it", "hr", "facilities", "finance", "legal")
TARGETS = 120
CHANNELS = ("slack", "teams", "web")
OUTCOMES = ("confirmed", "assumed", "assumed", "not_helpful", "ticket", "ticket", "withdrawn", "small_talk")


def add_history(database: Database, tickets: int, questions: int, until: datetime) -> None:
    """Add so many tickets and questions of the two years up to a moment; each ticket is of a question."""
    with _in_bulk(database) as connection:
        rows = _Rows(connection, until - SPAN)
        rows.add_ground()
        rows.add_questions(questions)
        rows.add_tickets(tickets, questions // tickets)
        connection.exec_driver_sql("ANALYZE")


class _Rows:
    """Rows whose values follow from their number: the same each time, and uneven enough."""

    def __init__(self, connection: Connection, start: datetime) -> None:
        self._db = connection
        self._sqlite = connection.dialect.name == "sqlite"
        self._start = int(start.timestamp())

    def add_ground(self) -> None:
        at = self._at("0")
        self._add("people (id, name, created_at)", f"1, 'Somebody', {at}")
        self._add("texts (id, body)", "1, 'It is broken.'")
        for number, channel in enumerate(CHANNELS, start=1):
            self._add(
                "conversations (id, channel, tenant, space, thread, private)",
                f"{number}, '{channel}', '', 'old', '', TRUE",
            )

    def add_questions(self, count: int) -> None:
        asked = self._at(f"n * {int(SPAN.total_seconds())}.0 / {count}")
        language, channel = _one("n / 3", ("en", "en", "es")), _one("n / 7", CHANNELS)
        self._fill(
            "episodes (id, token, person_id, conversation_id, state, language, asked, angry, question_id,"
            " offered, tried, presses, link, started_at, last_at, look_at)",
            f"n, 'e' || n, 1, n % 3 + 1, 'closed', {language}, FALSE, FALSE, 1, '[]', '[]', '[]', '',"
            f" {asked}, {asked}, NULL",
            count,
        )
        target = f"'article-' || ((n * 7919 % {TARGETS}) * (n * 7919 % {TARGETS}) / {TARGETS})"
        again = "n * 31 % 100 < 8"
        self._fill(
            "outcomes (episode_id, outcome, target, again, channel, language, queue, asked_at, closed_at,"
            " count_at)",
            f"n, {_one('n * 101 / 13', OUTCOMES)}, {target}, {again}, {channel}, {language}, '', {asked},"
            f" {asked}, NULL",
            count,
        )
        wrong, why = "n * 17 % 100 < 10", _one("n / 5", ("wrong_article", "out_of_date", ""))
        self._fill(
            "shown_targets (episode_id, target, shown_at, chosen, verdict, reason, again)",
            f"n, {target}, {asked}, FALSE, CASE WHEN {wrong} THEN 'not_helpful' ELSE '' END,"
            f" CASE WHEN {wrong} THEN {why} ELSE '' END, FALSE",
            count,
        )

    def add_tickets(self, count: int, each: int) -> None:
        def at(seconds: str, number: str = "n") -> str:
            return self._at(f"{number} * {int(SPAN.total_seconds())}.0 / {count} + {seconds}")

        waited, took = "(n * 271 % 997) * (n * 271 % 997) / 30", "(n * 499 % 1009) * (n * 499 % 1009) / 3"
        opened, claimed, closed = at("0"), at(waited), at(f"{waited} + {took}")
        live = f"n > {count} - {count // 200}"
        self._fill(
            "tickets (id, token, status, priority, queue, language, requester_id, assignee_id, episode_id,"
            " question_id, channel, link, opened_at, claimed_at, responded_at, closed_at, target,"
            " first_response_due, resolution_due, count_at)",
            f"n, 't' || n, CASE WHEN {live} THEN 'claimed' WHEN n % 12 = 0 THEN 'withdrawn' ELSE 'resolved'"
            f" END, n * 13 % 4 + 1, {_one('n * 11 / 3', QUEUES)}, {_one('n / 3', ('en', 'en', 'es'))}, 1, 1,"
            f" n * {each}, 1, {_one('n / 7', CHANNELS)}, '', {opened}, {claimed}, {claimed}, CASE WHEN NOT"
            f" ({live}) THEN {closed} END, 'article-' || (n * 7919 % {TARGETS}), {at('7200')},"
            f" {at('172800')}, NULL",
            count,
        )
        for kind, moment in (("opened", opened), ("claimed", claimed)):
            self._fill(
                "ticket_events (ticket_id, at, kind, actor_id, channel, detail)",
                f"n, {moment}, '{kind}', 1, 'slack', '{{}}'",
                count,
            )
        self._fill(
            "ratings (ticket_id, post_id, mark, asked_at, answered_at, count_at)",
            f"3 * n, 1, CASE WHEN n % 3 = 0 THEN n % 5 + 1 END, {at(waited, '3 * n')}, NULL, NULL",
            count // 3,
        )

    def _at(self, seconds: str) -> str:
        moment = f"{self._start} + {seconds}"
        if self._sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S.000000', {moment}, 'unixepoch')"
        return f"to_timestamp(floor({moment}))"

    def _fill(self, table: str, row: str, count: int) -> None:
        if self._sqlite:
            counting = f"SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {count}"  # noqa: S608 - our own
            self._add(table, f"{row} FROM series", f"WITH RECURSIVE series(n) AS ({counting}) ")
        else:
            self._add(table, f"{row} FROM generate_series(1, CAST({count} AS bigint)) AS series(n)")

    def _add(self, table: str, row: str, before: str = "") -> None:
        self._run(f"{before}INSERT INTO {table} SELECT {row}")

    def _run(self, statement: str) -> None:
        self._db.execute(text(statement.replace(":", "\\:")))


def _one(number: str, values: tuple[str, ...]) -> str:
    """One of these values, by a number."""
    whens = " ".join(f"WHEN {index} THEN '{value}'" for index, value in enumerate(values))
    return f"CASE ({number}) % {len(values)} {whens} END"


@contextmanager
def _in_bulk(database: Database) -> Iterator[Connection]:
    """A transaction in which references are not checked."""
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if database.sqlite:  # which takes this outside of transactions only
            driver.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            if not database.sqlite:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield connection
        if database.sqlite:
            driver.execute("PRAGMA foreign_keys=ON")
