"""Jira is set up: every mistake at once with its remedy, and what `firstline doctor` finds there."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from bot.backends import jira
from bot.domain.diagnosis import DoctorHost, Finding, Level
from tests.support.clock import Clock
from tests.support.e2e.doctor import ENGLISH
from tests.support.fakes.jira.playing import new_site, settings_of
from tests.support.fakes.jira.server import served
from tests.support.fakes.jira.site import Site

RIGHT = settings_of("https://acme.atlassian.net")


async def nothing_remembered(_channel: str, _key: str) -> str | None:
    return None


HOST = DoctorHost(
    Clock(), "https://help.example.com", (), engineers_listed=False, recall=nothing_remembered, tell=ENGLISH
)


async def examine(site: Site, host: DoctorHost = HOST, **others: Any) -> dict[str, Finding]:
    async with served(site) as url:
        examination = jira.doctor(settings_of(url).model_copy(update=others), host)
        assert examination.calls == (url,)
        return {finding.check: finding for check in examination.checks for finding in await check.look()}


def test_what_is_right_has_no_mistakes_and_nothing_is_asked_where_it_is_not_set_up() -> None:
    assert jira.mistakes(RIGHT) == []
    assert jira.configured(RIGHT, demo=False)
    assert jira.mistakes(jira.Settings()) == []
    assert not jira.configured(jira.Settings(), demo=False)


def test_all_mistakes_are_told_at_once_each_with_what_to_do() -> None:
    wrong = jira.Settings(
        url="http://acme.atlassian.net",
        email="bot",
        service_desk="IT-7",
        webhook_secret=SecretStr("short"),
        done="Resolved",
        live="resolved",
        priorities="High=highest",
    )
    told = jira.mistakes(wrong)
    names = [mistake.partition(":")[0].removeprefix("FIRSTLINE_JIRA_") for mistake in told]
    assert names == [
        "URL",
        "EMAIL",
        "TOKEN",
        "SERVICE_DESK",
        "REQUEST_TYPE",
        "WEBHOOK_SECRET",
        "LIVE",
        "PRIORITIES",
    ]
    assert all(";" in mistake or ". " in mistake for mistake in told)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"url": ""}, "FIRSTLINE_JIRA_URL: is missing"),
        ({"url": "https://["}, "FIRSTLINE_JIRA_URL: this is no web address"),
        ({"url": "https://acme.atlassian.net/jira/servicedesk"}, "FIRSTLINE_JIRA_URL: name the site alone"),
        ({"token": SecretStr("two words")}, "FIRSTLINE_JIRA_TOKEN: has a character"),
        ({"priorities": "High=high"}, "nothing stands for low, normal, urgent"),
        ({"webhook_secret": SecretStr(""), "poll_seconds": 0}, "nothing that changes in Jira would be seen"),
    ],
)
def test_a_mistake_names_its_setting(change: dict[str, Any], told: str) -> None:
    (mistake,) = jira.mistakes(RIGHT.model_copy(update=change))
    assert told in mistake


async def test_doctor_finds_everything_right() -> None:
    found = await examine(new_site(Clock()))
    assert {check: finding.level for check, finding in found.items()} == {
        "account": Level.OK,
        "service_desk": Level.OK,
        "rights": Level.OK,
        "statuses": Level.OK,
        "priorities": Level.OK,
        "webhook": Level.SKIPPED,
    }
    assert "https://help.example.com/mirrors/jira" in found["webhook"].seen
    assert "Resolved" in found["statuses"].seen


async def test_doctor_says_that_the_token_has_expired() -> None:
    site = new_site(Clock())
    site.expired = True
    found = await examine(site)
    assert {finding.seen for check, finding in found.items() if check != "webhook"} == {
        "Jira does not know the account, or its token has expired."
    }


@pytest.mark.parametrize(
    ("change", "check", "seen"),
    [
        ({"service_desk": "XX"}, "service_desk", "sees no service desk XX"),
        ({"request_type": "Nothing"}, "service_desk", "it has Get a laptop, Get IT help"),
        ({"done": "Fertig"}, "statuses", "there are Open, In Progress"),
        ({"live": "Nirgends"}, "statuses", "Nirgends"),
        (
            {"priorities": "Sofort=urgent, High=high, Medium=normal, Low=low"},
            "priorities",
            "names Sofort, which does not exist there; there are Highest",
        ),
        ({"webhook_secret": SecretStr("")}, "webhook", "FIRSTLINE_JIRA_WEBHOOK_SECRET is missing"),
    ],
)
async def test_doctor_names_what_is_not_there(change: dict[str, Any], check: str, seen: str) -> None:
    finding = (await examine(new_site(Clock()), **change))[check]
    assert finding.level in (Level.WARNING, Level.ERROR)
    assert seen in finding.seen


async def test_doctor_names_rights_and_fields() -> None:
    site = new_site(Clock())
    site.lacking = frozenset({"ASSIGN_ISSUES", "EDIT_OWN_COMMENTS"})
    site.required["customfield_10050"] = True
    found = await examine(site, replace(HOST, public_url=""))
    assert "lacks ASSIGN_ISSUES, EDIT_OWN_COMMENTS" in found["rights"].seen
    assert "Customfield_10050" in found["service_desk"].seen
    assert found["webhook"].level is Level.WARNING
