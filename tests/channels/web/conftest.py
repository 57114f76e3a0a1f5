"""The page on a loopback port, over a desk in memory."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels.web.access.accounts import read_grants
from tests.support.channels.page_site import TOKENS, Serve, Site, serve


@pytest.fixture
async def served() -> AsyncIterator[Serve]:
    """Starts pages, and stops them at the end."""
    sites: list[Site] = []

    async def start(**options: Any) -> Site:
        sites.append(await serve(**options))
        return sites[-1]

    yield start
    for site in sites:
        await site.client.close()


@pytest.fixture
async def demo(served: Serve) -> Site:
    """The demo's page."""
    return await served()


@pytest.fixture
async def guarded(served: Serve) -> Site:
    """A page with tokens."""
    grants, mistakes = read_grants(TOKENS)
    assert mistakes == ()
    return await served(grants=grants, anonymous=False)
