"""The webhook's door: who may send, what, how large and how old."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.alerts.webhook import Settings, build, configured, mistakes
from bot.alerts.webhook.webhook import LARGEST, PATH, SIGNATURE, sign
from bot.desk.ports.alerts import AlertHost, AlertSource
from bot.domain.tickets.outage import Alert, AlertState
from bot.wording import load
from tests.support.channels.page_host import Memory
from tests.support.clock import Clock

SECRET = "a-secret-of-the-alerts"
BODY = {"key": "vpn-1", "title": "VPN down", "state": "began", "url": "https://status.example.com/1"}


@dataclass
class Door:
    """The webhook behind a server, and what came through it."""

    client: TestClient[web.Request, web.Application]
    clock: Clock
    taken: list[tuple[str, Alert]] = field(default_factory=list)
    failing: bool = False

    async def alerted(self, source: str, *alerts: Alert) -> int:
        if self.failing:
            raise OSError("the database is away")
        self.taken += [(source, alert) for alert in alerts]
        return len(self.taken) == 1

    async def post(
        self,
        body: object = BODY,
        *,
        secret: str = SECRET,
        moment: str | None = None,
        kind: str = "application/json",
        **headers: str,
    ) -> tuple[int, str]:
        """Send a signed alert; the status and the answer."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        moment = str(int(self.clock().timestamp())) if moment is None else moment
        signed = {SIGNATURE: sign(secret.encode(), moment, raw), "Content-Type": kind}
        async with self.client.post(PATH, data=raw, headers={**signed, **headers}) as answer:
            return answer.status, await answer.text()


async def run(function: Callable[..., Any], *values: Any) -> Any:
    return await asyncio.to_thread(function, *values)


@pytest.fixture
async def door(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    monkeypatch.setenv("FIRSTLINE_ALERTS_SECRET", SECRET)
    monkeypatch.setenv("FIRSTLINE_ALERTS_NAME", "New Relic")
    app = web.Application()
    client = TestClient(TestServer(app, host="127.0.0.1"))
    made = Door(client, clock)
    host = AlertHost(made.alerted, run, Memory(), load(), clock, "en", "")
    source: AlertSource = build(Settings(), host)
    source.mount(app)
    await source.start()
    async with client:
        yield made
    await source.stop()


async def test_a_signed_alert_is_taken_in(door: Door) -> None:
    assert await door.post() == (200, '{"status": "taken"}')
    assert await door.post() == (200, '{"status": "known"}')
    source, alert = door.taken[0]
    assert source == "New Relic"
    assert alert == Alert("vpn-1", "VPN down", AlertState.BEGAN, door.clock(), BODY["url"])


async def test_the_end_of_it_needs_no_address(door: Door) -> None:
    status, _ = await door.post({"key": "vpn-1", "title": "VPN down", "state": "ended"})
    assert (status, door.taken[0][1].state) == (200, AlertState.ENDED)


@pytest.mark.parametrize(
    "headers",
    [{SIGNATURE: ""}, {SIGNATURE: "t=1,v1=00"}, {SIGNATURE: "t=é,v1=é"}, {SIGNATURE: "t=,v1="}],
    ids=str,
)
async def test_what_is_not_signed_by_us_is_refused(door: Door, headers: dict[str, str]) -> None:
    status, _ = await door.post(**headers)
    assert (status, door.taken) == (401, [])


async def test_another_secret_is_refused(door: Door) -> None:
    assert (await door.post(secret="another-secret-of-them"))[0] == 401


async def test_a_body_that_was_changed_is_refused(door: Door) -> None:
    moment = str(int(door.clock().timestamp()))
    signature = sign(SECRET.encode(), moment, b"{}")
    assert (await door.post(**{SIGNATURE: signature}))[0] == 401


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_what_is_too_old_or_of_the_future_is_refused(door: Door, seconds: int) -> None:
    moment = str(int(door.clock().timestamp()) + seconds)
    status, text = await door.post(moment=moment)
    assert (status, "five minutes" in text) == (401, True)
    assert (await door.post(moment=str(int(moment) - seconds // abs(seconds))))[0] == 200


@pytest.mark.parametrize("moment", ["", "now", "-1", "9" * 13, "9" * 12, "१७"])
async def test_a_time_that_is_none_is_refused(door: Door, moment: str) -> None:
    assert (await door.post(moment=moment))[0] in (400, 401)
    assert door.taken == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"no json", "not JSON"),
        (b"[" * 20_000, "not JSON"),
        ([], "object"),
        ({}, "'key' is missing"),
        (BODY | {"title": " "}, "'title' is missing"),
        (BODY | {"title": 1}, "must be a text"),
        (BODY | {"key": "k" * 201}, "longer than 200"),
        (BODY | {"state": "open"}, "'state'"),
        (BODY | {"state": ["began"]}, "'state'"),
        (BODY | {"url": "javascript:alert(1)"}, "'url'"),
    ],
)
async def test_what_is_no_alert_is_told_why(door: Door, body: object, said: str) -> None:
    status, text = await door.post(body)
    assert (status, said in text) == (400, True)
    assert door.taken == []


async def test_other_types_and_sizes_are_refused(door: Door) -> None:
    assert (await door.post(kind="text/plain"))[0] == 415
    assert (await door.post(b" " * (LARGEST + 1)))[0] == 413
    async with door.client.get(PATH) as answer:
        assert answer.status == 405
    assert door.taken == []


async def test_what_was_not_committed_is_a_failure(door: Door) -> None:
    door.failing = True
    assert (await door.post())[0] == 500


def test_it_is_on_where_there_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not configured(Settings(), demo=True)
    monkeypatch.setenv("FIRSTLINE_ALERTS_SECRET", "short")
    assert configured(Settings(), demo=False)
    assert "FIRSTLINE_ALERTS_SECRET" in mistakes(Settings())[0]
    monkeypatch.setenv("FIRSTLINE_ALERTS_SECRET", SECRET)
    assert mistakes(Settings()) == []
