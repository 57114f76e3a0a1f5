"""The site that the tests of pages have."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.fakes.wikis.wiki_site import WikiSite, wiki_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[WikiSite]:
    """A site of Confluence beside a folder."""
    async with wiki_site(tmp_path / "pages") as made:
        yield made
