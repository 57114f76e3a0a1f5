"""A browser for all tests of a module, a page for each, and the windows that a test opens on it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from tests.support.channels.page_site import Site, serve
from tests.support.channels.page_windows import WIDE, Open
from tests.support.chromium import a_window, launched


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def site() -> AsyncIterator[Site]:
    started = await serve()
    yield started
    await started.client.close()


@pytest_asyncio.fixture(loop_scope="module")
async def opened(browser: Browser) -> AsyncIterator[Open]:
    """Opens windows, and asserts at the end that none asked another host or failed."""
    contexts: list[BrowserContext] = []
    asked: list[str] = []
    failed: list[str] = []

    async def window(site: Site, path: str = "/", **options: Any) -> Page:
        context = await a_window(browser, **({"viewport": WIDE} | options))
        contexts.append(context)
        page = await context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on("console", lambda line: failed.append(line.text) if "Content Security" in line.text else None)
        await page.goto(site.origin + path)
        return page

    yield window
    for context in contexts:
        await context.close()
    assert failed == []
    assert asked
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:"))] == []
