"""The site of one scenario: both platforms behind their gates, a database, and the servers before it."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.chaos.gate import SLACK, TEAMS, Gate
from bench.chaos.server import Server
from bench.processes import PATIENCE, BenchFailed
from bot.runtime.resources import find
from tests.support.e2e.running import free_port
from tests.support.fakes.slack import SlackFake
from tests.support.fakes.slack.workspace import Workspace
from tests.support.fakes.teams import Person, TeamsFake

ENGINEERS = {"UEVA": "Eva", "UERIC": "Eric"}
ROOM = "CROOM"
ROSTER_PAGE = 1000
SLOW_START = 12.0  # seconds: an idle machine needs about three, and three servers on two cores about five
SERVED = ("-m", "bench.chaos.served")


class Today(Workspace):
    """A workspace whose messages carry the time at which they were written."""

    _last = 0.0

    def next_ts(self) -> str:
        """A new message's ts, after every other."""
        self._last = max(time.time(), self._last + 1e-5)
        return f"{self._last:.6f}"


async def until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until a condition holds; raise `BenchFailed` after a bounded time."""
    end = time.monotonic() + PATIENCE
    while not await condition():
        if time.monotonic() > end:
            raise BenchFailed(f"{what} did not come about within {PATIENCE:.0f} s")
        await asyncio.sleep(0.2)


@dataclass
class Site:
    """What a scenario plays with; `url` is the database's own address, `through` that of the servers."""

    kind: str
    folder: Path
    url: str
    through: str
    slack: SlackFake
    teams: TeamsFake
    gates: tuple[Gate, ...]
    environment: Mapping[str, str]
    http: aiohttp.ClientSession
    dice: random.Random
    servers: list[Server] = field(default_factory=list)  # to which people are sent
    known: list[Server] = field(
        default_factory=list
    )  # these, and those that are not yet or no longer among them
    killed: list[float] = field(default_factory=list)  # when (monotonic seconds)
    set_aside: list[int] = field(default_factory=list)  # posts that went out later than those after them
    notes: list[str] = field(default_factory=list)  # what somebody who reads the table must know
    broken: list[str] = field(default_factory=list)  # promises that broke meanwhile
    _turn: int = 0

    def target(self) -> str:
        """The server that is next, as a balancer that has not noticed yet who is down gives them."""
        self._turn += 1
        return self.servers[self._turn % len(self.servers)].url

    def add_server(self, name: str, arguments: tuple[str, ...] = (), **more: str) -> Server:
        """One more server, not started; without arguments it obeys the files `clock` and `database`."""
        folder = self.folder / name
        folder.mkdir()
        environment = {**self.environment, "FIRSTLINE_DATABASE_URL": self.through, **more}
        given = arguments or (*SERVED, str(self.folder))
        server = Server(name, given, folder, environment, free_port())
        self.servers.append(server)
        self.known.append(server)
        return server

    def say(self, name: str, text: str) -> None:
        """Write one of the files that the servers obey."""
        written = self.folder / f"{name}.new"
        written.write_text(text, encoding="utf-8")
        written.rename(self.folder / name)

    async def start_all(self) -> None:
        """Start every server and wait until all are ready; somebody adds the bot to their team."""
        took = max(await asyncio.gather(*(server.start(self.http) for server in self.servers)))
        if took > SLOW_START:
            self.notes.append(f"a start took {took:.0f} s: this machine is too busy for figures of time")
        self.teams.bot_url = self.servers[0].url
        await self.teams.installs()


def _environment(slack: SlackFake, teams: TeamsFake, gates: tuple[Gate, Gate]) -> dict[str, str]:
    settings = {
        "FIRSTLINE_SLACK_ROOM": ROOM,
        "FIRSTLINE_ARTICLES": str(find("kb_articles")),
        "FIRSTLINE_INTENTS": str(find("intents")),
    }
    through = {"SLACK_API_URL": f"{gates[0].address}/api/"}
    return slack.environment() | teams.environment() | settings | through


def _populate(slack: SlackFake, teams: TeamsFake) -> None:
    for user, name in ENGINEERS.items():
        slack.workspace.add_person(user, name)
    slack.workspace.add_channel(ROOM, private=True, members=tuple(ENGINEERS))
    teams.store.people["eric"] = Person("eric", "Eric Engineer")
    teams.page_size = ROSTER_PAGE


@asynccontextmanager
async def site(kind: str, folder: Path, url: str, through: str, dice: random.Random) -> AsyncIterator[Site]:
    """The site on this database, without a server; those that are added end with it."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SlackFake(workspace=Today()))
        teams = await stack.enter_async_context(TeamsFake())
        before_slack = await stack.enter_async_context(Gate(slack.workspace.address, SLACK))
        before_teams = await stack.enter_async_context(Gate(teams.address, TEAMS))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        gates = (before_slack, before_teams)
        environment = _environment(slack, teams, gates)
        teams.address = before_teams.address  # from now on where it says that it is
        _populate(slack, teams)
        made = Site(kind, folder, url, through, slack, teams, gates, environment, http, dice)
        try:
            yield made
        finally:
            await asyncio.gather(*(server.stop() for server in made.known))
