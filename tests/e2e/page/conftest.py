"""A browser, and the demo that it shows."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from bot.desk.knowledge.library import Library
from tests.support.chromium import launched
from tests.support.e2e.running import Running, running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


@pytest.fixture
async def app(monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str) -> AsyncIterator[Running]:
    async with running(monkeypatch, library, database_url, {}, demo=True) as started:
        yield started
