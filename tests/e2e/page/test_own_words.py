"""What people write on the page, over HTTP, up to the card and the answer."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.desk.knowledge.library import Library
from tests.support.e2e.page_client import TOKENS, Page
from tests.support.e2e.running import running, until
from tests.support.unknown import UNKNOWN


@pytest.fixture
async def page(monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str) -> AsyncIterator[Page]:
    tokens = {"FIRSTLINE_WEB_TOKENS": f"{TOKENS['wes']}=wes:engineer {TOKENS['ina']}=ina:employee"}
    async with (
        running(monkeypatch, library, database_url, tokens) as app,
        aiohttp.ClientSession() as http,
    ):
        yield Page(app.url, http)


async def test_signs_are_shown_and_are_no_question(page: Page) -> None:
    _, answer = await page.post("/web/ask", "ina", pane="ask", text=":tada: :our_parrot:")
    assert answer["kind"] == "asked"
    assert "🎉 :our_parrot:" in await page.conversation("ina")


async def test_signs_and_quotations_come_to_the_card(page: Page) -> None:
    text = f"> I forgot my password\n{UNKNOWN} :scream:"
    _, answer = await page.post("/web/ask", "ina", pane="ask", text=text)
    assert answer["kind"] == "ticket"

    async def shown() -> bool:
        return f"> I forgot my password\n{UNKNOWN} 😱" in await page.room()

    await until(shown, "the card")


async def test_what_follows_a_thanks_counts(page: Page) -> None:
    text = "I have the new chair\nthanks for that!\nBut I forgot my password and cannot sign in"
    _, answer = await page.post("/web/ask", "ina", pane="ask", text=text)
    assert answer["kind"] == "answered"
