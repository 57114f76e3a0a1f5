"""Zendesk is set up: every mistake at once with its remedy, and what `firstline doctor` finds there."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from bot.backends import zendesk
from bot.domain.diagnosis import DoctorHost, Finding, Level
from tests.support.clock import Clock
from tests.support.e2e.doctor import ENGLISH
from tests.support.fakes.mirrors.zendesk import OURS, FakeZendesk
from tests.support.fakes.mirrors.zendesk_desk import settings_at

RIGHT = settings_at("https://acme.zendesk.com")


async def nothing_remembered(_channel: str, _key: str) -> str | None:
    return None


HOST = DoctorHost(
    Clock(), "https://help.example.com", (), engineers_listed=False, recall=nothing_remembered, tell=ENGLISH
)


async def examine(there: FakeZendesk, host: DoctorHost = HOST, **others: Any) -> dict[str, Finding]:
    async with there.served() as url:
        examination = zendesk.doctor(settings_at(url, **others), host)
        assert examination.calls == (url,)
        found = {finding.check: finding for check in examination.checks for finding in await check.look()}
    assert all(method == "GET" for method, _, _ in there.requests)
    assert all(finding.remedy for finding in found.values() if finding.level in (Level.ERROR, Level.WARNING))
    return found


@pytest.fixture
def there(clock: Clock) -> FakeZendesk:
    return FakeZendesk(clock)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"zendesk_url": ""}, "FIRSTLINE_ZENDESK_URL: an account is set"),
        ({"zendesk_url": "https://["}, "FIRSTLINE_ZENDESK_URL: this is no web address"),
        ({"zendesk_url": "http://acme.zendesk.com"}, "FIRSTLINE_ZENDESK_URL: "),
        ({"zendesk_url": "https://acme.zendesk.com/agent"}, "FIRSTLINE_ZENDESK_URL: "),
        ({"zendesk_url": "https://acme.zendesk.com?a=b"}, "FIRSTLINE_ZENDESK_URL: "),
        ({"zendesk_email": "bot"}, "FIRSTLINE_ZENDESK_EMAIL: name"),
        ({"zendesk_token": SecretStr("")}, "FIRSTLINE_ZENDESK_TOKEN: is missing"),
        ({"zendesk_token": SecretStr("two words")}, "FIRSTLINE_ZENDESK_TOKEN: has a character"),
        ({"zendesk_webhook_secret": SecretStr("short")}, "FIRSTLINE_ZENDESK_WEBHOOK_SECRET: is too short"),
        ({"zendesk_webhook_secret": SecretStr(""), "zendesk_poll_seconds": 0}, "nothing that changes"),
    ],
)
def test_a_mistake_names_its_setting(change: dict[str, Any], told: str) -> None:
    assert zendesk.mistakes(RIGHT) == []
    (mistake,) = zendesk.mistakes(RIGHT.model_copy(update=change))
    assert told in mistake


async def test_doctor_finds_everything_right(there: FakeZendesk) -> None:
    found = await examine(there)
    assert {check: finding.level for check, finding in found.items()} == {
        "account": Level.OK,
        "polling": Level.OK,
        "webhook": Level.OK,
    }
    assert "https://help.example.com/mirrors/zendesk" in found["webhook"].seen


async def test_doctor_says_that_the_token_is_wrong(there: FakeZendesk) -> None:
    found = await examine(there, zendesk_token=SecretStr("another-token"))
    assert found["account"].level is Level.ERROR
    assert "does not know the account" in found["account"].seen


async def test_doctor_says_that_nobody_is_there(there: FakeZendesk) -> None:
    there.away = True
    found = await examine(there)
    assert "not reached (http_503)" in found["account"].seen


@pytest.mark.parametrize(
    ("role", "account", "check", "level", "seen"),
    [
        ("end-user", {}, "account", Level.ERROR, "is no agent"),
        ("agent", {}, "polling", Level.ERROR, "Only administrators"),
        ("admin", {"ticket_restriction": "groups"}, "rights", Level.ERROR, "not see all tickets (groups)"),
        ("admin", {"only_private_comments": True}, "rights", Level.ERROR, "internal comments only"),
    ],
)
async def test_doctor_names_a_right_that_is_missing(
    there: FakeZendesk, role: str, account: dict[str, Any], check: str, level: Level, seen: str
) -> None:
    there.role = role
    there.users[OURS] |= account
    found = await examine(there)
    assert (found[check].level, seen in found[check].seen) == (level, True)


@pytest.mark.parametrize("how", ["off", "missing"])
async def test_doctor_names_a_field_that_is_missing(there: FakeZendesk, how: str) -> None:
    there.fields = [{**one, "active": one["type"] != "priority"} for one in there.fields]
    if how == "missing":
        there.fields = [one for one in there.fields if one["active"]]
    assert (await examine(there))["fields"].level is Level.WARNING


async def test_doctor_says_how_changes_are_heard_of(there: FakeZendesk) -> None:
    found = await examine(there, zendesk_webhook_secret=SecretStr(""))
    assert (found["webhook"].level, "120 seconds" in found["webhook"].seen) == (Level.WARNING, True)
    found = await examine(there, replace(HOST, public_url=""))
    assert "no public address" in found["webhook"].seen
