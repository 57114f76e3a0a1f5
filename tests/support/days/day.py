"""A day at the helpdesk: its clock, its queues, and its two platforms around one application."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.desk.knowledge.library import Library
from bot.domain.tickets.ticket import Ticket
from bot.knowledge.queues import read_queues
from bot.knowledge.yaml_reading import Page
from bot.storage import connect
from bot.storage.schema.tables import tickets
from tests.support.desk.helpdesk import with_queues
from tests.support.e2e import microsoft
from tests.support.e2e.running import Running, ready, running, until
from tests.support.e2e.slack import has_roster
from tests.support.fakes.slack import SlackFake, Workspace
from tests.support.fakes.teams import TENANT, Person, TeamsFake

Json = dict[str, Any]
Act = Callable[[], Awaitable[Any]]
MADRID = ZoneInfo("Europe/Madrid")
NET = "19:net@thread.tacv2"
ROOMS = {"slack": ("CROOM", "CNET"), "teams": (microsoft.ROOM, NET)}
QUEUES = f"""
default: it
queues:
  it:
    title: {{en: IT desk, es: Informática}}
    rooms: {{slack: CROOM, teams: "{microsoft.ROOM}"}}
    zone: Europe/Madrid
    hours: {{mon-fri: "09:00-18:00"}}
    holidays: {{country: ES, region: MD}}
    targets:
      normal: {{first_response: 4h, resolution: 24h}}
    remind_before: 25%
    silent_after: 4h
    release_after: 2h
  net:
    title: {{en: Network, es: Redes}}
    rooms: {{slack: CNET, teams: "{NET}"}}
    zone: Europe/Madrid
    hours: {{mon-fri: "07:00-22:00", sat: "22:00-06:00"}}
    targets:
      normal: {{first_response: 1h, resolution: 8h}}
"""
ENGINEERS = f"slack:T1/UEVA slack:T1/UERIC teams:{TENANT}/aad-nia"


def madrid(text: str) -> datetime:
    """A moment by the clock on the wall of the queues."""
    return datetime.fromisoformat(text).replace(tzinfo=MADRID).astimezone(UTC)


AT_FULL_PACE = 20.0  # seconds


class DayClock:
    """Goes on as time does, and jumps where the test lets it.

    Some while after a jump it goes four times slower: what is done at a moment is done within its minute, on
    a slow machine too.
    """

    def __init__(self, text: str) -> None:
        self._start, self._began = madrid(text), time.monotonic()

    def __call__(self) -> datetime:
        passed = time.monotonic() - self._began
        slowed = max(0.0, passed - AT_FULL_PACE)
        return self._start + timedelta(seconds=passed - slowed + slowed / 4)

    def jump(self, text: str) -> None:
        """It is that time now; never an earlier one than it was."""
        assert madrid(text) > self()
        self._start, self._began = madrid(text), time.monotonic()


class DayWorkspace(Workspace):
    """A workspace whose messages are of the day that is played."""

    def __init__(self, clock: DayClock) -> None:
        super().__init__()
        self._clock, self._last = clock, 0

    def next_ts(self) -> str:
        self._last = max(self._last + 1, int(self._clock().timestamp() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"


def slack_fake(clock: DayClock) -> SlackFake:
    """Slack with two employees and two engineers, and the rooms of both queues."""
    slack = SlackFake(workspace=DayWorkspace(clock))
    for user, name in {"UANA": "Ana", "UTOM": "Tom", "UEVA": "Eva", "UERIC": "Eric"}.items():
        slack.workspace.add_person(user, name)
    for room in ROOMS["slack"]:
        slack.workspace.add_channel(room, private=True, members=("UEVA", "UERIC"))
    return slack


def teams_fake(clock: DayClock) -> TeamsFake:
    """Teams with one employee and one engineer, and the rooms of both queues."""
    teams = TeamsFake(clock=lambda: clock().timestamp())
    teams.store.people = {"bob": Person("bob", "Bob Stone"), "nia": Person("nia", "Nia Engineer")}
    teams.store.channels.add(NET)
    return teams


def day_library(library: Library, text: str = QUEUES) -> Library:
    """The repository's content with the queues of the day."""
    page = Page("queues.yaml")
    queues = read_queues(page, text, lambda _channel, _room: None)
    assert queues is not None, page.problems
    return with_queues(library, queues)


@dataclass
class Stage:
    """Both platforms around the application that runs now."""

    slack: SlackFake
    teams: TeamsFake
    clock: DayClock
    library: Library
    database_url: str
    monkeypatch: pytest.MonkeyPatch
    engineers: str = ENGINEERS
    more: Mapping[str, str] = field(default_factory=dict)  # settings
    _running: Any = None
    _app: Running | None = None

    @property
    def app(self) -> Running:
        """What runs now."""
        assert self._app is not None
        return self._app

    async def start(self) -> None:
        """Start over the same database."""
        environment = (
            self.slack.environment(FIRSTLINE_SLACK_ROOM="CROOM")
            | self.teams.environment()
            | {"FIRSTLINE_ENGINEERS": self.engineers, "FIRSTLINE_ROSTER_MINUTES": "60", **self.more}
        )
        self._running = running(
            self.monkeypatch, self.library, self.database_url, environment, clock=self.clock
        )
        self._app = await self._running.__aenter__()
        self.slack.target, self.teams.bot_url = f"{self.app.url}/slack/events", self.app.url
        await until(lambda: ready(self.app.url), "readiness")
        await until(lambda: has_roster(self.app), "the names of the engineers")

    async def stop(self) -> None:
        """Stop as SIGTERM does."""
        if self._app is not None:
            self._app = None
            await self._running.__aexit__(None, None, None)

    def waiting(self) -> int:
        """How many posts are still to be delivered."""
        with self.app.application.begin() as work:
            return work.deliveries.backlog(("slack", "teams", "web"))[0]

    async def delivered(self) -> None:
        """Wait until nothing waits."""
        await until(lambda: self.waiting() == 0, "an empty outbox")

    async def jump(self, text: str) -> None:
        """It is that time now. Nothing is on its way meanwhile: its lease would run out."""
        await self.delivered()
        self.clock.jump(text)

    async def look(self) -> None:
        """Let the desk do what is due, as three replicas would at one moment; then wait for its posts."""
        application = self.app.application
        for _ in range(2):
            await application.run(application.desk.scheduler.round)
            await application.run(application.desk.summaries.round)
        # What the application's own loop held at that moment, our rounds have left out.
        await until(lambda: self.due() == 0, "the end of every look")
        await self.delivered()

    def due(self) -> int:
        """How many tickets are to be looked at, or are being looked at."""
        query = select(func.count()).where(tickets.c.look_at <= self.clock())
        with closing(connect(self.database_url)) as database, database.transaction() as connection:
            return int(connection.scalar(query) or 0)

    def ticket(self, number: int) -> Ticket:
        """A ticket as it is now."""
        with self.app.application.begin() as work:
            found = work.tickets.get(number - 1000)
        assert found is not None
        return found

    def kinds(self, number: int) -> list[str]:
        """What happened to a ticket."""
        with self.app.application.begin() as work:
            return [event.kind for event in work.tickets.events(number - 1000)]


@asynccontextmanager
async def staged(
    began: str,
    library: Library,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    engineers: str = ENGINEERS,
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[Stage]:
    """Both platforms around a running application, from this time on; at the end Teams has nothing to say."""
    clock = DayClock(began)
    async with slack_fake(clock) as slack, teams_fake(clock) as teams:
        stage = Stage(slack, teams, clock, library, database_url, monkeypatch, engineers, more or {})
        try:
            await stage.start()
            await teams.installs(person="nia")
            yield stage
        finally:
            await stage.stop()
        assert teams.problems == []
