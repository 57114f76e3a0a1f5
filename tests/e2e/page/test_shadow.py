"""Shadow mode on the page: the whole application, in a real headless Chromium."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from bot.desk.knowledge.library import Library
from bot.domain.knowledge.shadow import NO_ARTICLE
from bot.storage import connect
from bot.storage.unit_of_work import units_of_work
from tests.support.chromium import needs_chromium, violations
from tests.support.e2e.demo_page import menu, page_of
from tests.support.e2e.running import Running, running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    needs_chromium,
]


@pytest.fixture
async def silent(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> AsyncIterator[Running]:
    environment = {"FIRSTLINE_SHADOW": "web"}
    async with running(monkeypatch, library, database_url, environment, demo=True) as started:
        yield started


async def test_a_journey_on_the_page(browser: Browser, silent: Running, database_url: str) -> None:
    page = await page_of(browser, silent)
    await page.locator("#ask-text").fill("I forgot my password")
    await page.locator("#ask-text").press("Enter")
    told = page.locator(".message.theirs:not(.waits)")
    await expect(told).to_have_count(1)
    await expect(told).to_contain_text("Your ticket is HELP-1001")
    card = page.locator(".card").first
    await expect(card).to_contain_text("would have answered with Reset a forgotten password")
    await card.get_by_role("button", name="Claim").press("Enter")
    await card.locator("summary", has_text="Resolve").click()
    assert await violations(page) == []
    await card.get_by_label("Note for the employee").fill("Reset it")
    which = card.get_by_label("Which article would have helped?")
    await which.select_option(label="None of these")
    await card.get_by_label("Or another article").fill("pasword-reset")
    await card.get_by_role("button", name="Resolve").press("Enter")
    await expect(page.get_by_text("There is no article “pasword-reset”")).to_be_visible()
    dialog = page.locator("#form")  # as it was filled in
    await expect(dialog.get_by_label("Note for the employee")).to_have_value("Reset it")
    await dialog.get_by_label("Or another article").fill("")
    await dialog.get_by_role("button", name="Resolve").press("Enter")
    await expect(card).to_contain_text("no article would have helped")
    assert _named(database_url) == NO_ARTICLE
    await menu(page, "Name the article")
    await expect(dialog.get_by_role("heading")).to_have_text("Article for HELP-1001")
    assert await violations(page) == []
    await expect(dialog.get_by_label("Which article would have helped?")).to_have_value("none")
    await dialog.get_by_label("Which article would have helped?").select_option("0")
    await dialog.get_by_role("button", name="Name the article").press("Enter")
    await expect(card).to_contain_text("this would have helped: Reset a forgotten password")
    assert _named(database_url) == "password-reset"


def _named(database_url: str) -> str | None:
    database = connect(database_url)
    with units_of_work(database)() as work:
        found = work.shadow.of(1)
    database.close()
    return found.named if found is not None else None
