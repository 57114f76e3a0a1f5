"""The source that reads the folder into which a system's pages are brought."""

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.domain.knowledge.content import Problem, SourceContent
from bot.knowledge.files.source import POLL, FileSource
from bot.knowledge.files.text_files import Stamp, is_folder, stamp_of
from bot.knowledge.wiki.folder import STATE


class PageSource(FileSource):
    """Reads the articles that a puller has written; they are read anew when it has finished a look."""

    def __init__(self, name: str, folder: Path, *, poll: float = POLL) -> None:
        super().__init__(folder, None)
        self.name = name
        self._folder = folder
        self._poll = poll
        self._loaded: Stamp | None = None

    def load(self) -> SourceContent:
        """Read what is there; where nothing was brought yet, a warning says so."""
        self._loaded = stamp_of(self._folder / STATE)
        if not is_folder(self._folder):
            message = f"no page was read yet; a server reads them, or `firstline pull {self.name}` does"
            return SourceContent((), (), "", (Problem(self.name, 1, message, error=False),))
        found = super().load()
        return replace(found, articles=tuple(replace(draft, alone=True) for draft in found.articles))

    async def changes(self) -> None:
        """Return when a look has changed something: what it is about to write is not shown by halves."""
        # Polled: a folder that replicas share gives no notices.
        while stamp_of(self._folder / STATE) == self._loaded:  # noqa: ASYNC110
            await asyncio.sleep(self._poll)
