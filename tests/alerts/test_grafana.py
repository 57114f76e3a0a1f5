"""The alerts of Grafana: its signature with a time, or a secret in a header."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.alerts import grafana
from tests.support.clock import Clock
from tests.support.fakes.alerts import SECRET, Door, grafana_signed, received, recorded

BODY = json.dumps(recorded("grafana", "began")).encode()
NAME = "X-Grafana-Alerting-Signature"


@pytest.fixture
async def door(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    async with received(grafana, clock, monkeypatch, FIRSTLINE_GRAFANA_SECRET=SECRET) as made:
        yield made


async def test_a_signed_request_is_taken(door: Door) -> None:
    status, _ = await door.post(BODY, proved=False, headers=grafana_signed(BODY, door.clock()))
    assert status == 200
    (alert,) = door.alerts
    assert (alert.key, alert.url) == (
        "c6eadffa33fcdf37",
        "https://grafana.example.com/d/abc?orgId=1&viewPanel=2",
    )


@pytest.mark.parametrize(("minutes", "status"), [(-4.9, 200), (4.9, 200), (-5.1, 401), (5.1, 401)])
async def test_what_is_too_old_or_of_the_future_is_refused(door: Door, minutes: float, status: int) -> None:
    headers = grafana_signed(BODY, door.clock() + timedelta(minutes=minutes))
    assert (await door.post(BODY, proved=False, headers=headers))[0] == status


async def test_a_signature_over_something_else_is_refused(door: Door) -> None:
    good = grafana_signed(BODY, door.clock())
    other = grafana_signed(BODY, door.clock(), "another-secret-of-them")
    without = {NAME: good[NAME]}
    for body, headers in ((BODY + b" ", good), (BODY, other), (BODY, without), (BODY, {NAME: "ñ"})):
        assert (await door.post(body, proved=False, headers=headers))[0] == 401
    assert (door.taken, door.checked) == ([], ["signature"] * 4)


async def test_no_data_is_an_alert_of_its_own(door: Door) -> None:
    body = json.dumps(recorded("grafana", "no_data")).encode()
    await door.post(body, proved=False, headers=grafana_signed(body, door.clock()))
    assert door.alerts[0].title == "DatasourceNoData (vpn-1:9100)"
