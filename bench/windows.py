"""Measures acknowledgements while windows of the page are open, and while none is, by turns.

python -m bench.windows [--rate 30] [--seconds 15] [--windows 10] [--turns 2] [--database sqlite]
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import aiohttp

from bench.databases import databases
from bench.load import Measured
from bench.plan import DATABASES, plan
from bench.processes import Child
from bench.questions import collect
from bench.sections import MIXTURE
from bench.serving import Served, platforms, serve

TOKEN = "bench-window-token-"  # and the window's number: each is somebody else's
READ = ("/web/conversation", "/web/room")


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


async def watch(url: str, count: int) -> None:
    """Keep so many windows open until standard input ends, then print how often they read."""
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(url, timeout=timeout) as session:
        windows = [Window(session, f"{TOKEN}{number}") for number in range(count)]
        tasks = [asyncio.create_task(window.watch()) for window in windows]
        print("{}", flush=True)
        ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        await asyncio.wait([ended, *tasks], return_when=asyncio.FIRST_COMPLETED)
        reads = sorted(one for window in windows for one in window.milliseconds)
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    failed = [error for error in outcomes if isinstance(error, Exception)]
    middle = median(reads) if reads else 0.0
    print(f"{count} windows read {len(reads)} times, {middle:.0f} ms; failed: {failed}", file=sys.stderr)


@contextmanager
def windows(server: Served, folder: Path, count: int) -> Iterator[None]:
    """Keep windows open in a process of their own."""
    if not count:
        yield
        return
    arguments = ["-m", "bench.windows", "--watch", server.page, "--windows", str(count)]
    with Child("windows", arguments, folder) as child:
        child.first_line()
        yield
        child.finish()
        print(child.log.read_text().splitlines()[-1])


def main() -> None:
    """Measure, and print a line for each turn and the ratio of the medians."""
    options = _options()
    if options.watch:
        asyncio.run(watch(options.watch, options.windows))
        return
    chosen, questions = plan(quick=False), collect(500)
    tokens = ", ".join(f"{TOKEN}{number}=window{number}:engineer" for number in range(options.windows))
    found: dict[int, list[Measured]] = {0: [], options.windows: []}
    with tempfile.TemporaryDirectory(prefix="firstline-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with (
            platforms(folder) as fakes,
            databases(folder, postgresql=options.database != "sqlite") as made,
            serve(
                fakes,
                "slack",
                chosen,
                folder,
                made.fresh(options.database),
                settings={"FIRSTLINE_WEB_TOKENS": tokens},
            ) as (server, _),
        ):
            server.introduce_people()
            for count in (0, options.windows) * options.turns:
                messages = questions.messages(int(options.rate * options.seconds), MIXTURE)
                with windows(server, folder, count):
                    measured = server.send(messages, rate=options.rate)
                server.drain()
                found[count].append(measured)
                print(f"{count:3} windows: p50 {measured.p50:.1f} ms, p99 {measured.p99:.1f} ms", flush=True)
    with_windows, without = (median(one.p99 for one in found[count]) for count in (options.windows, 0))
    print(f"p99 with windows / without: {with_windows / without:.2f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=30.0)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--windows", type=int, default=10)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--watch", default="")
    return parser.parse_args()


if __name__ == "__main__":
    main()
