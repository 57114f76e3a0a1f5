"""A site of Confluence beside a folder, and the puller between them, which waits for nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.domain.knowledge.content import Article
from bot.knowledge.confluence import NAME, Settings
from bot.knowledge.confluence.wiki import ConfluenceWiki
from bot.knowledge.wiki.folder import PageFolder
from bot.knowledge.wiki.port import Pulled, PullHost
from bot.knowledge.wiki.puller import WikiPuller
from bot.knowledge.wiki.source import PageSource
from tests.support.fakes.wikis.confluence import EMAIL, TOKEN, FakeConfluence, FakePage

HOST = PullHost("en", lambda text: "es" if " la " in text else None)


@dataclass
class WikiSite:
    """The site, the folder, and what was waited for; `now` is what the puller's clock shows."""

    fake: FakeConfluence
    settings: Settings
    folder: Path
    waits: list[float] = field(default_factory=list)
    now: float = 0.0

    def __post_init__(self) -> None:
        """Make the puller."""
        self.puller = self.another_puller()
        self.source = PageSource(NAME, self.folder)

    def another_puller(self) -> WikiPuller:
        """A puller of a process of its own."""

        async def pause(seconds: float) -> None:
            self.waits.append(seconds)

        return WikiPuller(
            NAME,
            PageFolder(self.folder, NAME),
            lambda: ConfluenceWiki(self.settings, HOST, pause),
            30,
            clock=lambda: self.now,
        )

    async def pull(self, *, whole: bool = False) -> Pulled:
        """Look once."""
        pulled = await self.puller.pull(whole=whole)
        assert pulled is not None
        return pulled

    async def look_at_all(self) -> Pulled:
        """Look when a whole listing is due."""
        self.now += 10_000
        return await self.pull()

    def texts(self) -> dict[str, str]:
        """The articles that are there, by the page."""
        return {path.name: path.read_text("utf-8") for path in sorted(self.folder.glob("*.md"))}


@asynccontextmanager
async def wiki_site(folder: Path, fake: FakeConfluence | None = None) -> AsyncIterator[WikiSite]:
    """Run a site."""
    fake = fake or FakeConfluence()
    async with TestServer(fake.app(), host="127.0.0.1") as server:
        settings = Settings(
            url=f"http://127.0.0.1:{server.port}",
            email=EMAIL,
            token=SecretStr(TOKEN),
            spaces=" ".join(fake.spaces),
            requests=50,
            folder=str(folder),
        )
        site = WikiSite(fake, settings, folder)
        yield site
        await site.puller.close()


def add(site: WikiSite, *pages: FakePage) -> None:
    """Add pages, the newest last."""
    for page in pages:
        site.fake.add(page)


def article(site: WikiSite, page: str) -> Article:
    """The article that a page is."""
    found = {draft.value.id: draft.value for draft in site.source.load().articles}
    return found[f"confluence-{page}"]


def held(site: WikiSite) -> set[str]:
    """The pages that are articles."""
    return {name.removeprefix("confluence-").removesuffix(".md") for name in site.texts()}


def reasons(left_out: dict[str, str]) -> dict[str, str]:
    """Why pages are no articles, by the page."""
    return {address.rpartition("=")[2]: reason for address, reason in left_out.items()}
