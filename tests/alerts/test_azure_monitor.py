"""The alerts of Azure Monitor: the common alert schema, and the token of Entra."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.alerts import azure_monitor
from bot.alerts.azure_monitor import ACTION_GROUPS, keys_of
from tests.support.clock import Clock
from tests.support.e2e.running import until
from tests.support.fakes.alerts import (
    APPLICATION,
    SECRET,
    TENANT,
    Door,
    key_set,
    later,
    received,
    recorded,
    token,
)

ENTRA = {"FIRSTLINE_AZURE_MONITOR_TENANT": TENANT, "FIRSTLINE_AZURE_MONITOR_APPLICATION": APPLICATION}


@pytest.fixture
async def door(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    async with received(azure_monitor, clock, monkeypatch, **ENTRA) as made:
        yield made


@pytest.fixture
async def keyed(door: Door) -> Door:
    """A door that has Entra's keys."""
    door.internet.documents[keys_of(TENANT)] = key_set()
    await until(lambda: door.internet.asked, "the keys")
    # It was asked before there was something to be had: it asks again by itself.
    await door.source.stop()
    await door.source.start()
    await until(lambda: len(door.internet.asked) > 1, "the keys")
    return door


def claims(clock: Clock, **changed: Any) -> dict[str, Any]:
    """What a token of Entra says."""
    told = {
        "aud": f"api://{APPLICATION}",
        "iss": f"https://sts.windows.net/{TENANT}/",
        "appid": ACTION_GROUPS,
        "tid": TENANT,
        "nbf": later(clock, minutes=-1),
        "exp": later(clock, minutes=59),
    }
    return {name: value for name, value in {**told, **changed}.items() if value is not None}


async def send(door: Door, told: dict[str, Any], kid: str = "one") -> int:
    headers = {"Authorization": f"Bearer {token(told, kid)}"}
    return (await door.post(recorded("azure_monitor", "began"), proved=False, headers=headers))[0]


async def test_an_alert_with_a_token_of_entra_is_taken(keyed: Door) -> None:
    assert await send(keyed, claims(keyed.clock)) == 200
    (alert,) = keyed.alerts
    assert (alert.title, alert.severity) == ("Sign-in of the mail is slow", "Sev1")
    assert alert.at == datetime(2026, 3, 2, 8, 58, 24, 371321, UTC)
    assert alert.url.startswith("https://portal.azure.com/")


async def test_the_newer_form_of_the_token_is_believed_too(keyed: Door) -> None:
    newer = {
        "aud": APPLICATION,
        "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
        "appid": None,
        "azp": ACTION_GROUPS,
    }
    assert await send(keyed, claims(keyed.clock, **newer)) == 200


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"aud": "api://another"}, "InvalidAudienceError"),
        ({"iss": "https://sts.windows.net/another/"}, "InvalidIssuerError"),
        ({"appid": "22222222-2222-3333-4444-555555555555"}, "sender"),
        ({"appid": None}, "sender"),
        ({"azp": "22222222-2222-3333-4444-555555555555"}, "sender"),
        ({"tid": "another"}, "sender"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "MissingRequiredClaimError"),
        ({"exp": True}, "times"),
        ({"nbf": 9_999_999_999}, "expired"),
    ],
    ids=str,
)
async def test_a_token_that_says_something_else_is_refused(
    keyed: Door, changed: dict[str, Any], reason: str
) -> None:
    assert await send(keyed, claims(keyed.clock, **changed)) == 401
    assert (keyed.taken, keyed.checked) == ([], [reason])


async def test_a_key_that_nobody_knows_and_no_algorithm_are_refused(keyed: Door) -> None:
    assert await send(keyed, claims(keyed.clock), "another") == 401
    none = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0."
    status, _ = await keyed.post(
        recorded("azure_monitor", "began"), proved=False, headers={"Authorization": f"Bearer {none}"}
    )
    assert (status, keyed.checked) == (401, ["unknown_key", "algorithm"])


async def test_without_keys_it_is_to_be_sent_again_and_is_a_trouble(door: Door) -> None:
    await until(door.source.trouble, "the trouble")
    assert keys_of(TENANT) in (door.source.trouble() or "")
    assert await send(door, claims(door.clock)) == 503


async def test_a_secret_in_the_path_does_without_entra(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    async with received(azure_monitor, clock, monkeypatch) as door:
        body = recorded("azure_monitor", "began")
        assert (await door.post(body, proved=False, path=f"/alerts/azure-monitor/{SECRET}"))[0] == 200


async def test_an_older_schema_is_told_what_to_switch_on(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with received(azure_monitor, clock, monkeypatch) as door:
        status, text = await door.post(recorded("azure_monitor", "old_schema"))
        assert (status, "switch the common alert schema on" in text) == (400, True)


def test_ids_are_given_together_and_are_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_AZURE_MONITOR_TENANT", "contoso")
    told = azure_monitor.mistakes(azure_monitor.Settings())
    assert [mistake.partition(":")[0] for mistake in told] == [
        "FIRSTLINE_AZURE_MONITOR_TENANT",
        "FIRSTLINE_AZURE_MONITOR_APPLICATION",
    ]
