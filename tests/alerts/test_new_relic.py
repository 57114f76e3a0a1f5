"""The alerts of New Relic: what becomes of an issue's states."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.alerts import new_relic
from bot.domain.tickets.outage import Alert, AlertState
from tests.support.clock import START, Clock
from tests.support.fakes.alerts import SECRET, Door, received, recorded


@pytest.fixture
async def door(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    async with received(new_relic, clock, monkeypatch) as made:
        made.clock.move(minutes=30)
        yield made


async def test_an_issue_is_one_alert_from_its_activation_to_its_close(door: Door) -> None:
    for request in ("began", "acknowledged", "ended"):
        assert (await door.post(recorded("new_relic", request)))[0] == 200
    url = recorded("new_relic", "began")["issueUrl"]
    key = "7f3c2d10-5b1e-4a55-9a6b-3f0c1f6b8a21"
    title = "VPN gateway answers slower than 2 s for at least 5 minutes on 'vpn-gw-madrid'"
    ended_at = START + timedelta(minutes=10)
    assert door.taken == [
        ("New Relic", Alert(key, title, AlertState.BEGAN, START, url, "CRITICAL")),
        ("New Relic", Alert(key, title, AlertState.ENDED, ended_at, url, "CRITICAL")),
    ]


async def test_a_state_in_between_changes_nothing(door: Door) -> None:
    status, _ = await door.post(recorded("new_relic", "began") | {"state": "DEACTIVATED"})
    assert (status, door.taken, door.counted) == (200, [], {"ignored": 1})


async def test_an_older_template_is_read(door: Door) -> None:
    await door.post(recorded("new_relic", "old_template"))
    (alert,) = door.alerts
    assert (alert.key, alert.title, alert.at, alert.severity) == (
        "88aa11",
        "Disk of files-2 is full",
        START,
        "HIGH",
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {SECRET}"},
        {"X-Firstline-Token": SECRET},
        {"Authorization": "Basic Zmlyc3RsaW5lOmEtc2VjcmV0LW9mLXRoZS1hbGVydHM="},
    ],
    ids=["bearer", "header", "basic"],
)
async def test_each_place_for_the_secret_is_looked_at(door: Door, headers: dict[str, str]) -> None:
    status, _ = await door.post(recorded("new_relic", "began"), proved=False, headers=headers)
    assert status == 200


@pytest.mark.parametrize("place", [f"/alerts/new-relic/{SECRET}", f"/alerts/new-relic?auth_token={SECRET}"])
async def test_the_secret_is_not_looked_for_in_the_address(door: Door, place: str) -> None:
    assert (await door.post(recorded("new_relic", "began"), proved=False, path=place))[0] == 401
