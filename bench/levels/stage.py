"""Starts what is compared: databases with and without a long history, and servers on each."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.databases import Databases
from bench.levels import windows
from bench.levels.plan import LoadPlan, Size
from bench.plan import plan
from bench.serving import Platforms, Served, serve
from bot.storage import Database, connect
from tests.support.days.history import add_history

IDLE = 4.0  # seconds, over which is measured what is done without any message
LONG_AGO = timedelta(days=60)  # since the history: too young to be given up, too old to be opened again


class Stage:
    """The servers of one size, and their database as it is seen from outside."""

    def __init__(self, size: Size, servers: Served, database: Database, idle_cpu: float) -> None:
        """`idle_cpu`: the seconds of processor time that all take in a second without a message."""
        self.size = size
        self.servers = servers
        self.database = database
        self.idle_cpu = idle_cpu


def filled(databases: Databases, sizes: Sequence[Size]) -> dict[Size, str]:
    """The URL of a database for each size; those with a history are made at the same time, or copied."""
    urls: dict[Size, str] = {}
    first = {size.kind: size for size in reversed(sizes) if size.tickets}
    for size in sizes:
        if not size.tickets or size is first[size.kind]:
            urls[size] = databases.fresh(size.kind)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda size: _fill(urls[size], size.tickets), first.values()))
    for size in sizes:
        if size not in urls:
            urls[size] = databases.copy(urls[first[size.kind]])
    return urls


def _fill(url: str, tickets: int) -> None:
    now, database = datetime.now(UTC), connect(url)
    add_history(database, tickets, then=now - LONG_AGO, received=now)
    database.close()


@contextmanager
def stage(
    size: Size, url: str, chosen: LoadPlan, fakes: Platforms, folder: Path, *, quick: bool
) -> Iterator[Stage]:
    """Run the servers of a size, with people whom they know already."""
    with ExitStack() as stack:
        settings = windows.settings(chosen.windows)
        people = replace(plan(quick=quick), people=chosen.people)
        running = serve(
            fakes, "slack", people, folder, url, settings=settings, replicas=size.replicas, behind=True
        )
        servers, _ = stack.enter_context(running)
        servers.introduce_people()
        database = connect(url)
        stack.callback(database.close)
        yield Stage(size, servers, database, _idle(servers, 0.5 if quick else IDLE))


def _idle(servers: Served, seconds: float) -> float:
    before = servers.cpu_seconds()
    time.sleep(seconds)
    return (servers.cpu_seconds() - before) / seconds
