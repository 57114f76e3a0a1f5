"""The published pages of the named SharePoint sites."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from bot.domain.knowledge.content import Article
from bot.knowledge.markup.tree import one_line
from bot.knowledge.sharepoint import NAME, Settings
from bot.knowledge.sharepoint.api import Document, GraphApi
from bot.knowledge.sharepoint.canvas import canvas_tree
from bot.knowledge.wiki.client import Failed, Pause, Refused, failures_as_unavailable
from bot.knowledge.wiki.documents import at, day_at, is_safe, text_at
from bot.knowledge.wiki.folder import KEY
from bot.knowledge.wiki.html import markdown
from bot.knowledge.wiki.port import Listing, PullHost, ReadPage, Reason, Wiki
from bot.knowledge.wiki.settings import names_of

FEW = 10  # changed pages of a site up to which each is asked for by itself
LONGEST_TITLE = 300


class SharePointWiki(Wiki):
    """Wiki of the named sites."""

    def __init__(self, settings: Settings, host: PullHost, pause: Pause = asyncio.sleep) -> None:
        self._api = GraphApi(settings, pause)
        self._host = host
        self._names = names_of(settings.sites)
        self._site_of: dict[str, str] = {}  # ids of sites by the page's key
        self._addresses: dict[str, str] = {}

    async def close(self) -> None:
        """End the connections."""
        await self._api.close()

    def address(self, key: str) -> str:
        """Where people find a page, as far as it was listed."""
        return self._addresses.get(key, key)

    async def listed(self) -> Listing:
        """List the pages of all named sites; only those that are published are articles."""
        versions: dict[str, str] = {}
        left_out: dict[str, tuple[str, Reason]] = {}
        faults = []
        self._site_of, self._addresses = {}, {}
        with failures_as_unavailable():
            for name in self._names:
                site = await self._site(name)
                if not site:
                    faults.append(f"there is no site '{name}' that our app may read")
                    continue
                async for page in self._api.pages(site):
                    key, version = text_at(page, "id"), text_at(page, "eTag")
                    if not KEY.fullmatch(key):
                        continue
                    self._site_of[key] = site
                    self._addresses[key] = text_at(page, "webUrl")
                    if text_at(page, "publishingState", "level") == "published":
                        versions[key] = version
                    else:
                        left_out[key] = (version, Reason.DRAFT)
        return Listing(versions, left_out, faults=tuple(faults))

    async def _site(self, name: str) -> str:
        try:
            return text_at(await self._api.site(name), "id")
        except Refused as error:
            if error.status in (403, 404):
                return ""
            raise

    async def read(self, keys: Sequence[str]) -> AsyncIterator[ReadPage]:
        """Read these pages: few one by one, and many with the list of their site."""
        by_site: dict[str, dict[str, None]] = {}
        for key in keys:
            by_site.setdefault(self._site_of[key], {})[key] = None
        for site, wanted in by_site.items():
            if len(wanted) > FEW:
                with failures_as_unavailable():
                    try:
                        async for page in self._api.pages(site, whole=True):
                            # Where a list has no texts, each is asked for by itself.
                            if (key := text_at(page, "id")) in wanted and at(
                                page, "canvasLayout"
                            ) is not None:
                                del wanted[key]
                                yield self._page(key, page)
                    except (Refused, Failed):
                        pass  # one of them cannot be read: each is asked for by itself
            for key in wanted:
                yield await self._single(site, key)

    async def _single(self, site: str, key: str) -> ReadPage:
        try:
            return self._page(key, await self._api.page(site, key))
        except Refused as error:
            return ReadPage(key, None, Reason.GONE if error.status == 404 else Reason.REFUSED)
        except Failed:
            return ReadPage(key, None, Reason.FAILED)

    def _page(self, key: str, page: Document) -> ReadPage:
        if text_at(page, "publishingState", "level") != "published":  # since it was listed
            return ReadPage(key, None, Reason.DRAFT)
        title = one_line(text_at(page, "title"))[:LONGEST_TITLE]
        if not title:
            return ReadPage(key, None)
        address = text_at(page, "webUrl")
        tree = canvas_tree(at(page, "canvasLayout"), address)
        owner = text_at(page, "createdBy", "user", "email") or text_at(
            page, "createdBy", "user", "displayName"
        )
        text = f"{title}. {tree.text}"
        article = Article(
            f"{NAME}-{key}",
            title,
            markdown(tree, address),
            self._host.guess(text) or self._host.language,
            url=address if is_safe(address) else None,
            owner=one_line(owner) or None,
            updated=day_at(page, "lastModifiedDateTime"),
        )
        return ReadPage(key, article)
