"""Server-sent events: the page is told when a committed row changes what it shows."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import structlog
from aiohttp import web

from bot.desk.ports import Host

log = structlog.get_logger()

INTERVAL = 1.0  # how often other replicas' rows are looked for, in seconds
HEARTBEAT = 15.0  # a stream that says nothing for longer is cut by proxies


class Pulse:
    """Watches the board while somebody listens: one query a second, however many windows are open."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._listeners: set[asyncio.Event] = set()
        self._awake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def listening(self) -> int:
        """How many windows are open."""
        return len(self._listeners)

    def wake(self) -> None:
        """Look at the board now: this process has just changed it."""
        self._awake.set()

    async def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closed = True
        self._tell()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def stream(self, request: web.Request, headers: Mapping[str, str]) -> web.StreamResponse:
        """Serve one window until it goes away, the board cannot be read, or the server stops."""
        response = web.StreamResponse(headers={**headers, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        news = asyncio.Event()
        self._listeners.add(news)
        try:
            await response.write(b": firstline\n\n")
            while not self._closed and self._watching():
                try:
                    await asyncio.wait_for(news.wait(), HEARTBEAT)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                news.clear()
                if not self._closed:
                    await response.write(b"event: refresh\ndata: 1\n\n")
        except ConnectionError:
            log.debug("web_listener_gone")
        finally:
            self._listeners.discard(news)
        return response

    def _tell(self) -> None:
        for news in self._listeners:
            news.set()

    def _watching(self) -> bool:
        """Make sure that the board is watched; False when the last look at it failed."""
        if self._task is not None and self._task.done():
            failed = not self._task.cancelled() and self._task.exception() is not None
            self._task = None
            if failed:
                return False
        if self._task is None:
            self._task = asyncio.create_task(self._watch(), name="web-pulse")
            self._task.add_done_callback(self._ended)
        return True

    async def _watch(self) -> None:
        known = await self._host.run(self._host.board.mark)
        # A window may have read the board before this mark was taken: let it read once more.
        self._tell()
        while self._listeners:
            with suppress(TimeoutError):  # nothing of ours; another replica may have committed
                await asyncio.wait_for(self._awake.wait(), INTERVAL)
            self._awake.clear()
            seen = await self._host.run(self._host.board.mark)
            if seen != known:
                known = seen
                self._tell()

    def _ended(self, task: asyncio.Task[None]) -> None:
        # The streams end with it; each window says so, comes back by itself, and the board is read anew.
        if not task.cancelled() and task.exception() is not None:
            log.error("web_board_unreadable", error=type(task.exception()).__name__)
        self._tell()
