"""Reads the file of the queues, and waits for its changes."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bot.domain.knowledge.content import Draft, Intent, Problem
from bot.domain.tickets.queues import SINGLE_QUEUE, Queues
from bot.knowledge.queues import FaultInRoom, read_queues
from bot.knowledge.reading import Page, suggestion

LARGEST = 1_000_000  # bytes
POLL = 0.5  # seconds between looks at the file

Stamp = tuple[int, int, int] | None


class QueueFile:
    """Reads the queues; mistakes become problems, never an exception."""

    def __init__(self, path: Path, fault_in_room: FaultInRoom) -> None:
        self._path = path
        self._fault_in_room = fault_in_room
        self._loaded_stamp: Stamp = None

    def load(self, intents: Sequence[Draft[Intent]]) -> tuple[Queues, list[Problem]]:
        """The queues and what is wrong with them; an intent with an unknown queue is a problem too."""
        self._loaded_stamp = self._stamp()  # before reading, so that an edit in between counts as a change
        page = Page(str(self._path))
        text = self._text(page)
        found = read_queues(page, text, self._fault_in_room) if text is not None else None
        return found or SINGLE_QUEUE, [*page.problems, *_unknown_queues(intents, found or SINGLE_QUEUE)]

    async def changes(self) -> None:
        """Return when the file has changed, come or gone since the last load."""
        while await asyncio.to_thread(self._stamp) == self._loaded_stamp:  # noqa: ASYNC110  # a disk tells nothing
            await asyncio.sleep(POLL)

    def _stamp(self) -> Stamp:
        try:
            info = self._path.stat()
        except OSError:
            return None  # it is gone: that is a stamp, too
        return info.st_mtime_ns, info.st_size, info.st_ino

    def _text(self, page: Page) -> str | None:
        try:
            if not self._path.is_file():
                page.error(1, "there is no such file; make it or correct FIRSTLINE_QUEUES")
                return None
            with self._path.open("rb") as file:
                data = file.read(LARGEST + 1)
            if len(data) > LARGEST:
                page.error(1, "the file is larger than 1 MB; are these the queues?")
                return None
            return data.decode("utf-8-sig").replace("\r\n", "\n")
        except OSError as error:
            page.error(1, f"the file cannot be read ({error.strerror}); give the bot the right to read it")
        except UnicodeDecodeError:
            page.error(1, "this is not UTF-8; save the file as UTF-8")
        return None


def _unknown_queues(intents: Sequence[Draft[Intent]], queues: Queues) -> list[Problem]:
    if not queues.configured:
        return []
    return [
        Problem(
            draft.file,
            draft.line("queue"),
            f"there is no queue '{draft.value.queue}'{suggestion(draft.value.queue, queues.by_id)}",
        )
        for draft in intents
        if draft.value.queue is not None and draft.value.queue not in queues.by_id
    ]
