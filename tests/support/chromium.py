"""A real headless Chromium, as patient as the other tests."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.support.patience import PATIENCE

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = """
--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync
""".split()
MILLISECONDS = PATIENCE * 1000

needs_chromium = pytest.mark.skipif(
    not Path(CHROMIUM).exists(), reason="no chromium: apt-get install chromium"
)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A browser, closed at the end; what is expected on its pages is waited for as everything else is."""
    expect.set_options(timeout=MILLISECONDS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, timeout=MILLISECONDS
        )
        yield browser
        await browser.close()


async def a_window(browser: Browser, **options: Any) -> BrowserContext:
    """A window of its own, with its own cookies: 1280 x 900 and British unless told otherwise."""
    given = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | options
    context = await browser.new_context(**given)
    context.set_default_timeout(MILLISECONDS)
    return context


async def violations(page: Page) -> list[str]:
    """The rules that axe-core finds broken, with the elements that break them."""
    # Half-way through a fade-in every colour is a lighter one; in a closed menu nothing ever ends.
    # What is called off, because the pointer is elsewhere by now, has ended too.
    await page.evaluate(
        """() => Promise.all(document.getAnimations()
            .filter((one) => one.effect.target.checkVisibility())
            .map((one) => one.finished.catch(() => null)))"""
    )
    found = await Axe().run(page)
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
