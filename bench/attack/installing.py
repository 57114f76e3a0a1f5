"""Installs the Slack app where it may not be, and uses one workspace's buttons and tokens in another."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.attack.attempts import Options, Row, row
from bench.attack.site import PLANTED, forget_settings, library
from bot.channels.slack.manifest import REDIRECT_PATH
from bot.channels.slack.workspaces.install import COOKIE
from bot.channels.slack.workspaces.sealing import Seal, TokensUnreadable
from bot.channels.slack.workspaces.store import INSTALLED, MOST_USED, read_stored
from bot.storage import connect, migrate
from bot.storage.schema.tables import channel_memory, tickets
from tests.support.e2e.running import Running, delivered, running, until
from tests.support.e2e.slack import button
from tests.support.fakes.slack.several import TOKEN_KEY, Browser, Place, SeveralSlack
from tests.support.unknown import UNKNOWN

STATES = "a state that is forged, used, or another browser's"
ADDRESS = "words in the address of the installation that would lead elsewhere"
UNNAMED = "a workspace that the settings do not name"
CROWD = "attempts without end, while somebody installs"
TOKENS = "tokens of a workspace in the database, and in another's row"
BUTTONS = "a card's button of one workspace, pressed in another"
ATTACKS = (STATES, ADDRESS, UNNAMED, CROWD, TOKENS, BUTTONS)


@dataclass
class Company:
    """A server, two workspaces that it may serve, and one that it may not."""

    slack: SeveralSlack
    app: Running
    own: Place
    other: Place
    unnamed: Place

    def browser(self, cookies: Mapping[str, str] | None = None) -> Browser:
        """A browser that has these cookies."""
        return Browser(self.app.url, dict(cookies or {}))

    def rows(self) -> dict[str, str]:
        """What is kept of installations."""
        with self.app.database.transaction(reading=True) as db:
            found = db.execute(channel_memory.select()).all()
        return {one.key: one.value for one in found if one.key.startswith(INSTALLED)}


async def attack(company: Company) -> list[Row]:
    """Try each, before and after the app is installed in two workspaces."""
    rows = [
        row(STATES, [await state(company, kind) for kind in ("forged", "used", "another browser's")]),
        row(
            ADDRESS,
            [await address(company, odd) for odd in ("x%26scope%3Dadmin", "x%0d%0aX-A%3A%20b", "%ff")],
        ),
        row(UNNAMED, [await installed(company, company.unnamed)]),
        row(CROWD, [await crowd(company)]),
    ]
    for place in (company.own, company.other):
        await company.slack.install(place, company.app.url)
    return [
        *rows,
        row(TOKENS, readable(company.rows())),
        row(BUTTONS, [await pressed(company, company.other)]),
    ]


async def run(_options: Options) -> list[Row]:
    """Attack a server of its own."""
    async with a_company() as company:
        return await attack(company)


async def state(company: Company, kind: str) -> str:
    """Come back from Slack with a state that is good for nothing here."""
    browser, place = company.browser(), company.own
    asked = await company.slack.begin(browser)
    if kind == "forged":
        asked = {**asked, "state": "A" * len(asked["state"])}
    if kind == "used":
        await browser.get(f"{REDIRECT_PATH}?code=x&state={asked['state']}")
    cookies = {} if kind == "another browser's" else {COOKIE: asked["state"]}
    answer = await company.slack.come_back(company.browser(cookies), asked, place)
    taken = bool(place.token) or bool(company.rows())
    return f"{kind}: answered {answer.status}" if taken or not 400 <= answer.status < 500 else ""


async def address(company: Company, odd: str) -> str:
    """Begin with something in the address; only Slack's own page is led to, with what we ask for."""
    asked = await company.browser().get(f"/slack/install?team={odd}&redirect_uri=https://x.example&state=x")
    where = asked.headers.get("Location", "")
    led = where.startswith("https://slack.com/oauth/v2/authorize?state=") and "x.example" not in where
    fine = asked.status == 302 and led and "admin" not in where and "X-A" not in str(asked.headers)
    return "" if fine else f"{odd}: answered {asked.status}, to {where[:100]}"


async def installed(company: Company, place: Place) -> str:
    """Install the app; it is kept where a token of it stays."""
    answer = await company.slack.install(place, company.app.url)
    name = place.workspace.team
    kept = bool(place.token) or any(name in key for key in company.rows())
    return f"{name}: answered {answer.status}" if kept or answer.status != 403 else ""


async def crowd(company: Company) -> str:
    """Begin once, then as somebody else again and again; the first one must still get through."""
    browser = company.browser()
    asked = await company.slack.begin(browser)
    for _ in range(MOST_USED + 10):
        await company.browser().get("/slack/install")
    answer = await company.slack.come_back(browser, asked, company.own)
    return "" if answer.status == 200 else f"answered {answer.status}"


def readable(rows: Mapping[str, str], key: str = TOKEN_KEY) -> list[str]:
    """What of the tokens can be read without the key, or as another workspace's."""
    found = [f"{name} shows a token" if "xox" in value else "" for name, value in rows.items()]
    if len(rows) != 2:
        raise LookupError(f"two installations are to be kept, not {sorted(rows)}")
    for name in rows:
        for value in rows.values():
            own = value is rows[name]
            opened = not own and _opens(key, name.removeprefix(INSTALLED), value)
            wrongly = opened or _opens(
                "another key, which is long enough", name.removeprefix(INSTALLED), value
            )
            found.append(f"{name} is opened with another's row or key" if wrongly else "")
    return found


def _opens(key: str, tenant: str, value: str) -> bool:
    try:
        return bool(read_stored(Seal([key]), tenant, value))
    except TokensUnreadable:
        return False


async def pressed(company: Company, by: Place) -> str:
    """Press the claim of a ticket of the first workspace's room as an engineer with the same id elsewhere."""
    own = company.own
    await own.say("DUANA", "UANA", f"{UNKNOWN} {PLANTED}")
    card: dict[str, Any] = await until(lambda: next(iter(own.posts("CROOM")), None), "a card")
    await by.click("UEVA", "CROOM", str(card["ts"]), button(card, "claim"), message=card)
    await delivered(company.app.url)
    with company.app.database.transaction(reading=True) as db:
        status = db.execute(tickets.select()).one().status
    told = [post for post in by.posts("DUEVA") if PLANTED in str(post)]
    return f"the ticket is {status}" if status != "open" or told else ""


@asynccontextmanager
async def a_company() -> AsyncIterator[Company]:
    """A server for two workspaces, installed in none yet."""
    with (
        tempfile.TemporaryDirectory(prefix="firstline-attack-") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        forget_settings(patch)
        patch.chdir(folder)  # no .env
        url = f"sqlite:///{Path(folder) / 'firstline.db'}"
        database = connect(url)
        migrate(database)
        database.close()
        async with SeveralSlack() as slack:
            own, other = _add(slack, "TOWN"), _add(slack, "TOTHER")
            settings = slack.environment(FIRSTLINE_SLACK_ROOM="TOWN/CROOM")
            unnamed = _add(slack, "TUNNAMED")
            async with running(patch, library(), url, settings) as app:
                slack.aim(f"{app.url}/slack/events")
                yield Company(slack, app, own, other, unnamed)


def _add(slack: SeveralSlack, team: str) -> Place:
    place = slack.add(team)
    for user in ("UANA", "UEVA"):
        place.workspace.add_person(user, f"{user} of {team}")
        place.workspace.dm(user)
    place.workspace.add_channel("CROOM", private=True, members=("UEVA",))
    return place
