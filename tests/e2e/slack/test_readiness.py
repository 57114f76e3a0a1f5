"""What /readyz, /metrics and the log say while a question could not be kept, or while it only waits."""

import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
import pytest
import structlog
from sqlalchemy import Connection, event

from bot.desk.knowledge.library import Library
from bot.storage import Database, connect
from tests.support.e2e.databases import on_postgresql, on_sqlite
from tests.support.e2e.running import Running, running, until
from tests.support.e2e.slack import ENVIRONMENT, slack_workspace
from tests.support.fakes.slack import SlackFake
from tests.support.unknown import UNKNOWN

Site = tuple[SlackFake, Running]
READ_ONLY = {
    "sqlite": ("PRAGMA query_only = 1", "PRAGMA query_only = 0"),
    "postgresql": ("SET TRANSACTION READ ONLY", "SELECT 1"),
}
NO_ROOM = "DO $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str) -> AsyncIterator[Site]:
    async with (
        slack_workspace() as fake,
        running(monkeypatch, library, database_url, fake.environment(**ENVIRONMENT)) as app,
    ):
        fake.target = f"{app.url}/slack/events"
        await until(lambda: not app.application.channels["slack"].trouble(), "Slack's auth.test")
        yield fake, app


@contextmanager
def said_in_each_transaction(database: Database, fault: str, end: str) -> Iterator[None]:
    """Say a sentence to the database at each begin, and another one when that is over."""
    sentences = [fault]

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(sentences[-1])

    event.listen(database.engine, "begin", begun)
    yield
    sentences.append(end)


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Somebody else writes, and does not end."""
    other = connect(database.engine.url.render_as_string(hide_password=False))
    with other.transaction():
        yield
    other.close()


async def page(app: Running, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"{app.url}{path}") as answer:
        return answer.status, await answer.text()


async def readiness(app: Running) -> tuple[int, Mapping[str, Any]]:
    status, body = await page(app, "/readyz")
    return status, json.loads(body)


async def answers(app: Running, status: int) -> bool:
    return (await readiness(app))[0] == status


async def seen_while(app: Running, slack: SlackFake, cause: str) -> None:
    """A question is refused, and everybody who looks can see why."""
    event = slack.written("DUANA", "UANA", UNKNOWN)
    assert (await slack.event(event, "Ev1")).status == 503
    await until(lambda: answers(app, 503), "an unready server")
    status = (await readiness(app))[1]
    assert (status["status"], cause in status["database"]) == ("unready", True), status
    code, metrics = await page(app, "/metrics")
    assert code == 200
    assert "firstline_ready 0.0" in metrics
    assert 'firstline_unready{reason="database"} 1.0' in metrics
    assert 'firstline_failed_total{channel="slack"' in metrics
    assert (await page(app, "/healthz"))[0] == 200


async def back(app: Running, slack: SlackFake) -> None:
    """The server finds by itself that it works again, and takes the question in."""
    await until(lambda: answers(app, 200), "a ready server")
    assert 'firstline_unready{reason="database"}' not in (await page(app, "/metrics"))[1]
    assert (await slack.event(slack.written("DUANA", "UANA", UNKNOWN), "Ev2")).status == 200


async def test_a_read_only_database_is_seen(site: Site) -> None:
    slack, app = site
    with (
        structlog.testing.capture_logs() as logs,
        said_in_each_transaction(app.database, *READ_ONLY[app.database.engine.dialect.name]),
    ):
        await seen_while(app, slack, "read")

    await back(app, slack)
    told = [entry for entry in logs if entry.get("status") == "unready"]
    assert ["database" in entry["reasons"] for entry in told] == [True]
    loud = [entry for entry in logs if entry["log_level"] in ("warning", "error")]
    assert [entry["event"] for entry in loud if not entry.get("next_step")] == []
    assert [entry["event"] for entry in loud if entry.get("exc_info")] == []


@on_postgresql
async def test_a_full_disk_is_seen(site: Site) -> None:
    slack, app = site
    with said_in_each_transaction(app.database, NO_ROOM, "SELECT 1"):
        await seen_while(app, slack, "No space left")

    await back(app, slack)


@on_sqlite
async def test_a_lock_that_nobody_gives_back_is_seen(site: Site) -> None:
    slack, app = site
    with locked(app.database):
        await seen_while(app, slack, "")

    await back(app, slack)


@on_sqlite
@pytest.mark.parametrize(("secret", "minutes", "cause"), [("other", 0, "secret"), (None, 10, "clock")])
async def test_a_wrong_secret_or_clock_is_seen(
    site: Site, secret: str | None, minutes: int, cause: str
) -> None:
    slack, app = site
    for number in range(3):
        body = json.dumps(slack.envelope(slack.written("DUANA", "UANA", UNKNOWN), f"Ev{number}"))
        signed = slack.signature(body, at=time.time() - 60 * minutes, secret=secret)
        assert (await slack.post(body, "application/json", **signed)).status == 401
    status, checks = await readiness(app)
    assert (status, cause in checks["slack.signatures"]) == (503, True), checks
    assert 'firstline_unready{reason="slack.signatures"} 1.0' in (await page(app, "/metrics"))[1]
    assert (await slack.event(slack.written("DUANA", "UANA", UNKNOWN), "Ev9")).status == 200
    assert (await readiness(app))[0] == 200


@on_sqlite
async def test_what_only_delays_is_degraded(site: Site) -> None:
    slack, app = site
    slack.fail("chat.postMessage", error="token_revoked", times=1000)
    await slack.say("DUANA", "UANA", UNKNOWN)
    trouble = app.application.channels["slack"].trouble
    await until(trouble, "a word of the channel")
    status, checks = await readiness(app)
    assert (status, checks["status"]) == (200, "degraded")
    assert "token_revoked" in checks["slack"]
    metrics = (await page(app, "/metrics"))[1]
    assert 'firstline_degraded{reason="slack"} 1.0' in metrics
    assert "firstline_ready 1.0" in metrics
