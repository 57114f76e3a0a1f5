"""Watches what the servers say of themselves, and how fast their logs grow."""

import asyncio
import time
from dataclasses import dataclass, field
from enum import StrEnum

from bench.chaos.server import Server
from bench.chaos.site import Site

PAUSE = 0.3  # seconds between two looks
WITHIN = 15.0  # seconds in which readiness must be seen to change
MOST_LOG = 5.0  # KB a second


class Expected(StrEnum):
    """What readiness must say while a fault lasts."""

    RED = "red"  # no question can be kept
    GREEN = "green"
    EITHER = "either"  # it comes and goes


@dataclass(frozen=True, slots=True)
class Look:
    """What one server said at one moment (monotonic seconds)."""

    at: float
    server: str
    status: int
    said: str = ""


@dataclass
class Watch:
    """Looks at every server of a site that has been ready in its present life."""

    site: Site
    looks: list[Look] = field(default_factory=list)
    lives: list[Look] = field(default_factory=list)  # of /healthz

    async def look_on(self) -> None:
        """Look until it is cancelled."""
        while True:
            await asyncio.gather(*(self._look(server) for server in self.site.known))
            await asyncio.sleep(PAUSE)

    async def _look(self, server: Server) -> None:
        if not server.ready:
            return
        (status, said), (alive, _) = await asyncio.gather(
            server.look(self.site.http), server.look(self.site.http, "/healthz")
        )
        if server.ready:  # it was not ended meanwhile
            now = time.monotonic()
            self.looks.append(Look(now, server.name, status, said))
            self.lives.append(Look(now, server.name, alive))


def judge(looks: list[Look], began: float, ended: float, expected: Expected) -> tuple[str, list[str]]:
    """What readiness did around a fault in a few words, and what it should not have done."""
    red = [look.at for look in looks if look.status != 200]
    early = [at for at in red if at < began]
    first = min((at for at in red if at >= began), default=None)
    last = max(red, default=None)
    faults = ["unready before the fault"] if early else []
    if first is None or last is None:
        return "ready throughout", faults + (["never unready"] if expected is Expected.RED else [])
    after, back = first - began, max(0.0, last - ended)
    if expected is Expected.GREEN:
        said = next(look for look in looks if look.at == first)
        faults.append(f"unready ({said.status}): {said.said[:160]}")
    if expected is Expected.RED and after > WITHIN:
        faults.append(f"unready only after {after:.0f} s")
    if back > WITHIN:
        faults.append(f"ready again only after {back:.0f} s")
    return f"red {after:.1f} s, back {back:.1f} s", faults


def dead(lives: list[Look]) -> list[str]:
    """Who did not say that they live, though their process did."""
    silent = {look.server for look in lives if look.status != 200}
    return [f"/healthz of {name} failed" for name in sorted(silent)]
