"""Helping to the end on the page: the whole application, in a real headless Chromium."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.chromium import needs_chromium, violations
from tests.support.e2e.demo_page import menu, page_of
from tests.support.e2e.running import Running
from tests.support.unknown import UNKNOWN

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    needs_chromium,
]


async def claimed(page: Page) -> Any:
    """Ana asks, Maya claims; the card."""
    await page.locator("#ask-text").fill(UNKNOWN)
    await page.locator("#ask-text").press("Enter")
    card = page.locator(".card").first
    await card.get_by_role("button", name="Claim").press("Enter")
    await expect(card.locator(".chip.claimed")).to_be_visible()
    return card


async def test_details_and_the_report_to_copy(browser: Browser, app: Running) -> None:
    page = await page_of(browser, app)
    card = await claimed(page)
    await menu(page, "Ask for details")
    request = page.locator(".message.theirs:not(.waits)").last
    await request.locator("summary", has_text="Answer").click()
    assert await violations(page) == []
    await request.get_by_label("Which device").fill("FL-2000")
    await request.get_by_role("button", name="Answer").press("Enter")
    await expect(card).to_contain_text("FL-2000")
    await menu(page, "Copy for developers")
    dialog = page.locator("#form")
    report = dialog.get_by_label("Markdown")
    await expect(report).to_have_attribute("readonly", "")
    assert await violations(page) == []
    await dialog.get_by_role("button", name="Copy").press("Enter")
    await expect(dialog.get_by_role("button", name="Copied")).to_be_visible()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"# HELP-1001: {UNKNOWN}")
    assert "FL-2000" in copied
    await dialog.get_by_role("button", name="Close").press("Enter")
    await expect(dialog).to_be_hidden()


async def test_how_it_went_and_it_came_back(browser: Browser, app: Running) -> None:
    page = await page_of(browser, app)
    card = await claimed(page)
    await card.locator("summary", has_text="Resolve").click()
    await card.get_by_label("Note for the employee").fill("Tightened it")
    await card.get_by_role("button", name="Resolve").press("Enter")
    told = page.locator(".message.theirs:not(.waits)").last
    await expect(told).to_contain_text("How did it go")
    await told.get_by_role("button", name="2", exact=True).press("Enter")
    await expect(told).to_contain_text("You gave it 2 of 5")
    await expect(card).to_contain_text("Rating: 2 of 5")
    await expect(card.get_by_role("button", name="Reopen")).to_be_visible()
    await told.locator("summary", has_text="Add a comment").click()
    await told.get_by_label("Why? A sentence is enough.").fill("It still drips")
    assert await violations(page) == []
    await told.get_by_role("button", name="Add a comment").press("Enter")
    await expect(card).to_contain_text("It still drips")
    await told.get_by_role("button", name="Still not working").press("Enter")
    await expect(card.locator(".chip.claimed")).to_be_visible()
    await expect(page.locator(".message.theirs:not(.waits)").last).to_contain_text("is working on it")
