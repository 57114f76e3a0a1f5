"""Brings a folder of articles up to date with a system's pages, a little at a time and never by halves."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import IO, Any, TypeVar

from bot.domain.errors import SourceUnavailable
from bot.domain.knowledge.content import Article
from bot.knowledge.articles import read_article
from bot.knowledge.files.rendering import article_text
from bot.knowledge.wiki.folder import FolderState, PageFolder
from bot.knowledge.wiki.port import LASTING, Listing, Pulled, ReadPage, Reason, Wiki
from bot.knowledge.yaml_reading import Page

T = TypeVar("T")
LOT = 25  # pages that are written, and noted, at once
MOST_FAILED = 20  # pages one after the other, before it is said that the system fails
LARGEST = 400_000  # characters of an article
FOUND_WITHIN = 110.0  # seconds in which it is found what went, or may not be read any more
LEAST_REST = 1 / 10  # of the time that a whole listing takes, before the next one


class WikiPuller:
    """Puller of the pages of one wiki; between whole listings it looks at what is new."""

    def __init__(
        self,
        name: str,
        folder: PageFolder,
        open_wiki: Callable[[], Wiki],
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.seconds = seconds
        self._folder = folder
        self._open = open_wiki
        self._clock = clock
        self._lock: IO[str] | None = None
        self._wiki: Wiki | None = None
        self._listed: tuple[float, float] | None = None  # when the last whole listing began, and ended

    async def pull(self, *, whole: bool = False) -> Pulled | None:
        """Bring the folder up to date; None while another process does."""
        if self._lock is None:
            self._lock = await _finished(self._folder.lock)
            if self._lock is None:
                return None
        if whole:
            await self._forget()
        pulled = None
        try:
            pulled = await self._pull(anew=whole)
        finally:
            if pulled is None:  # what is older than what was read may be missing
                await self._forget()
        return pulled

    async def close(self) -> None:
        """Let go of the folder."""
        await self._forget()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def _forget(self) -> None:
        wiki, self._wiki, self._listed = self._wiki, None, None
        if wiki is not None:
            await wiki.close()

    async def _pull(self, *, anew: bool) -> Pulled:
        wiki = self._wiki = self._wiki or self._open()
        newest = None
        if self._listed is not None:
            whole_is_due = self._whole_is_due(*self._listed)
            newest = await self._newest(wiki)  # before a whole listing, too: what was written is not to wait
            if newest is not None and not whole_is_due:
                return newest
        pulled = await self._carry_out(wiki, await self._whole(wiki), anew=anew)
        if newest is not None:
            done = newest.written + pulled.written, newest.removed + pulled.removed
            pulled = replace(pulled, written=done[0], removed=done[1])
        return pulled

    async def _carry_out(self, wiki: Wiki, listing: Listing, *, anew: bool = False) -> Pulled:
        before = await _finished(self._folder.state)
        work = _Work(self._folder, before, listing, wiki.address)
        await _finished(work.take_away)
        wanted = [key for key in listing.versions if anew or before.held.get(key) != listing.versions[key]]
        wanted = [key for key in wanted if anew or not work.stays_out(key)]
        await _written(work, _lots(wiki.read(wanted)))
        return await _finished(work.finish)

    async def _newest(self, wiki: Wiki) -> Pulled | None:
        before = await _finished(self._folder.state)
        left_out = {key: version for key, (version, _, _) in before.left_out.items()}
        listing = await wiki.newest({**left_out, **before.held})
        return None if listing is None else await self._carry_out(wiki, listing)

    async def _whole(self, wiki: Wiki) -> Listing:
        began = self._clock()
        listing = await wiki.listed()
        self._listed = began, self._clock()
        return listing

    def _whole_is_due(self, began: float, ended: float) -> bool:
        took, now = ended - began, self._clock()
        # Whatever went right after the last one began is found when the next one ends: would one that
        # waits for another look be too late?
        return now >= ended + LEAST_REST * took and now + self.seconds + took > began + FOUND_WITHIN


class _Work:
    """One look: what is taken away, written and noted."""

    def __init__(
        self, folder: PageFolder, before: FolderState, listing: Listing, address: Callable[[str], str]
    ) -> None:
        self._folder = folder
        self._listing = listing
        self._address = address
        self._state = FolderState(dict(before.held), dict(before.left_out), list(before.faults))
        self._noted = before
        self._written = self._removed = 0

    def take_away(self) -> None:
        """Take away what may not stay, before anything is read: that must not wait for an answer."""
        listing, state = self._listing, self._state
        if listing.whole:
            state.faults = list(listing.faults)
            state.left_out = {key: told for key, told in state.left_out.items() if key in listing.versions}
            for key in {*self._folder.keys(), *state.held} - set(listing.versions):
                self._drop(key)
        for key, (version, reason) in listing.left_out.items():
            self._leave_out(key, version, reason)
        if self._removed:
            self._note()

    def stays_out(self, key: str) -> bool:
        """Tell whether a page of this version was read already, and is no article for a reason that lasts."""
        version, _, reason = self._state.left_out.get(key, ("", "", ""))
        return version == self._listing.versions[key] and reason in LASTING

    def write(self, pages: Sequence[ReadPage]) -> None:
        """Write what was read."""
        for page in pages:
            version = self._listing.versions[page.key]
            fault = page.reason if page.article is None else _fault(page.article)
            if page.article is None or fault is not None:
                reason = fault or Reason.UNFIT
                if reason is Reason.FAILED:  # what was read before is better than nothing
                    self._state.left_out[page.key] = (version, self._address(page.key), reason)
                else:
                    self._leave_out(page.key, version, reason)
                continue
            self._written += self._folder.write(page.key, article_text(page.article))
            self._state.held[page.key] = version
            self._state.left_out.pop(page.key, None)
        self._folder.keep(self._state, under_way=True)

    def finish(self) -> Pulled:
        """Let the articles be read, where something has changed; say what was done."""
        if self._state != self._noted or self._written:
            self._note()
        told = {address: Reason(reason).sentence for _, address, reason in self._state.left_out.values()}
        return Pulled(
            len(self._state.held),
            self._written,
            self._removed,
            told,
            tuple(self._state.faults),
            self._listing.whole,
        )

    def _note(self) -> None:
        self._folder.keep(self._state)
        self._noted = FolderState(
            dict(self._state.held), dict(self._state.left_out), list(self._state.faults)
        )

    def _leave_out(self, key: str, version: str, reason: Reason) -> None:
        self._drop(key)
        self._state.left_out[key] = (version, self._address(key), reason)

    def _drop(self, key: str) -> None:
        self._removed += self._folder.remove(key)
        self._state.held.pop(key, None)


def _fault(article: Article) -> Reason | None:
    """Why the check would refuse an article, which must not keep others from coming into force."""
    if not article.body.strip():
        return Reason.EMPTY
    text = article_text(article)
    if len(text) > LARGEST:
        return Reason.TOO_LARGE
    page = Page(article.id)
    try:
        read = read_article(page, text, datetime.now(UTC).date())
    except (ValueError, RecursionError):
        return Reason.UNFIT
    same = read is not None and (read.value.id, read.value.title) == (article.id, article.title)
    return None if same and not any(one.error for one in page.problems) else Reason.UNFIT


async def _written(work: "_Work", lots: AsyncIterator[list[ReadPage]]) -> None:
    """Write lots while the next ones are read; what is being written is finished in any case."""
    writing: asyncio.Task[None] | None = None
    try:
        async for lot in lots:
            if writing is not None:
                await writing
            writing = asyncio.create_task(_finished(work.write, lot))
    finally:
        if writing is not None:
            await writing


async def _finished(function: Callable[..., T], *values: Any) -> T:
    """Work on files in a thread, to its end: who is cancelled does not let go of the folder before."""
    working = asyncio.create_task(asyncio.to_thread(function, *values))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise


async def _lots(pages: AsyncIterator[ReadPage]) -> AsyncIterator[list[ReadPage]]:
    lot: list[ReadPage] = []
    failed = 0
    async for page in pages:
        lot.append(page)
        failed = failed + 1 if page.reason is Reason.FAILED else 0
        if failed > MOST_FAILED:  # it is not the pages
            raise SourceUnavailable(code="failed")
        if len(lot) >= LOT:
            yield lot
            lot = []
    if lot:
        yield lot
