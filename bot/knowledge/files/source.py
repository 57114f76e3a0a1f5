"""Reads articles and replies from folders of Markdown files, intents from a folder of YAML files."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import structlog
from watchfiles import awatch

from bot.domain.knowledge.content import AddedExamples, Article, Draft, Intent, Problem, SourceContent
from bot.domain.tickets.canned_response import CannedResponse
from bot.knowledge import articles as article_files
from bot.knowledge import intents as intent_files
from bot.knowledge.canned_responses import read_canned
from bot.knowledge.files.folder import Kind, Listing, list_folder, unread_files
from bot.knowledge.files.picture_store import PictureStore
from bot.knowledge.files.pictures import ENDINGS as PICTURE_ENDINGS
from bot.knowledge.files.pictures import ArticleFile, with_pictures
from bot.knowledge.files.text_files import Stamp, as_text, is_folder, read_bytes, shown
from bot.knowledge.yaml_reading import Page

LARGEST = 1_000_000  # bytes in one file
POLL = 2.0  # seconds between looks at the files, where the system tells nothing
DEBOUNCE = 100  # milliseconds in which several writes of an editor are one change

ARTICLES = Kind("articles", article_files.ENDINGS, PICTURE_ENDINGS)
INTENTS = Kind("intents", (".yaml", ".yml"))
REPLIES = Kind("replies", article_files.ENDINGS)

log = structlog.get_logger()


def _today() -> date:
    return datetime.now(UTC).date()


class FileSource:
    """Reads kb_articles/, intents/ and replies/; bad content becomes problems, never an exception."""

    name = "files"

    def __init__(
        self,
        articles: Path,
        intents: Path | None,
        replies: Path | None = None,
        *,
        today: Callable[[], date] = _today,
        cache: Path | None = None,
    ) -> None:
        """`cache`: where pictures are kept as they are shown."""
        self._articles = Path(articles)
        self._intents = intents  # there need be none, as of the replies
        self._replies = replies
        self._pictures = PictureStore(cache)
        self._today = today
        self._loaded_stamps: dict[str, Stamp] | None = None

    def load(self) -> SourceContent:
        """Read everything; its `problems` say what is wrong with the files."""
        listings = self._listings()
        # Before reading, so that an edit in between counts as a change.
        self._loaded_stamps = _stamps(listings)
        digest = hashlib.sha256()
        problems: list[Problem] = [problem for listing in listings for problem in listing.problems]
        intents: list[Draft[Intent]] = []
        examples: list[Draft[AddedExamples]] = []
        articles, pictures = self._read_articles(listings[0], digest, problems)
        intent_listings = [one for one in listings if one.kind is INTENTS]
        reply_listings = [one for one in listings if one.kind is REPLIES]
        for page, text, _ in (one for each in intent_listings for one in _pages(each, digest, problems)):
            found = intent_files.read_intent(page, text)
            problems += page.problems
            if found is not None and isinstance(found.value, AddedExamples):
                examples.append(Draft(found.value, found.file, found.lines))
            elif found is not None and isinstance(found.value, Intent):
                intents.append(Draft(found.value, found.file, found.lines))
        replies = tuple(self._canned(reply_listings, problems))
        problems += [*_missing([listings[0], *intent_listings]), *unread_files(listings, pictures)]
        return SourceContent(
            tuple(articles),
            tuple(intents),
            digest.hexdigest(),
            tuple(problems),
            replies,
            shown(self._articles),
            tuple(examples),
        )

    def _read_articles(
        self, listing: Listing, digest: "hashlib._Hash", problems: list[Problem]
    ) -> tuple[list[Draft[Article]], frozenset[str]]:
        # Pictures have no part in the hash: nothing has to be learned anew when one of them changes.
        found, today = [], self._today()
        pages = []
        for page, text, path in _pages(listing, digest, problems):
            pages.append(page)
            draft = article_files.read_article(page, text, today)
            if draft:
                found.append(ArticleFile(draft, path, page))
        articles, pictures = with_pictures(found, self._articles, self._pictures)
        problems += [problem for page in pages for problem in page.problems]
        return articles, pictures

    def _canned(self, listings: list[Listing], problems: list[Problem]) -> Iterator[Draft[CannedResponse]]:
        # They have no part in the hash: nothing has to be learned anew when one of them changes.
        for listing in listings:
            for page, text, _ in _pages(listing, hashlib.sha256(), problems):
                canned = read_canned(page, text)
                problems += page.problems
                if canned:
                    yield canned

    async def changes(self) -> None:
        """Return when a file has changed, come or gone since the last load.

        The files' stamps decide; the system's notices only make it fast. So a folder that is replaced by a
        rename, or lies on a disk without notices, is seen too.
        """
        started = perf_counter()
        if await asyncio.to_thread(self._changed):
            return
        # Looking at very many files must not take more than a few per cent of a core.
        pause = max(POLL, 20 * (perf_counter() - started))
        while True:
            folders = [folder for folder, _ in self._folders() if is_folder(folder)]
            if not folders:
                await asyncio.sleep(pause)
                if await asyncio.to_thread(self._changed):
                    return
                continue
            try:
                async for _ in awatch(
                    *folders,
                    debounce=DEBOUNCE,
                    step=50,
                    rust_timeout=int(pause * 1000),
                    yield_on_timeout=True,
                    ignore_permission_denied=True,
                ):
                    if await asyncio.to_thread(self._changed):
                        return
            except FileNotFoundError:
                log.info("content_folder_replaced")
            except OSError as error:  # no more notices to be had from the system
                log.info("content_folder_without_notices", reason=error.strerror)
                await asyncio.sleep(pause)

    def _changed(self) -> bool:
        return self._loaded_stamps is None or _stamps(self._listings()) != self._loaded_stamps

    def _listings(self) -> list[Listing]:
        return [list_folder(folder, kind) for folder, kind in self._folders()]

    def _folders(self) -> list[tuple[Path, Kind]]:
        folders = [(self._articles, ARTICLES), (self._intents, INTENTS), (self._replies, REPLIES)]
        return [(folder, kind) for folder, kind in folders if folder is not None]


def _missing(listings: list[Listing]) -> list[Problem]:
    # Articles alone, or those of another source, are content too.
    message = "there is no such folder; make it or correct the setting"
    return [Problem(shown(one.folder), 1, message, error=False) for one in listings if one.missing]


def _stamps(listings: list[Listing]) -> dict[str, Stamp]:
    return {f"{at} {name}": stamp for at, one in enumerate(listings) for name, stamp in one.stamps().items()}


def _pages(
    listing: Listing, digest: "hashlib._Hash", problems: list[Problem]
) -> Iterator[tuple[Page, str, Path]]:
    for path in listing.files:
        name = path.relative_to(listing.folder).as_posix()
        data, fault = read_bytes(path, LARGEST, missing="remove it")
        digest.update(f"{listing.folder.name}/{name}\0{len(data)}\0".encode(errors="surrogateescape"))
        digest.update(data)
        text, line, fault = as_text(data) if not fault else ("", 1, fault)
        if fault:
            problems.append(Problem(shown(path), line, fault))
        else:
            yield Page(shown(path)), text, path
