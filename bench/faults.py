"""Measures deliveries while a part of the platforms hangs, and how soon all is out after an outage.

python -m bench.faults [--seconds 20] [--outage 60] [--database sqlite,postgresql]
"""

import argparse
import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import structlog

from bench.databases import databases
from bot.desk.ports.channels import Delivery, Receipt
from bot.domain.conversations.messages import ConversationRef, Line, Reply
from bot.domain.errors import DeliveryFailed
from bot.runtime.resources import find
from bot.server.content import library_of
from bot.server.database_threads import DatabaseThreads
from bot.server.monitoring.metrics import Metrics
from bot.server.settings import Settings
from bot.server.signed_links import ArticleLinks
from bot.server.wiring import Desk, desk_of, now
from bot.server.workers.delivery import DeliveryWorker, FileContents
from bot.storage import connect
from bot.storage.unit_of_work import units_of_work

ANSWERS_AFTER = 0.1  # seconds that the platform takes for a post
PLACES = 40
HANGING = ConversationRef("slack", "T1", "CHANGS", private=False)
MIRROR = ConversationRef("mirror.webhook", "", "tickets", private=False)


@dataclass
class Platform:
    """A platform that takes its time, hangs in some places, and can be away."""

    hanging: bool = False
    away: bool = False
    silent: bool = False  # while it is away it does not answer, instead of refusing
    asked: dict[str, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    tried: int = 0
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    name = "slack"

    def trouble(self) -> str | None:
        """Say that nothing is wrong: whatever is, the posts show it."""
        return None

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Take a post, or fail as told."""
        self.tried += 1
        place = delivery.conversation
        if self.hanging and (place.space == HANGING.space or place.channel == MIRROR.channel):
            await asyncio.Event().wait()
        if self.away and self.silent:
            await asyncio.Event().wait()
        await asyncio.sleep(ANSWERS_AFTER)
        if self.away:
            raise DeliveryFailed("service_unavailable")
        started = self.asked.pop(place.thread, None)
        if started is not None:
            self.took.append(time.perf_counter() - started)
            self.settled.set()
        return Receipt(f"m{delivery.id}")

    async def all_out(self) -> None:
        """Wait until nothing that is timed is on its way."""
        while self.asked:
            self.settled.clear()
            await self.settled.wait()


@dataclass
class Stage:
    """A desk whose posts are delivered to a platform."""

    desk: Desk
    platform: Platform
    worker: DeliveryWorker
    threads: DatabaseThreads
    url: str
    number: int = 0

    async def say(self, place: ConversationRef, *, timed: bool = True) -> None:
        """Let a post wait in a new thread of a place."""
        self.number += 1
        thread = f"{self.number}.0"
        if timed:
            self.platform.asked[thread] = time.perf_counter()
        await self.threads.run(self._say, ConversationRef(place.channel, place.tenant, place.space, thread))
        self.worker.wake()

    def _say(self, ref: ConversationRef) -> None:
        with self._begin() as work:
            reply = Reply((Line("Hello"),), summary="Hello", language="en")
            work.outbox.say(work.conversations.open(ref), reply, now())

    def __post_init__(self) -> None:
        self._begin = units_of_work(connect(self.url))


@asynccontextmanager
async def stage(url: str) -> AsyncIterator[Stage]:
    """Deliver to a platform until the end."""
    settings = Settings(articles=find("kb_articles"), intents=find("intents"))
    database, library = connect(url), library_of(settings)
    library.load()
    desk = desk_of(settings, database, library, ArticleLinks("", "s" * 48, library, now), tuple)
    threads, platform = DatabaseThreads(database.workers), Platform()
    targets = {"slack": platform, MIRROR.channel: platform}
    files = FileContents(desk.dispatcher, {}, 0, threads.run)
    worker = DeliveryWorker(desk.dispatcher, targets, files, threads.run, Metrics())
    loop = asyncio.create_task(worker.run())
    yield Stage(desk, platform, worker, threads, url)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    threads.close()
    database.close()


def place_of(number: int) -> ConversationRef:
    """One of the places that are well."""
    return ConversationRef("slack", "T1", f"C{number % PLACES}", private=False)


async def elsewhere(url: str, seconds: float, *, hanging: bool) -> np.ndarray:
    """The seconds that posts take in well places, ten a second, while others hang or not; p50 and p99."""
    async with stage(url) as on:
        on.platform.hanging = hanging
        for number in range(int(seconds * 10)):
            await on.say(place_of(number))
            for place in (HANGING, MIRROR):
                await on.say(place, timed=False)
            await asyncio.sleep(0.1)
        await on.platform.all_out()
        return np.percentile(on.platform.took, [50, 99])


async def out_after(url: str, seconds: float, *, silent: bool) -> tuple[int, float, float]:
    """Let all fail while two posts a second come: posts, attempts a second, seconds until all are out."""
    async with stage(url) as on:
        on.platform.away, on.platform.silent = True, silent
        for number in range(int(seconds * 2)):
            await on.say(place_of(number))
            await asyncio.sleep(0.5)
        on.platform.away, attempts, over = False, on.platform.tried, time.perf_counter()
        await on.platform.all_out()
        return on.number, attempts / seconds, time.perf_counter() - over


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--outage", type=float, default=60)
    parser.add_argument("--database", default="sqlite")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    kinds = options.database.split(",")
    with (
        tempfile.TemporaryDirectory(prefix="firstline-bench-") as folder,
        databases(Path(folder), postgresql="postgresql" in kinds) as made,
    ):
        for kind in kinds:
            well = asyncio.run(elsewhere(made.fresh(kind), options.seconds, hanging=False))
            hung = asyncio.run(elsewhere(made.fresh(kind), options.seconds, hanging=True))
            for name, without, beside in zip(("p50", "p99"), well, hung, strict=True):
                ratio = beside / without
                print(f"{kind}: {name} {without:.2f} s, beside what hangs {beside:.2f} s, ratio {ratio:.2f}")
            for silent, how in ((False, "refuses"), (True, "is silent")):
                url = made.fresh(kind)
                posts, attempts, late = asyncio.run(out_after(url, options.outage, silent=silent))
                print(
                    f"{kind}: who is away {how}: {posts} posts in {options.outage:.0f} s, {attempts:.1f} "
                    f"attempts a second; the last is out {late:.1f} s after it"
                )


if __name__ == "__main__":
    main()
