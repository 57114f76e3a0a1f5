"""A day at the helpdesk: its clock, its two platforms around one application, and the people who play it."""

import time
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pytest

from bot.desk.library import Library
from bot.domain.ticket import Ticket
from bot.knowledge.queues import read_queues
from bot.knowledge.reading import Page
from tests.desk.helpdesk import with_queues
from tests.e2e import microsoft
from tests.e2e.running import Running, ready, running, until
from tests.e2e.test_slack import buttons
from tests.fakes.slack import SlackFake, Workspace
from tests.fakes.teams import TENANT, Message, Person, TeamsFake

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


class DayClock:
    """Goes on as time does, and jumps where the test lets it."""

    def __init__(self, text: str) -> None:
        self._start, self._began = madrid(text), time.monotonic()

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._began)

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


def day_library(library: Library) -> Library:
    """The repository's content with the queues of the day."""
    page = Page("queues.yaml")
    queues = read_queues(page, QUEUES, lambda _channel, _room: None)
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
            | {"FIRSTLINE_ENGINEERS": ENGINEERS, "FIRSTLINE_ROSTER_MINUTES": "60"}
        )
        self._running = running(
            self.monkeypatch, self.library, self.database_url, environment, clock=self.clock
        )
        self._app = await self._running.__aenter__()
        self.slack.target, self.teams.bot_url = f"{self.app.url}/slack/events", self.app.url
        await until(lambda: ready(self.app.url), "readiness")

    async def stop(self) -> None:
        """Stop as SIGTERM does."""
        if self._app is not None:
            self._app = None
            await self._running.__aexit__(None, None, None)

    def waiting(self) -> int:
        """How many posts are still to be delivered."""
        with self.app.application.begin() as work:
            return work.deliveries.backlog(("slack", "teams"))[0]

    async def delivered(self) -> None:
        """Wait until nothing waits."""
        await until(lambda: self.waiting() == 0, "an empty outbox")

    async def jump(self, text: str) -> None:
        """It is that time now. Nothing is on its way meanwhile: its lease would run out, and it come again."""
        await self.delivered()
        self.clock.jump(text)

    async def look(self) -> None:
        """Let the desk do what is due, as three replicas would at one moment; then wait for its posts."""
        application = self.app.application
        for _ in range(2):
            await application.run(application.desk.timekeeper.round)
        await self.delivered()

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


class Engineer(Protocol):
    """Somebody who works in the rooms; `number` is a ticket's, such as 1001."""

    name: str
    identity: str

    async def write(self, number: int, text: str) -> Json:
        """Write under the card."""

    async def edit(self, written: Json, text: str) -> None:
        """Edit what was written."""

    async def delete(self, written: Json) -> None:
        """Delete it."""

    async def prepare(self, number: int, label: str, **fields: str) -> Act:
        """Open what a button opens; what is returned does it."""

    async def do(self, number: int, label: str, **fields: str) -> None:
        """Press it, and fill in its form."""


@dataclass
class SlackEngineer:
    """An engineer in Slack."""

    stage: Stage
    user: str
    name: str

    @property
    def identity(self) -> str:
        return f"slack:T1/{self.user}"

    def card(self, number: int) -> tuple[str, Json]:
        """The room of the ticket's card, and the card."""
        return next(
            (room, message)
            for room in ROOMS["slack"]
            for message in self.stage.slack.posts(room)
            if "thread_ts" not in message and is_card(heading(message), number)
        )

    async def write(self, number: int, text: str) -> Json:
        room, card = self.card(number)
        return await self.stage.slack.say(room, self.user, text, thread_ts=card["ts"])

    async def edit(self, written: Json, text: str) -> None:
        assert (await self.stage.slack.edit(written, text))[-1] == 200

    async def delete(self, written: Json) -> None:
        assert (await self.stage.slack.delete(written))[-1] == 200

    async def prepare(self, number: int, label: str, **fields: str) -> Act:
        slack = self.stage.slack
        room, card = self.card(number)
        card, pressed = deepcopy(card), deepcopy(pressable(card)[label])
        if not fields:
            return lambda: slack.press(self.user, room, card["ts"], pressed, message=card)
        before = set(slack.workspace.views)
        await slack.press(self.user, room, card["ts"], pressed, message=card)
        [view] = await until(lambda: set(slack.workspace.views) - before, f"a modal of {label!r}")
        return lambda: slack.submit(self.user, slack.workspace.views[view], **fields)

    async def do(self, number: int, label: str, **fields: str) -> None:
        answer = await (await self.prepare(number, label, **fields))()
        assert answer.status == 200


@dataclass
class TeamsEngineer:
    """An engineer in Teams."""

    stage: Stage
    key: str
    name: str

    @property
    def identity(self) -> str:
        return f"teams:{TENANT}/aad-{self.key}"

    def card(self, number: int) -> Message:
        """The ticket's card."""
        return next(
            message
            for room in ROOMS["teams"]
            for message in microsoft.messages(self.stage.teams, room)
            if message.conversation.endswith(f"={message.id}")
            and is_card(message.card["fallbackText"], number)
        )

    async def write(self, number: int, text: str) -> Json:
        channel, _, thread = self.card(number).conversation.partition(";messageid=")
        written = self.stage.teams.in_channel(self.key, text, channel, thread)
        assert (await self.stage.teams.send(written))[0] == 200
        return written

    async def edit(self, written: Json, text: str) -> None:
        assert (await self.stage.teams.edits(written, text))[0] == 200

    async def delete(self, written: Json) -> None:
        assert (await self.stage.teams.deletes(written))[0] == 200

    async def prepare(self, number: int, label: str, **fields: str) -> Act:
        teams, message = self.stage.teams, self.card(number)
        shown = deepcopy(message.card)
        inputs = {f"field.{name}": value for name, value in fields.items()}
        if fields and label != "Resolve":  # whose field is on the card itself
            status, body = await teams.presses(self.key, message, label, card=shown)
            assert (status, body["type"]) == (200, microsoft.CARD)
            shown = body["value"]
        return lambda: teams.presses(self.key, message, label, inputs, card=shown)

    async def do(self, number: int, label: str, **fields: str) -> None:
        status, _ = await (await self.prepare(number, label, **fields))()
        assert status == 200


def is_card(title: str, number: int) -> bool:
    """Whether this is how the card of a ticket begins, where it is still at work."""
    return title.startswith(f"HELP-{number} · ") and " · Moved to " not in title


def heading(message: Json) -> str:
    """The first line of a card in Slack."""
    first = message["blocks"][0]
    return str(first["text"]["text"]) if first["type"] == "header" else ""


def pressable(message: Json) -> dict[str, Json]:
    """Everything that can be pressed on a card in Slack, by what it says."""
    found = {}
    for element in buttons(message):
        if element["type"] == "button" and "url" not in element:
            found[element["text"]["text"]] = element
        for option in element.get("options", ()):
            chosen = {"type": element["type"], "action_id": element["action_id"], "selected_option": option}
            found[option["text"]["text"]] = chosen
    return found
