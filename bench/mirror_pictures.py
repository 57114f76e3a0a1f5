"""Draws the guides' pictures of mirrored tickets: plays an agent in stand-ins of Zendesk and of Jira."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
from playwright.async_api import Page, expect

from bot.backends.jira.webhook import PATH
from bot.server.wiring import now
from tests.support.chromium import a_window, launched
from tests.support.e2e.commands import Demo, demo
from tests.support.e2e.running import until
from tests.support.fakes.jira.playing import AGENT, OTHER, new_site
from tests.support.fakes.jira.server import EMAIL as JIRA_EMAIL
from tests.support.fakes.jira.server import SECRET as JIRA_SECRET
from tests.support.fakes.jira.server import TOKEN as JIRA_TOKEN
from tests.support.fakes.jira.server import served, webhook
from tests.support.fakes.jira.site import US
from tests.support.fakes.mirrors.zendesk import ANN, EMAIL, SECRET, TOKEN, FakeZendesk
from tests.support.paths import ROOT

IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 900}
ASKED = "My chair squeaks and needs a new wheel"
SAID = "Hello Ana, is it one of the new chairs? Please send me the number below the seat."
NOTED = "The third of that delivery. I ask the supplier."


@dataclass
class System:
    """A stand-in with the settings for it, whether the ticket is there, and what an agent does to it."""

    settings: dict[str, str]
    has_ticket: Callable[[], bool]
    act: Callable[[], None]
    told: Callable[[], tuple[str, bytes, dict[str, str]]]  # path, body and headers of its webhook
    waits_for: str  # what the page shows once all was taken in
    agent: str  # the letters that stand for the agent in the list


@asynccontextmanager
async def zendesk() -> AsyncIterator[System]:
    """Zendesk, where Ann works."""
    there = FakeZendesk(now)

    def act() -> None:
        (ticket,) = there.tickets
        there.update(ANN, ticket, assignee_id=ANN)
        there.update(ANN, ticket, comment={"body": SAID, "public": True})
        there.update(ANN, ticket, comment={"body": NOTED, "public": False})

    async with there.served() as url:
        settings = {
            "FIRSTLINE_ZENDESK_URL": url,
            "FIRSTLINE_ZENDESK_EMAIL": EMAIL,
            "FIRSTLINE_ZENDESK_TOKEN": TOKEN,
            "FIRSTLINE_ZENDESK_WEBHOOK_SECRET": SECRET,
        }
        yield System(
            settings,
            lambda: bool(there.tickets),
            act,
            lambda: ("/mirrors/zendesk", *there.signed(next(iter(there.tickets)))),
            NOTED,
            "AA",
        )


@asynccontextmanager
async def jira() -> AsyncIterator[System]:
    """Jira, where Eva works and an approval is asked for."""
    site = new_site(now)

    def act() -> None:
        (issue,) = site.issues.values()
        site.assign(issue, AGENT, AGENT)
        site.comment(issue, AGENT, SAID, public=True)
        site.comment(issue, AGENT, NOTED, public=False)
        site.ask_approval(issue, "A new chair, 240 €", US, OTHER)

    async with served(site) as url:
        settings = {
            "FIRSTLINE_JIRA_URL": url,
            "FIRSTLINE_JIRA_EMAIL": JIRA_EMAIL,
            "FIRSTLINE_JIRA_TOKEN": JIRA_TOKEN,
            "FIRSTLINE_JIRA_SERVICE_DESK": "IT",
            "FIRSTLINE_JIRA_REQUEST_TYPE": "Get IT help",
            "FIRSTLINE_JIRA_WEBHOOK_SECRET": JIRA_SECRET,
        }
        yield System(
            settings,
            lambda: bool(site.issues),
            act,
            lambda: (PATH, *webhook("jira:issue_updated", next(iter(site.issues.values())), now())),
            "A new chair, 240 €",
            "ER",
        )


async def play(page: Page, running: Demo, system: System) -> None:
    """Let somebody ask, and the agent there answer."""
    await page.goto(f"{running.url}/?as=ana&desk=maya")
    await page.locator("#ask-text").fill(ASKED)
    await page.locator("#ask-text").press("Enter")
    await until(system.has_ticket, "the ticket there")
    await page.goto(f"{running.url}/?as=ana&desk=maya&ticket=HELP-1001")
    await expect(page.locator("#ticket")).to_contain_text("Open in")
    system.act()
    path, body, headers = system.told()
    async with (
        aiohttp.ClientSession() as http,
        http.post(running.url + path, data=body, headers=headers) as to,
    ):
        to.raise_for_status()
    await expect(page.locator("#ticket")).to_contain_text(system.waits_for)
    await expect(page.locator("#ask-scroll")).to_contain_text(SAID)
    await expect(page.locator(".row")).to_contain_text(system.agent)


async def draw(folder: Path) -> None:
    """Draw both pictures into a folder."""
    for name, stand_in in (("zendesk", zendesk), ("jira", jira)):
        with TemporaryDirectory() as place:
            os.environ.setdefault("FIRSTLINE_CACHE", f"{place}/cache")
            async with (
                stand_in() as system,
                demo(Path(place), **system.settings) as running,
                launched() as browser,
            ):
                context = await a_window(browser, viewport=SIZE)
                page = await context.new_page()
                await play(page, running, system)
                await page.screenshot(path=folder / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES))
