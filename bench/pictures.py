"""Draws the README's pictures of the page: plays a short story on the demo and takes it in both themes."""

import asyncio
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, Page, expect

from tests.support.chromium import a_window, launched
from tests.support.e2e.commands import demo
from tests.support.paths import ROOT

IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 860}
CHAIR = "My chair squeaks and needs a new wheel"
ASKED = {
    "tom": "URGENT: the whole third floor has no heating and everybody is freezing",
    "ana": CHAIR,
    "carmen": "La cafetera de la cocina pierde agua por todas partes",
}


async def play(page: Page, url: str) -> None:
    """Let three people ask, and an engineer answer one of them."""
    for number, (person, text) in enumerate(ASKED.items(), 1):
        await page.goto(f"{url}/?as={person}&desk=maya")
        await page.locator("#ask-text").fill(text)
        await page.locator("#ask-text").press("Enter")
        await expect(page.locator(".row")).to_have_count(number)
    await page.goto(f"{url}/?as=carmen&desk=leo&ticket=HELP-1003")
    await page.locator("#ticket [data-action=claim]").click()
    await expect(page.locator("#ticket .chip.claimed")).to_be_visible()
    await page.goto(f"{url}/?as=ana&desk=maya&ticket=HELP-1002")
    await page.locator("#ticket [data-action=claim]").click()
    field = page.get_by_label("Write about HELP-1002")
    await expect(page.locator("#ticket [value=reply]")).to_be_checked()
    await field.fill("Hello Ana, which wheel is it? They are all on https://chairs.example.com/wheels")
    await field.press("Control+Enter")
    await expect(page.locator("#ticket .entry.sent:not(.pending)")).to_have_count(1)
    await page.locator("#ask-text").fill("The left one in front. It fell off this morning.")
    await page.locator("#ask-text").press("Enter")
    await expect(page.locator("#ticket .entry.asked")).to_have_count(2)
    await page.locator("#ticket .switch label", has_text="Note").click()
    await field.fill("She sits on the third floor, next to the printer.")
    await field.press("Control+Enter")
    await expect(page.locator("#ticket .entry.note:not(.pending)")).to_have_count(1)


async def take(browser: Browser, url: str, theme: str, file: Path) -> None:
    """Take the page as it is now in one theme."""
    context = await a_window(browser, viewport=SIZE, color_scheme=theme)
    page = await context.new_page()
    await page.goto(f"{url}/?as=ana&desk=maya&ticket=HELP-1002")
    await expect(page.locator("#ticket .entry.note")).to_have_count(1)
    await expect(page.locator("#ask-scroll")).to_contain_text("Passed on to Maya Patel")
    await page.locator(".row [data-ticket=HELP-1003]").click()  # seen, so that one alone is new
    await expect(page.locator("#ticket .card")).to_have_attribute("data-reference", "HELP-1003")
    await page.locator(".row [data-ticket=HELP-1002]").click()
    await expect(page.locator("#ticket .entry.note")).to_have_count(1)
    await page.screenshot(path=file, animations="disabled")
    await context.close()


async def draw(folder: Path) -> None:
    """Draw both pictures into a folder."""
    with TemporaryDirectory() as place:
        os.environ.setdefault("FIRSTLINE_CACHE", f"{place}/cache")
        async with demo(Path(place)) as running, launched() as browser:
            context = await a_window(browser, viewport=SIZE)
            await play(await context.new_page(), running.url)
            await take(browser, running.url, "light", folder / "page.png")
            await take(browser, running.url, "dark", folder / "page-dark.png")


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES))
