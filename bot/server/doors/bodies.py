"""Ends requests whose body comes too slowly, or never."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aiohttp import web

from bot.domain.errors import BodyTooSlow


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a body must come: never so many seconds without a byte, and in so many in all.

    What is larger has more time: so many bytes a second are fast enough.
    """

    silent: float = 10.0
    in_all: float = 30.0
    a_second: int = 64 * 1024

    def is_kept(self, silent: float, elapsed: float, received: int) -> bool:
        """Whether a body of which so much has come after so many seconds is fast enough."""
        return silent < self.silent and elapsed < self.in_all + received / self.a_second


PACE = Pace()
LOOKS = 10  # in the shortest of these times


class BodyWatch:
    """Watches one body from the moment when its headers are read."""

    def __init__(self, request: web.BaseRequest, pace: Pace = PACE) -> None:
        self._content = request.content
        self._pace = pace
        self._loop = asyncio.get_running_loop()
        self._began = self._last = self._loop.time()
        self._received = self._content.total_bytes
        self._next: asyncio.TimerHandle | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch while the block reads: whoever waits for the next byte in vain hears `BodyTooSlow`."""
        if not self._content.is_eof():
            self._look()
        try:
            yield
        finally:
            if self._next is not None:
                self._next.cancel()

    def _look(self) -> None:
        self._next = None
        if self._content.is_eof():
            return
        now, received = self._loop.time(), self._content.total_bytes
        if received > self._received:
            self._received, self._last = received, now
        if not self._pace.is_kept(now - self._last, now - self._began, received):
            self._content.set_exception(BodyTooSlow())
            return
        pause = min(self._pace.silent, self._pace.in_all) / LOOKS
        self._next = self._loop.call_later(pause, self._look)
