"""Measures the page of figures with two years of a large desk, on both databases.

python -m bench.insights [--tickets 1000000] [--databases sqlite,postgresql]
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from bench.databases import Databases, databases
from bench.insights.history import QUEUES, add_history
from bot.channels.web.access.accounts import read_grants
from bot.channels.web.channel import WebChannel
from bot.desk.history.figures import FigureCounting
from bot.desk.history.insights import InsightsReader
from bot.domain.tickets.queues import Queue, Queues
from bot.storage import Database, connect
from bot.storage.unit_of_work import units_of_work
from tests.support.channels.page_host import Desk, make_host

EACH = 3  # questions of one ticket
GOAL = 0.5  # seconds, of 95 in 100 pages
PAGES = 40
WARMING = 3
TOKEN = "bench-insights-token"
PATHS = {
    "12 weeks, by queue": "/insights",
    "12 weeks, by subject": "/insights?by=target",
    "12 weeks, one queue": "/insights?queue=hr&by=priority",
    "52 weeks, by queue": "/insights?weeks=52",
}


def main() -> int:
    """Measure; exit 1 where a page is slower than its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--databases", default="sqlite,postgresql")
    options = parser.parse_args()
    kinds = options.databases.split(",")
    slow = False
    with tempfile.TemporaryDirectory(prefix="firstline-insights-") as folder:
        Path(folder).chmod(0o755)
        with databases(Path(folder), postgresql="postgresql" in kinds) as made:
            for kind in kinds:
                slow |= _measure(made, kind, options.tickets)
    return 1 if slow else 0


def _measure(made: Databases, kind: str, tickets: int) -> bool:
    database, now = connect(made.fresh(kind)), datetime.now(UTC)
    queues = Queues({name: Queue(name) for name in QUEUES}, QUEUES[0])
    begin = units_of_work(database)
    _timed(kind, "made", lambda: add_history(database, tickets, EACH * tickets, now))
    counting = FigureCounting(begin, lambda: queues, lambda: now)
    _timed(kind, "counted", counting.recount)
    if not database.sqlite:
        _analyse(database)
    reader = InsightsReader(begin, lambda: queues, lambda: now)
    slow = False
    for name, seconds in asyncio.run(_pages(reader)).items():
        p95 = statistics.quantiles(seconds, n=20)[-1]
        slow |= p95 >= GOAL
        median = statistics.median(seconds)
        _say(kind, f"{name}: p50 {median * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms of {GOAL * 1000:.0f}")
    database.close()
    return slow


async def _pages(reader: InsightsReader) -> dict[str, Sequence[float]]:
    """Fetch each page again and again; nothing of it is kept between two."""
    grants, _ = read_grants(f"{TOKEN}=manager:manager")
    channel = WebChannel(grants, make_host(Desk(), anonymous=False, insights=reader))
    app = web.Application()
    channel.mount(app)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with TestClient(TestServer(app)) as client:
        address = client.make_url
        async with ClientSession(headers=headers) as session:
            found: dict[str, Sequence[float]] = {}
            for name, path in PATHS.items():
                took = [await _fetch(session, str(address(path))) for _ in range(WARMING + PAGES)]
                found[name] = took[WARMING:]
            return found


async def _fetch(session: ClientSession, address: str) -> float:
    started = time.perf_counter()
    async with session.get(address) as response:
        await response.read()
        if response.status != 200:
            raise RuntimeError(f"{address} answered {response.status}")
    return time.perf_counter() - started


def _analyse(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM ANALYZE")


def _timed(kind: str, what: str, act: Callable[[], None]) -> None:
    started = time.perf_counter()
    act()
    _say(kind, f"{what} in {time.perf_counter() - started:.0f} s")


def _say(kind: str, text: str) -> None:
    print(f"{kind}: {text}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
