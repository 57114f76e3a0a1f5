"""One server for three workspaces, in which the same ids are other people: each has its own room."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from sqlalchemy import select

from bot.channels.slack.client import Client
from bot.desk.knowledge.library import Library
from bot.domain.tickets.queues import Queue, Queues
from bot.storage.schema.tables import channel_memory
from tests.support.desk.helpdesk import with_queues
from tests.support.e2e.running import Running, delivered, running, until
from tests.support.e2e.slack import button, words
from tests.support.fakes.slack.sending import Answer
from tests.support.fakes.slack.several import Browser, Place, SeveralSlack
from tests.support.unknown import UNKNOWN

PEOPLE = {"UANA": "Ana", "UEVA": "Eva"}
QUEUES = Queues(
    {
        "it": Queue("it"),
        "acme": Queue("acme", workspaces=frozenset({"slack:TACME"}), rooms={"slack": "TACME/CROOM"}),
        "bolt": Queue("bolt", workspaces=frozenset({"slack:TBOLT"}), rooms={"slack": "TBOLT/CROOM"}),
        # The third one's tickets are looked after by the people of the first.
        "coil": Queue("coil", workspaces=frozenset({"slack:TCOIL"}), rooms={"slack": "TACME/CCOIL"}),
    },
    "it",
)


@dataclass
class Company:
    """Three workspaces and the server that serves them."""

    slack: SeveralSlack
    app: Running
    acme: Place
    bolt: Place
    coil: Place

    @property
    def places(self) -> tuple[Place, Place, Place]:
        return self.acme, self.bolt, self.coil

    async def install_all(self) -> None:
        for place in self.places:
            assert (await self.slack.install(place, self.app.url)).status == 200
        await until(self._rosters, "the rosters of both rooms")

    def installed(self) -> list[str]:
        key = channel_memory.c.key
        with self.app.database.transaction(reading=True) as connection:
            rows = connection.execute(select(key).where(key.like("installed:%"))).scalars()
            return sorted(one.removeprefix("installed:") for one in rows)

    def _rosters(self) -> bool:
        with self.app.application.begin() as work:
            long_ago = self.app.application.clock().replace(year=2000)
            known = {str(identity) for identity, _ in work.rosters.members(long_ago)}
            return {"slack:TACME/UEVA", "slack:TBOLT/UEVA"} <= known


def add(slack: SeveralSlack, team: str) -> Place:
    place = slack.add(team)
    for user, name in PEOPLE.items():
        place.workspace.add_person(user, f"{name} of {team[1:].title()}")
        place.workspace.dm(user)
    for room in ("CROOM", *(("CCOIL",) if team == "TACME" else ())):
        place.workspace.add_channel(room, private=True, members=("UEVA",))
    place.workspace.add_channel("CHELP", members=tuple(PEOPLE))
    return place


@pytest.fixture
async def company(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> AsyncIterator[Company]:
    async with SeveralSlack() as slack:
        acme, bolt, coil = (add(slack, team) for team in ("TACME", "TBOLT", "TCOIL"))
        settings = slack.environment(FIRSTLINE_SLACK_HELP_CHANNELS="TBOLT/CHELP")
        async with running(monkeypatch, with_queues(library, QUEUES), database_url, settings) as app:
            slack.aim(f"{app.url}/slack/events")
            yield Company(slack, app, acme, bolt, coil)


async def said(place: Place, channel: str, text: str) -> dict[str, object]:
    found: dict[str, object] = await until(
        lambda: next((m for m in place.posts(channel) if text in words(m)), None), f"{text!r} in {channel}"
    )
    return found


async def test_a_question_in_each_is_answered_there(company: Company) -> None:
    await company.install_all()
    for place in company.places:
        await place.say("DUANA", "UANA", "my account is locked")
    for place in company.places:
        assert "unlock" in words(await said(place, "DUANA", "")).lower()
    await delivered(company.slack.target)
    assert [len(place.posts("DUANA")) for place in company.places] == [1, 1, 1]


async def test_each_ticket_is_in_its_own_room_alone(company: Company) -> None:
    await company.install_all()
    for place, text in zip(company.places, ("acme", "bolt", "coil"), strict=True):
        await place.say("DUANA", "UANA", f"{UNKNOWN} {text}")
    card = await said(company.acme, "CROOM", f"{UNKNOWN} acme")
    await said(company.bolt, "CROOM", f"{UNKNOWN} bolt")
    await said(company.acme, "CCOIL", f"{UNKNOWN} coil")
    await delivered(company.slack.target)
    for place, rooms in ((company.acme, 2), (company.bolt, 1), (company.coil, 0)):
        cards = [
            post
            for channel in place.workspace.channels
            for post in place.posts(channel)
            if "Claim" in words(post)
        ]
        assert len(cards) == rooms
    assert "Ana of Acme" in words(card)
    # An engineer of the second workspace who gets hold of the button of the first is no engineer there.
    await company.bolt.click("UEVA", "CROOM", "1.1", button(card, "claim"), message=card)
    await until(lambda: company.bolt.workspace.ephemerals or len(company.bolt.posts("DUEVA")), "a refusal")
    await delivered(company.slack.target)
    assert "Open" in words(company.acme.posts("CROOM")[0])
    await company.acme.click("UEVA", "CROOM", str(card["ts"]), button(card, "claim"))
    await said(company.acme, "DUANA", "Eva of Acme is now working on HELP-1001")
    assert not [post for post in company.bolt.posts("DUANA") if "HELP-1001" in words(post)]


async def test_a_help_channel_is_one_of_its_workspace(company: Company) -> None:
    await company.install_all()
    for place in company.places:
        await place.say("CHELP", "UANA", "how do I unlock my account?")
    await said(company.bolt, "CHELP", "")
    await delivered(company.slack.target)
    assert [len(place.posts("CHELP")) for place in company.places] == [0, 1, 0]


async def test_no_token_is_readable_in_the_database(company: Company) -> None:
    await company.install_all()
    with company.app.database.transaction(reading=True) as connection:
        kept = json.dumps([list(row) for row in connection.execute(select(channel_memory))])
    assert "installed:TBOLT" in kept
    for place in company.places:
        assert place.token
        assert place.token not in kept


async def test_an_app_that_is_taken_away_is_served_no_more(company: Company) -> None:
    await company.install_all()
    assert await company.slack.uninstall(company.bolt) == [200, 200]
    await until(lambda: company.installed() == ["TACME", "TCOIL"], "two installations")
    event = company.bolt.written("DUANA", "UANA", "is anybody there")
    assert (await company.bolt.event(event)).status == 200
    await company.acme.say("DUANA", "UANA", "my account is locked")
    await said(company.acme, "DUANA", "")
    await delivered(company.slack.target)
    assert company.bolt.posts("DUANA") == []
    assert (await company.slack.install(company.bolt, company.app.url)).status == 200
    await company.bolt.say("DUANA", "UANA", "my account is locked")
    await said(company.bolt, "DUANA", "")


async def test_an_event_of_an_end_that_is_none_changes_nothing(company: Company) -> None:
    await company.install_all()
    late = {"type": "app_uninstalled"}  # of an installation before this one
    assert (await company.bolt.event(late)).status == 200
    await until(lambda: len(company.bolt.called("auth.test")) > 1, "a look at the token")
    await company.bolt.say("DUANA", "UANA", "my account is locked")
    await said(company.bolt, "DUANA", "")


async def test_a_workspace_that_is_not_named_gets_nothing(company: Company) -> None:
    other = add(company.slack, "TOTHER")
    other.target = company.slack.target
    answer = await company.slack.install(other, company.app.url, **{"Accept-Language": "es-ES"})
    assert answer.status == 403
    assert "no se puede instalar en este espacio" in answer.text
    assert other.token == "", "the token was given back"
    event = other.written("DUANA", "UANA", "my account is locked")
    assert (await other.event(event)).status in (200, 500)
    assert other.posts("DUANA") == []


async def test_a_state_is_good_once_and_in_one_browser(company: Company) -> None:
    slack, browser = company.slack, Browser(company.app.url)
    asked = await slack.begin(browser)
    elsewhere = await slack.come_back(Browser(company.app.url), asked, company.acme)
    assert (elsewhere.status, company.acme.token) == (400, "")
    assert (await slack.come_back(browser, asked, company.acme)).status == 200
    again = await slack.come_back(
        Browser(company.app.url, {**browser.cookies, **_cookie(asked)}), asked, company.bolt
    )
    assert (again.status, company.bolt.token) == (401, "")
    forged = {**asked, "state": "forged"}
    wrong = await slack.come_back(Browser(company.app.url, _cookie(forged)), forged, company.bolt)
    assert (wrong.status, company.bolt.token) == (401, "")


@pytest.mark.parametrize(
    "asked", ["TX%26scope%3Dadmin", "TX%0d%0aX-Planted%3A%20y", "TOTHER", "", "%ED%A0%80"]
)
async def test_what_stands_in_the_address_goes_nowhere(company: Company, asked: str) -> None:
    plain = await Browser(company.app.url).get("/slack/install")
    odd = await Browser(company.app.url).get(
        f"/slack/install?team={asked}&scope=admin&redirect_uri=https://x.example"
    )
    known = await Browser(company.app.url).get("/slack/install?team=TACME")
    assert (plain.status, odd.status, known.status) == (302, 302, 302)
    assert _without_state(odd) == _without_state(plain)
    assert _without_state(known) == _without_state(plain) + "&team=TACME"


async def test_a_slack_that_is_not_reached_is_no_failure_of_ours(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object, **__: object) -> None:
        raise aiohttp.ClientConnectionError

    slack, browser = company.slack, Browser(company.app.url)
    asked = await slack.begin(browser)
    monkeypatch.setattr(Client, "oauth_v2_access", lost)
    answer = await slack.come_back(browser, asked, company.acme)
    assert answer.status == 401
    assert "Open /slack/install again" in answer.text
    assert company.installed() == []


def _without_state(answer: Answer) -> str:
    where = answer.headers["Location"]
    begin, _, rest = where.partition("state=")
    return begin + rest.partition("&")[2]


async def test_a_mention_is_somebody_of_its_own_workspace(company: Company) -> None:
    for place in (company.acme, company.bolt):
        place.workspace.add_person("UTOM", f"Tom of {place.workspace.team}")
    await company.install_all()
    for place in (company.acme, company.bolt):
        await place.say("DUANA", "UANA", f"{UNKNOWN} <@UTOM>")
    for place in (company.acme, company.bolt):
        await said(place, "CROOM", f"@Tom of {place.workspace.team}")


def _cookie(asked: dict[str, str]) -> dict[str, str]:
    return {"__Host-firstline_slack_install": asked["state"]}
