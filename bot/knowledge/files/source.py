"""Reads articles and replies from folders of Markdown files, intents from a folder of YAML files."""

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import structlog
from watchfiles import awatch

from bot.domain.knowledge.content import Draft, Problem, SourceContent
from bot.domain.tickets.canned_response import CannedResponse
from bot.knowledge import articles as article_files
from bot.knowledge import intents as intent_files
from bot.knowledge.canned_responses import read_canned
from bot.knowledge.yaml_reading import Page

LARGEST = 1_000_000  # bytes in one file
POLL = 0.5  # seconds between looks at the files, where the system tells nothing
DEBOUNCE = 100  # milliseconds in which several writes of an editor are one change

log = structlog.get_logger()

Stamp = tuple[int, int, int]


def _today() -> date:
    return datetime.now(UTC).date()


class FileSource:
    """Reads kb_articles/, intents/ and replies/; bad content becomes problems, never an exception."""

    name = "files"

    def __init__(
        self,
        articles: Path,
        intents: Path,
        replies: Path | None = None,
        *,
        today: Callable[[], date] = _today,
    ) -> None:
        self._articles = Path(articles)
        self._intents = Path(intents)
        self._replies = replies  # there need be none
        self._today = today
        self._loaded_stamps: dict[str, Stamp] | None = None

    def load(self) -> SourceContent:
        """Read everything; its `problems` say what is wrong with the files."""
        self._loaded_stamps = self._stamps()  # before reading, so that an edit in between counts as a change
        digest = hashlib.sha256()
        problems: list[Problem] = []
        articles, intents = [], []
        today = self._today()
        for page, text in self._pages(self._articles, (".md",), digest, problems):
            article = article_files.read_article(page, text, today)
            problems += page.problems
            if article:
                articles.append(article)
        for page, text in self._pages(self._intents, (".yaml", ".yml"), digest, problems):
            intent = intent_files.read_intent(page, text)
            problems += page.problems
            if intent:
                intents.append(intent)
        problems += self._missing_folders()
        replies = tuple(self._canned(problems))
        return SourceContent(tuple(articles), tuple(intents), digest.hexdigest(), tuple(problems), replies)

    def _canned(self, problems: list[Problem]) -> Iterator[Draft[CannedResponse]]:
        # They have no part in the hash: nothing has to be learned anew when one of them changes.
        folder = self._replies
        for page, text in self._pages(folder, (".md",), hashlib.sha256(), problems) if folder else ():
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
            folders = [folder for folder, _ in self._folders() if folder.is_dir()]
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
                ):
                    if await asyncio.to_thread(self._changed):
                        return
            except FileNotFoundError:
                log.info("content_folder_replaced")

    def _changed(self) -> bool:
        return self._loaded_stamps is None or self._stamps() != self._loaded_stamps

    def _stamps(self) -> dict[str, Stamp]:
        stamps: dict[str, Stamp] = {}
        for folder, endings in self._folders():
            for path in _files(folder, endings):
                try:
                    info = path.stat()
                except OSError:
                    continue  # gone since it was listed: its absence is the change
                stamps[str(path)] = (info.st_mtime_ns, info.st_size, info.st_ino)
        return stamps

    def _folders(self) -> list[tuple[Path, tuple[str, ...]]]:
        folders = [(self._articles, (".md",)), (self._intents, (".yaml", ".yml"))]
        return folders if self._replies is None else [*folders, (self._replies, (".md",))]

    def _missing_folders(self) -> list[Problem]:
        # Articles alone, or those of another source, are content too: with none at all it becomes an error.
        message = "there is no such folder; make it or correct the setting"
        missing = [folder for folder in (self._articles, self._intents) if not folder.is_dir()]
        return [Problem(str(folder), 1, message, error=False) for folder in missing]

    def _pages(
        self, folder: Path, endings: tuple[str, ...], digest: "hashlib._Hash", problems: list[Problem]
    ) -> Iterator[tuple[Page, str]]:
        for path in _files(folder, endings):
            name = path.relative_to(folder).as_posix()
            data, fault = _read(path)
            digest.update(f"{folder.name}/{name}\0{len(data)}\0".encode(errors="surrogateescape"))
            digest.update(data)
            page = Page(str(path))
            if fault:
                problems.append(Problem(page.file, 1, fault))
                continue
            try:
                text = data.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                line = data[: error.start].count(b"\n") + 1
                problems.append(Problem(page.file, line, "this is not UTF-8; save the file as UTF-8"))
                continue
            yield page, text.replace("\r\n", "\n")


def _files(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    # Hidden names are left out: editors' files, and the second copy in a Kubernetes volume (..data).
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(root, name) for name in names if name.endswith(endings) and not name.startswith(".")]
    return sorted(found)


def _read(path: Path) -> tuple[bytes, str]:
    # -> bytes, what is wrong; never more than the limit is read, and nothing that is no file (a pipe blocks)
    try:
        if not path.is_file():
            return b"", "this is no file; remove it"
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        return b"", f"the file cannot be read ({error.strerror}); give the bot the right to read it"
    if len(data) > LARGEST:
        return data, "the file is larger than 1 MB; split it"
    return data, ""
