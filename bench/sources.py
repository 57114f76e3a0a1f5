"""Measures how soon the pages of other systems are read: all of them at first, and a single change later.

`python -m bench.sources [confluence|sharepoint]...` takes some minutes of real time for each: 5,000 pages,
25 in an answer, and no more than 5 requests a second.
"""

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.knowledge import confluence, sharepoint
from bot.knowledge.wiki.port import Puller
from bot.server.content import pullers_of
from bot.server.monitoring.metrics import Metrics
from bot.server.plugins import Kind, Plugin
from bot.server.settings import Settings
from bot.server.workers.pages import PageWorker
from tests.support.fakes.wikis.confluence import EMAIL, TOKEN, FakeConfluence, FakePage
from tests.support.fakes.wikis.sharepoint import CLIENT, SECRET, TENANT, FakeSharePoint, FakeSitePage

PAGES, A_SECOND = 5_000, 5
MOST_FIRST, MOST_CHANGE = 300.0, 120.0  # seconds
CHANGES = 3
AFTER = 20.0  # seconds, so that changes fall to different moments of a round
TEXT = "<p>Open the settings, choose the network and enter your name.</p>" * 20


@dataclass
class Subject:
    """A system with pages, its puller's folder, what counts its requests, and what changes one page."""

    puller: Puller
    folder: Path
    asked: Callable[[], int]
    change: Callable[[int], str]  # by the number of the change -> the file that follows
    take_away: Callable[[int], str]  # by the number: delete a page, or let not everybody read it -> its file


@asynccontextmanager
async def with_confluence(folder: Path) -> AsyncIterator[Subject]:
    """Confluence with pages in a tree."""
    fake = FakeConfluence(per_second=A_SECOND)
    for number in range(1, PAGES + 1):
        parent = str(number // 10) if number >= 10 else ""
        fake.add(FakePage(str(number), f"Page {number}", TEXT, parent=parent))

    def change(number: int) -> str:
        fake.edit(str(number + 1), f"<p>Changed {number}.</p>")
        return f"confluence-{number + 1}.md"

    def take_away(number: int) -> str:
        key = str(PAGES - number)
        if number % 2:
            fake.pages[key].readers = ("acc-9",)
        else:
            del fake.pages[key]
        return f"confluence-{key}.md"

    async with TestServer(fake.app(), host="127.0.0.1") as server:
        settings = confluence.Settings(
            url=f"http://127.0.0.1:{server.port}",
            email=EMAIL,
            token=SecretStr(TOKEN),
            spaces="IT",
            folder=str(folder),
        )
        plugin = Plugin(Kind.SOURCE, confluence.NAME, confluence, settings)
        puller = pullers_of(Settings(), [plugin])[0]
        yield Subject(puller, folder, lambda: len(fake.asked), change, take_away)


@asynccontextmanager
async def with_sharepoint(folder: Path) -> AsyncIterator[Subject]:
    """SharePoint with one site."""
    fake = FakeSharePoint(per_second=A_SECOND)
    for number in range(1, PAGES + 1):
        fake.add(FakeSitePage(number, f"Page {number}", TEXT))

    def change(number: int) -> str:
        page = list(fake.pages.values())[number]
        page.html, page.version = f"<p>Changed {number}.</p>", page.version + 1
        return f"sharepoint-{page.id}.md"

    def take_away(number: int) -> str:
        key = list(fake.pages)[-1 - number]
        if number % 2:
            fake.pages[key].level = "draft"
        else:
            del fake.pages[key]
        return f"sharepoint-{key}.md"

    async with TestServer(fake.app(), host="127.0.0.1") as server:
        url = f"http://127.0.0.1:{server.port}"
        settings = sharepoint.Settings(
            tenant=TENANT,
            client_id=CLIENT,
            client_secret=SecretStr(SECRET),
            sites="example.sharepoint.com/sites/help",
            graph_url=url,
            login_url=url,
            folder=str(folder),
        )
        plugin = Plugin(Kind.SOURCE, sharepoint.NAME, sharepoint, settings)
        puller = pullers_of(Settings(), [plugin])[0]
        yield Subject(puller, folder, lambda: len(fake.asked), change, take_away)


SUBJECTS = {"confluence": with_confluence, "sharepoint": with_sharepoint}


async def measure(name: str) -> bool:
    """Measure one system and print it; return whether both bounds hold."""
    with tempfile.TemporaryDirectory(prefix="firstline-") as temporary:
        async with SUBJECTS[name](Path(temporary) / "pages") as subject:
            began = time.monotonic()
            pulled = await subject.puller.pull()
            first = time.monotonic() - began
            held = pulled.held if pulled is not None else 0
            print(f"{name}: {held} pages first read in {first:.0f} s, {subject.asked()} requests", flush=True)
            worker = asyncio.create_task(PageWorker(subject.puller, Metrics()).run())
            try:
                waits = [await _followed(subject, number) for number in range(CHANGES)]
                gone = [await _gone(subject, number) for number in range(CHANGES)]
            finally:
                worker.cancel()
                await asyncio.gather(worker, return_exceptions=True)
            print(f"{name}: single changes followed after {_told(waits)} s", flush=True)
            print(f"{name}: pages that went were gone after {_told(gone)} s", flush=True)
            return held == PAGES and first <= MOST_FIRST and max(*waits, *gone) <= MOST_CHANGE


async def _followed(subject: Subject, number: int) -> float:
    await asyncio.sleep(AFTER * (number + 1))
    name, began = subject.change(number), time.monotonic()
    wanted = f"Changed {number}."
    while wanted not in (subject.folder / name).read_text("utf-8"):  # noqa: ASYNC110  # a file tells nobody
        await asyncio.sleep(0.1)
    return time.monotonic() - began


async def _gone(subject: Subject, number: int) -> float:
    await asyncio.sleep(AFTER * (number + 1))
    name, began = subject.take_away(number), time.monotonic()
    while (subject.folder / name).exists():  # noqa: ASYNC110  # a file tells nobody
        await asyncio.sleep(0.1)
    return time.monotonic() - began


def _told(waits: list[float]) -> str:
    return ", ".join(f"{wait:.0f}" for wait in waits)


async def run(names: list[str], look: Callable[[str], Awaitable[bool]] = measure) -> int:
    """Measure each; return 1 where a bound does not hold."""
    good = [await look(name) for name in names]
    return 0 if all(good) else 1


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sys.exit(asyncio.run(run(sys.argv[1:] or list(SUBJECTS))))
