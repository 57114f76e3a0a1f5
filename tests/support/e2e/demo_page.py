"""The demo's page in a browser, and the menu of its card."""

from playwright.async_api import Browser, Page

from tests.support.chromium import a_window
from tests.support.e2e.running import Running


async def page_of(browser: Browser, app: Running) -> Page:
    """The demo's page, with the clipboard allowed."""
    context = await a_window(browser)
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = await context.new_page()
    await page.goto(f"{app.url}/?as=ana&desk=maya")
    return page


# Buttons are pressed by key: of two clicks in one moment the page takes the second for a slip.
async def menu(page: Page, entry: str) -> None:
    """Press something in the card's menu."""
    card = page.locator(".card").first
    await card.locator("details.menu summary").click()
    await card.get_by_role("button", name=entry).press("Enter")
