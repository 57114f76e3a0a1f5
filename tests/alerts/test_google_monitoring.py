"""The alerts of Google Cloud Monitoring: webhooks with a secret, and Pub/Sub with a token of Google."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.alerts import google_monitoring
from bot.alerts.google_monitoring import KEYS
from bot.domain.tickets.outage import AlertState
from tests.support.clock import START, Clock
from tests.support.e2e.running import until
from tests.support.fakes.alerts import (
    ACCOUNT,
    AUDIENCE,
    SECRET,
    Door,
    key_set,
    later,
    received,
    recorded,
    settings_for,
    token,
)

PUSH = {"FIRSTLINE_GOOGLE_MONITORING_AUDIENCE": AUDIENCE, "FIRSTLINE_GOOGLE_MONITORING_ACCOUNT": ACCOUNT}


@pytest.fixture
async def door(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    both = {**PUSH, **settings_for(google_monitoring)}
    async with received(google_monitoring, clock, monkeypatch, **both) as made:
        await until(lambda: made.internet.asked, "the question for keys")
        made.internet.documents[KEYS] = key_set()
        await made.source.stop()
        await made.source.start()
        await until(lambda: len(made.internet.asked) > 1, "the keys")
        yield made


def pushed(name: str) -> dict[str, Any]:
    """A message of Pub/Sub with a recorded notification."""
    data = base64.b64encode(json.dumps(recorded("google_monitoring", name)).encode()).decode()
    message = {"data": data, "messageId": "12345", "publishTime": "2026-03-02T09:00:00Z", "attributes": {}}
    return {"message": message, "subscription": "projects/desk-example/subscriptions/help-desk"}


def claims(clock: Clock, **changed: Any) -> dict[str, Any]:
    told = {
        "aud": AUDIENCE,
        "iss": "https://accounts.google.com",
        "email": ACCOUNT,
        "email_verified": True,
        "iat": later(clock),
        "exp": later(clock, minutes=60),
    }
    return {**told, **changed}


async def push(door: Door, told: dict[str, Any]) -> int:
    headers = {"Authorization": f"Bearer {token(told)}"}
    return (await door.post(pushed("began"), proved=False, headers=headers))[0]


async def test_an_incident_is_taken_from_its_opening_to_its_close(door: Door) -> None:
    door.clock.move(minutes=20)
    for request in ("began", "ended"):
        assert (await door.post(recorded("google_monitoring", request)))[0] == 200
    began, ended = door.alerts
    assert (began.key, began.state, began.severity) == ("0.mx1tq3r8y2kd", AlertState.BEGAN, "Critical")
    assert began.at == START - timedelta(seconds=100)
    assert (ended.state, ended.at) == (AlertState.ENDED, START + timedelta(minutes=15))


async def test_a_message_of_pub_sub_is_taken_with_googles_token(door: Door) -> None:
    assert await push(door, claims(door.clock)) == 200
    assert door.alerts[0].title == "Print server: CPU above 90 %"


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://another.example"},
        {"iss": "https://accounts.evil.example"},
        {"email": "somebody@desk-example.iam.gserviceaccount.com"},
        {"email_verified": False},
        {"exp": 1},
    ],
    ids=str,
)
async def test_another_token_is_refused(door: Door, changed: dict[str, Any]) -> None:
    assert await push(door, claims(door.clock, **changed)) == 401
    assert door.taken == []


async def test_the_token_of_a_webhook_stands_in_the_query(door: Door) -> None:
    body, path = recorded("google_monitoring", "began"), "/alerts/google-monitoring?auth_token="
    assert (await door.post(body, proved=False, path=path + "another-secret"))[0] == 401
    assert (await door.post(body, proved=False, path=path + SECRET))[0] == 200


async def test_a_name_and_a_password_are_asked_for(door: Door) -> None:
    async with door.client.post("/alerts/google-monitoring", json={}) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


def test_the_audience_and_the_account_are_given_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_GOOGLE_MONITORING_ACCOUNT", "eva@example.com")
    told = " ".join(google_monitoring.mistakes(google_monitoring.Settings()))
    assert "_AUDIENCE: is missing" in told
    assert "_ACCOUNT: is no service account" in told
