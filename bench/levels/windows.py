"""Windows of the page that engineers keep open while a load is measured.

    python -m bench.levels.windows COUNT URL...

Opens so many windows, on the servers in turn, until standard input ends; then it says how often they read.
"""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from statistics import median

import aiohttp

from bench.processes import BenchFailed, Child

TOKEN = "bench-window-token-"  # and the window's number: each is somebody else's
READ = ("/web/conversation", "/web/room", "/web/ticket?ticket=HELP-1001")


def settings(count: int) -> dict[str, str]:
    """The settings of a server on which so many windows may be opened."""
    tokens = (f"{TOKEN}{number}=window{number}:engineer" for number in range(count))
    return {"FIRSTLINE_WEB_TOKENS": ", ".join(tokens)}


class Window:
    """One window of an engineer: reads both panes at every refresh, as the page's script does."""

    def __init__(self, session: aiohttp.ClientSession, token: str) -> None:
        self._session = session
        self._headers = {"Authorization": f"Bearer {token}"}
        self._news = asyncio.Event()
        self.milliseconds: list[float] = []

    async def watch(self) -> None:
        """Listen and read until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._read())

    async def _listen(self) -> None:
        async with self._session.get("/web/events", headers=self._headers) as stream:
            async for line in stream.content:
                if line.startswith(b"event: refresh"):
                    self._news.set()

    async def _read(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            begun = time.perf_counter()
            for path in READ:
                async with self._session.get(path, headers=self._headers) as answer:
                    answer.raise_for_status()
                    await answer.read()
            self.milliseconds.append((time.perf_counter() - begun) * 1000)


async def watch(count: int, urls: Sequence[str]) -> None:
    """Keep so many windows open until standard input ends, then print how often they read."""
    async with AsyncExitStack() as stack:
        timeout = aiohttp.ClientTimeout(total=None)
        sessions = [aiohttp.ClientSession(url, timeout=timeout) for url in urls]
        for session in sessions:
            await stack.enter_async_context(session)
        windows = [Window(sessions[number % len(sessions)], f"{TOKEN}{number}") for number in range(count)]
        tasks = [asyncio.create_task(window.watch()) for window in windows]
        print("{}", flush=True)
        ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        await asyncio.wait([ended, *tasks], return_when=asyncio.FIRST_COMPLETED)
        reads = sorted(one for window in windows for one in window.milliseconds)
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    failed = [error for error in outcomes if isinstance(error, Exception)]
    if failed:
        raise failed[0]
    middle = median(reads) if reads else 0.0
    print(f"{count} windows read {len(reads)} times, {middle:.0f} ms", file=sys.stderr)


@contextmanager
def windows(pages: Sequence[str], folder: Path, count: int) -> Iterator[None]:
    """Keep windows open in a process of their own; raises `BenchFailed` when one could not read."""
    if not count:
        yield
        return
    with Child("windows", ["-m", "bench.levels.windows", str(count), *pages], folder) as child:
        child.first_line()
        yield
        child.finish()
        if child.process is not None and child.process.returncode:
            raise BenchFailed(f"A window of the page failed:\n{child.log.read_text()[-2000:]}")


if __name__ == "__main__":
    asyncio.run(watch(int(sys.argv[1]), sys.argv[2:]))
