"""Sends server-sent events when a committed row changes what the page shows."""

import asyncio
import json
from collections.abc import Callable, Mapping

import structlog
from aiohttp import web

from bot.channels.web.live.shared import PAUSE
from bot.desk.ports.channels import Host
from bot.runtime.waiting import wait_for_event

log = structlog.get_logger()

INTERVAL = 1.0  # how often other replicas' rows are looked for, in seconds
HEARTBEAT = 15.0  # a stream that says nothing for longer is cut by proxies


class PageEvents:
    """Watches the rows while a window is open, and tells all windows at most once in each pause."""

    def __init__(self, host: Host, pause: float = PAUSE) -> None:
        """`pause`: seconds from telling the windows to the next look."""
        self._host = host
        self._pause = pause
        self._listeners: set[asyncio.Event] = set()
        self._told = 0  # how often the rows had changed
        self._awake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._beginning = asyncio.Lock()
        self._closed = False

    def tell_presence(self) -> None:
        """Let all windows look who is there and who writes; no row is read for that."""
        for news in self._listeners:
            news.set()

    def wake(self) -> None:
        """Look at the rows now: this process has just changed them."""
        self._awake.set()

    async def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closed = True
        self._tell()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def stream(
        self,
        request: web.Request,
        headers: Mapping[str, str],
        presence: Callable[[], Mapping[str, object]] = dict,
    ) -> web.StreamResponse:
        """Serve one window until it goes away, the rows cannot be read, or the server stops.

        `presence` says who is there for this window.
        """
        response = web.StreamResponse(headers={**headers, "Content-Type": "text/event-stream"})
        news = asyncio.Event()
        self._listeners.add(news)
        try:
            # The mark is taken before the window reads the board, so that it misses nothing in between.
            watching = await self._watched()
            news.set()
            told, shown = -1, ""
            await response.prepare(request)
            while True:
                if news.is_set():
                    news.clear()
                    if told != self._told:
                        told = self._told
                        await response.write(b"event: refresh\ndata: 1\n\n")
                if self._closed or watching.done():
                    break
                # What somebody wrote a while ago ends by itself: then it is looked at with the heartbeat.
                if (present := json.dumps(presence())) != shown:
                    shown = present
                    await response.write(f"event: presence\ndata: {present}\n\n".encode())
                if not await wait_for_event(news, HEARTBEAT):
                    await response.write(b": still here\n\n")
        except ConnectionError:
            log.debug("web_listener_gone")
        finally:
            self._listeners.discard(news)
        return response

    def _tell(self) -> None:
        self._told += 1
        for news in self._listeners:
            news.set()

    async def _watched(self) -> asyncio.Task[None]:
        """The task that watches the rows, begun when it is not running."""
        async with self._beginning:
            if self._task is None or self._task.done():
                known = await self._host.read(self._host.page_view.mark)
                self._task = asyncio.create_task(self._watch(known), name="web-events")
                self._task.add_done_callback(self._ended)
            return self._task

    async def _watch(self, known: str) -> None:
        while self._listeners:
            # Without an event of ours another replica may have committed.
            await wait_for_event(self._awake, INTERVAL)
            self._awake.clear()
            seen = await self._host.read(self._host.page_view.mark)
            if seen != known:
                known = seen
                self._tell()
                # What is committed meanwhile is seen by the next look: the last change is always told.
                await asyncio.sleep(self._pause)

    def _ended(self, task: asyncio.Task[None]) -> None:
        # The streams end with it; each window says so, comes back by itself, and the board is read anew.
        if not task.cancelled() and task.exception() is not None:
            log.error(
                "web_board_unreadable",
                error=type(task.exception()).__name__,
                next_step="see that the database runs; the windows come back by themselves",
            )
        self._tell()
