"""Requests whose body never ends: each door says so, and closes the connection."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from bot.desk.knowledge.library import Library
from bot.server.doors.bodies import Pace
from tests.support.e2e.microsoft import teams_tenant
from tests.support.e2e.page_client import TOKENS
from tests.support.e2e.running import Running, ready, running, until
from tests.support.e2e.slack import ENVIRONMENT, slack_workspace
from tests.support.patience import PATIENCE

JSON = {"Content-Type": "application/json"}
SLACK = {"X-Slack-Request-Timestamp": "{now}", "X-Slack-Signature": "v0=0123"}
LATE = "HTTP/1.1 408 "
FORM = {"Content-Type": "multipart/form-data; boundary=b"}
QUICK = Pace(silent=0.2, in_all=0.5)


async def half_sent(url: str, path: str, headers: Mapping[str, str], *, drip: bool = False) -> str:
    """Send a part of a body, then nothing or a byte now and then; the whole answer, once it is closed."""
    port = urlsplit(url).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Length: 5000"]
    lines += [f"{name}: {value.format(now=int(time.time()))}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", '{"text": "']).encode())
    dripping = asyncio.create_task(_drip(writer)) if drip else None
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await reader.readuntil(b"\r\n\r\n")
            with suppress(ConnectionError):  # what came after the end is no longer read there
                answer += await reader.read()
            return answer.decode()
    finally:
        if dripping is not None:
            dripping.cancel()
        writer.close()


async def _drip(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.02)


def limited(app: Running, door: str) -> float:
    found: float = app.application.metrics.limited.labels(door, "slow")._value.get()
    return found


async def test_every_door_ends_what_does_not_come(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with slack_workspace() as slack, teams_tenant() as teams:
        environment = {
            **slack.environment(**ENVIRONMENT),
            **teams.environment(),
            "FIRSTLINE_WEB_TOKENS": f"{TOKENS['ina']}=ina:employee",
            "FIRSTLINE_ALERTS_SECRET": "a-secret-of-alerts",
        }
        async with running(monkeypatch, library, database_url, environment, pace=QUICK) as app:
            await until(lambda: ready(app.url), "readiness")
            ina = {"Authorization": f"Bearer {TOKENS['ina']}"}
            doors = {
                "/slack/events": SLACK,
                "/api/messages": {"Authorization": f"Bearer {teams.issuer.sign(teams.service_url)}"},
                "/alerts/webhook": {},
                "/web/sign-in": {},
                "/web/ask": ina,
            }
            for path, headers in doors.items():
                answer = await half_sent(app.url, path, JSON | headers)
                assert answer.startswith(LATE), path
                assert "Connection: close" in answer
            # What comes byte by byte has its whole time, and no more.
            assert (await half_sent(app.url, "/slack/events", JSON | SLACK, drip=True)).startswith(LATE)
            found = [limited(app, door) for door in ("slack", "teams", "webhook", "web")]
            assert found == [2, 1, 1, 2]
            assert "was too slow" in await half_sent(app.url, "/web/ask", FORM | ina)
            spanish = FORM | ina | {"Accept-Language": "es"}
            assert "demasiado lenta" in await half_sent(app.url, "/web/ask", spanish)
