"""The scenarios: what is broken, how readiness must take it, and what the log must name."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.chaos import database_faults, kills, platform_faults, races
from bench.chaos.crowd import Crowd
from bench.chaos.gate import Trouble
from bench.chaos.site import Site
from bench.chaos.watch import Expected
from tests.support.e2e.relay import relay_before

BOTH = ("sqlite", "postgresql")


Fault = Callable[[Site, Crowd], Awaitable[None]]


@dataclass(frozen=True)
class Ground:
    """What stands under a site: the database's own address, that of the servers, and what breaks it."""

    url: str
    through: str
    fault: Fault


Prepared = Callable[[str, str, Path], AbstractAsyncContextManager[Ground]]


@dataclass(frozen=True)
class Scenario:
    """A fault, and what is expected of everybody meanwhile."""

    name: str
    ground: Prepared
    cause: str  # a pattern that a line of the log has; "" where nothing went wrong
    expected: Expected = Expected.GREEN
    replicas: bool = False  # three where the database allows it
    old_version: bool = False  # the server is one of the version before the newest migration
    kills: bool = False  # servers die: whoever is with them gets no answer
    adds: bool = True  # some go on about what they asked
    databases: tuple[str, ...] = BOTH
    why_not: str = ""  # on the others


def _plain(fault: Callable[[Site], Awaitable[None]]) -> Prepared:
    """Nothing stands between the servers and their database."""
    return _with_crowd(lambda site, _crowd: fault(site))


def _with_crowd(fault: Fault) -> Prepared:
    @asynccontextmanager
    async def prepared(_kind: str, url: str, _folder: Path) -> AsyncIterator[Ground]:
        yield Ground(url, url, fault)

    return prepared


def _clock(seconds: int) -> Prepared:
    return _plain(partial(database_faults.clock, seconds=seconds))


@asynccontextmanager
async def _silent(kind: str, url: str, _folder: Path) -> AsyncIterator[Ground]:
    """PostgreSQL behind a relay that forwards nothing; SQLite with a lock that nobody gives back."""
    if kind == "sqlite":
        yield Ground(url, url, lambda site, _crowd: database_faults.locked(site))
        return
    with relay_before(url) as (relay, through):
        yield Ground(url, through, lambda _site, _crowd: database_faults.silent(relay))


@asynccontextmanager
async def _full(kind: str, url: str, folder: Path) -> AsyncIterator[Ground]:
    """The database on a small disk of its own, where one can be had."""
    size = database_faults.DISK_MB if kind == "sqlite" else database_faults.TABLESPACE_MB
    with database_faults.small_disk(folder / f"disk_{kind}", size) as disk:
        if disk is None:
            yield Ground(url, url, lambda site, _crowd: database_faults.full(site, None))
            return
        with database_faults.on_small_disk(kind, url, disk) as moved:
            yield Ground(moved, moved, lambda site, _crowd: database_faults.full(site, disk))


def _troubles() -> list[Scenario]:
    causes = {
        Trouble.LIMITED: "429|ratelimited|limited",
        Trouble.BROKEN: "http_503|service_unavailable|503",
        Trouble.HANGS: "timeout",
        Trouble.RESETS: "connection",
        Trouble.REFUSES: "connection",
        Trouble.SLOW: "",
        Trouble.REVOKED: "token_revoked",
    }
    return [
        Scenario(f"platform-{kind}", _plain(partial(platform_faults.trouble, kind=kind)), cause)
        for kind, cause in causes.items()
    ]


SCENARIOS = (
    Scenario("kills", _plain(kills.kills), "", replicas=True, kills=True),
    Scenario("races", _with_crowd(races.races), "", replicas=True),
    *_troubles(),
    Scenario(
        "database-restart",
        _plain(database_faults.killed_backends),
        "connection|terminat",
        Expected.EITHER,
        databases=("postgresql",),
        why_not="SQLite has no server that could be killed",
    ),
    Scenario("database-silent", _silent, "took too long|busy|locked", Expected.RED),
    Scenario("database-full", _full, "full|No space|disk", Expected.RED),
    Scenario("database-read-only", _plain(database_faults.read_only), "read.?only", Expected.RED),
    # An hour later by the server's clock, what somebody adds is a question of its own.
    Scenario("clock-back", _clock(-database_faults.JUMP), "clock", Expected.RED, adds=False),
    Scenario("clock-forward", _clock(database_faults.JUMP), "clock", Expected.RED, adds=False),
    Scenario("poisoned-row", _plain(platform_faults.poisoned_row), "unreadable"),
    Scenario(
        "two-versions",
        _plain(kills.new_version),
        "",
        old_version=True,
        databases=("postgresql",),
        why_not="SQLite is served by one process at a time",
    ),
)
