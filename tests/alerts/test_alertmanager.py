"""The alerts of Alertmanager: several in each request."""

import json
from datetime import UTC, datetime

import pytest

from bot.alerts import alertmanager
from bot.domain.tickets.outage import AlertState
from tests.support.clock import Clock
from tests.support.fakes.alerts import received, recorded


async def test_each_alert_of_a_group_is_one(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    async with received(alertmanager, clock, monkeypatch) as door:
        assert (await door.post(recorded("alertmanager", "group")))[0] == 200
        read = [(alert.title, alert.state) for alert in door.alerts]
    assert read == [
        ("The tunnel to Bilbao is down", AlertState.BEGAN),
        ("TunnelDown (vpn-2:9100)", AlertState.BEGAN),
        ("TunnelDown (vpn-3:9100)", AlertState.ENDED),
    ]
    assert door.alerts[0].at == datetime(2026, 3, 2, 8, 58, 13, 456789, UTC)
    assert (door.alerts[0].severity, door.alerts[0].url[:36]) == (
        "critical",
        "http://prometheus.example.com:9090/g",
    )
    assert door.counted == {"taken": 3}


async def test_one_that_cannot_be_read_does_not_cost_the_others(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = recorded("alertmanager", "group")
    del group["alerts"][1]["fingerprint"]
    async with received(alertmanager, clock, monkeypatch) as door:
        status, text = await door.post(group)
        assert (status, json.loads(text)["changed"]) == (200, 2)
        assert door.counted == {"taken": 2, "unread": 1}
        assert "'fingerprint' is missing" in (door.source.trouble() or "")


async def test_more_than_anybody_sends_is_refused(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    group = recorded("alertmanager", "began")
    group["alerts"] *= 501
    async with received(alertmanager, clock, monkeypatch) as door:
        status, text = await door.post(group)
        assert (status, "500 at most" in text) == (400, True)
