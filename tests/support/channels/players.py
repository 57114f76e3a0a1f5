"""Somebody at each channel who sees a reply, presses, and fills in forms; a new channel needs one too."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any, Protocol

import pytest
from aiohttp import web

from bot.channels.slack.channel import SlackChannel
from bot.channels.teams import Settings as TeamsSettings
from bot.channels.teams.channel import TeamsChannel
from bot.desk.ports.channels import Host, Message
from bot.domain.conversations.messages import Click, ConversationRef, Outcome, OutcomeKind, Reply, Utterance
from tests.support.channels.page_host import Desk as WebDesk
from tests.support.channels.page_site import Client, serve
from tests.support.channels.recording_host import delivery
from tests.support.channels.slack_stage import settings_from, until
from tests.support.fakes.slack import SlackFake, message_problems
from tests.support.fakes.teams import TENANT, TeamsFake, card_problems
from tests.support.fakes.teams.store import ROOM

Json = dict[str, Any]
MakeHost = Callable[["Ear"], Host]


@dataclass
class Ear:
    """What the desk hears, and what it answers next."""

    heard: list[Utterance] = field(default_factory=list)
    outcome: Outcome = field(default_factory=lambda: Outcome(OutcomeKind.DONE))

    async def receive(self, utterance: Utterance) -> Outcome:
        self.heard.append(utterance)
        outcome, self.outcome = self.outcome, Outcome(OutcomeKind.DONE)
        return outcome

    @property
    def click(self) -> Click:
        """The newest press."""
        click = self.heard[-1].click
        assert click is not None
        return click


@dataclass(frozen=True)
class Input:
    """One field of a form as a person sees it: its values to pick from, and what is there already."""

    values: tuple[str, ...]
    initial: str


class Player(Protocol):
    """An engineer at one channel."""

    ear: Ear

    async def see(self, reply: Reply) -> None:
        """The reply is delivered; the platform has taken it."""

    def behind(self) -> list[str]:
        """The labels behind the control for more, in their order."""

    async def click(self, label: str) -> None:
        """Press a button, or pick it in the menu."""

    def asked(self) -> dict[str, Input]:
        """The form that is shown now."""

    async def send(self, filled: Mapping[str, str]) -> None:
        """Send the form; what is not named stays untouched."""


async def _served(channel: SlackChannel | TeamsChannel, stack: AsyncExitStack) -> str:
    app = web.Application()
    channel.mount(app)
    runner = web.AppRunner(app)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await channel.start()
    stack.push_async_callback(channel.stop)
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


# --- Slack ----------------------------------------------------------------------------------------------


class SlackPlayer:
    """Reads blocks."""

    def __init__(self, ear: Ear, slack: SlackFake, channel: SlackChannel) -> None:
        self.ear, self.slack, self.channel = ear, slack, channel

    @property
    def message(self) -> Json:
        return self.slack.posts("CROOM")[-1]

    @property
    def view(self) -> Json:
        return list(self.slack.workspace.views.values())[-1]

    async def see(self, reply: Reply) -> None:
        place = ConversationRef("slack", "T1", "CROOM", private=False)
        await self.channel.deliver(delivery(place, reply))
        assert message_problems(self.message["blocks"]) == []
        assert len(self.slack.called("chat.postMessage")) == 1  # nothing was refused and sent plainer

    def _elements(self) -> list[Json]:
        rows = [block["elements"] for block in self.message["blocks"] if block["type"] == "actions"]
        return [element for row in rows for element in row]

    def behind(self) -> list[str]:
        (menu,) = [element for element in self._elements() if "options" in element]
        return [option["text"]["text"] for option in menu["options"]]

    async def click(self, label: str) -> None:
        buttons = [e for e in self._elements() if e["type"] == "button" and e["text"]["text"] == label]
        pressed = buttons[0] if buttons else self.slack.menu_option(self.message, label)
        answer = await self.slack.click("UENG", "CROOM", self.message["ts"], pressed)
        assert answer.status == 200

    def asked(self) -> dict[str, Input]:
        return {
            block["block_id"].rpartition(":")[2]: _slack_input(block["element"])
            for block in self.view["blocks"]
            if block["type"] == "input"
        }

    async def send(self, filled: Mapping[str, str]) -> None:
        assert (await self.slack.submit("UENG", self.view, **filled)).status == 200


def _slack_input(element: Json) -> Input:
    if element["type"] == "plain_text_input":
        return Input((), element.get("initial_value", ""))
    values = tuple(option["value"] for option in element["options"])
    return Input(values, element.get("initial_option", {}).get("value", ""))


@asynccontextmanager
async def slack(make_host: MakeHost, _patch: pytest.MonkeyPatch) -> AsyncIterator[Player]:
    """An engineer at the fake Slack."""
    ear = Ear()
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(SlackFake())
        fake.workspace.add_person("UENG", "Eve")
        fake.workspace.add_channel("CROOM", private=True, members=("UENG",))
        settings = settings_from(fake.environment(FIRSTLINE_SLACK_ROOM="CROOM"))
        channel = SlackChannel(settings, make_host(ear), first_wait=0.02)
        fake.target = await _served(channel, stack) + "/slack/events"
        await until(lambda: channel.trouble() is None)
        yield SlackPlayer(ear, fake, channel)


# --- Teams ----------------------------------------------------------------------------------------------


class TeamsPlayer:
    """Reads cards."""

    def __init__(self, ear: Ear, teams: TeamsFake, channel: TeamsChannel) -> None:
        self.ear, self.teams, self.channel = ear, teams, channel
        self.shown: Json = {}  # the card that a response put in the place of the message's

    async def see(self, reply: Reply) -> None:
        place = ConversationRef("teams", TENANT, ROOM, "new:ticket-1", private=False)
        await self.channel.deliver(delivery(place, reply))
        assert self.teams.problems == []

    def behind(self) -> list[str]:
        actions = self.teams.store.messages[-1].card["actions"]
        return [action["title"] for action in actions if action.get("mode") == "secondary"]

    async def click(self, label: str) -> None:
        await self._press(label, {}, None)

    async def _press(self, label: str, inputs: Json, card: Json | None) -> None:
        message = self.teams.store.messages[-1]
        status, body = await self.teams.clicks("eva", message, label, inputs, card=card)
        assert status == 200
        if body["type"].endswith("card.adaptive"):
            self.shown = body["value"]
            assert card_problems(self.shown) == []

    def asked(self) -> dict[str, Input]:
        inputs = [e for e in self.shown["body"] if e["type"].startswith("Input.")]
        return {
            element["id"].removeprefix("field."): Input(
                tuple(choice["value"] for choice in element.get("choices", ())), element.get("value", "")
            )
            for element in inputs
        }

    async def send(self, filled: Mapping[str, str]) -> None:
        inputs = {f"field.{name}": value for name, value in filled.items()}
        await self._press(self.shown["actions"][0]["title"], inputs, self.shown)


@asynccontextmanager
async def teams(make_host: MakeHost, patch: pytest.MonkeyPatch) -> AsyncIterator[Player]:
    """An engineer at the fake Teams."""
    ear = Ear()
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(TeamsFake())
        for name, value in fake.environment().items():
            patch.setenv(name, value)
        channel = TeamsChannel(TeamsSettings(), make_host(ear))
        fake.bot_url = await _served(channel, stack)
        assert (await fake.posts("eva", "hello", channel=ROOM))[0] == 200  # now it knows where to post
        yield TeamsPlayer(ear, fake, channel)


# --- the page -------------------------------------------------------------------------------------------


class Element(HTMLParser):
    """The tags of a page, each with the ones around it and the text that is directly in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None], tuple[str, ...], list[str]]] = []
        self._around: list[int] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        around = tuple(str(self.tags[at][1].get("class")) for at in self._around)
        self.tags.append((tag, dict(attrs), around, []))
        if tag not in ("input", "img", "br", "meta", "link"):
            self._around.append(len(self.tags) - 1)

    def handle_endtag(self, tag: str) -> None:
        self._around.pop()

    def handle_data(self, data: str) -> None:
        if self._around:
            self.tags[self._around[-1]][3].append(data)


class WebPlayer:
    """Reads HTML, and sends what the page's script does."""

    def __init__(self, ear: Ear, client: Client, desk: WebDesk) -> None:
        self.ear, self.client, self.desk = ear, client, desk
        self.html = self.form = ""

    async def see(self, reply: Reply) -> None:
        ana = ConversationRef("web", "", "ana")
        self.desk.messages[ana] = [Message("1", self.desk.now(), reply=reply)]
        async with self.client.get("/web/conversation") as response:
            assert response.status == 200
            self.html = await response.text()

    def behind(self) -> list[str]:
        tags = Element(self.html).tags
        return ["".join(text) for tag, _, around, text in tags if tag == "button" and "menu" in around]

    async def click(self, label: str) -> None:
        (button,) = [
            a for t, a, _, text in Element(self.html).tags if t == "button" and "".join(text) == label
        ]
        await self._post(button, None)

    async def _post(self, carried: Mapping[str, str | None], inputs: Json | None) -> None:
        body = {name: carried[f"data-{name}"] for name in ("action", "token", "argument")}
        body |= {"pane": "ask", "key": f"key-{len(self.ear.heard):06}", "inputs": inputs}  # type: ignore[dict-item]  # JSON
        origin = str(self.client.make_url("/")).rstrip("/")
        async with self.client.post("/web/press", json=body, headers={"Origin": origin}) as response:
            assert response.status == 200
            self.form = (await response.json())["form"]

    def asked(self) -> dict[str, Input]:
        found: dict[str, Input] = {}
        name = ""
        for tag, attributes, _, text in Element(self.form).tags:
            if "data-input" in attributes:
                name = str(attributes["data-input"])
                found[name] = Input((), attributes.get("value") or re.sub(r"\A\n", "", "".join(text)))
                found[name] = found[name] if tag != "select" else Input((), "")
            elif tag == "option" and attributes.get("value"):
                value = str(attributes["value"])
                initial = value if "selected" in attributes else found[name].initial
                found[name] = Input((*found[name].values, value), initial)
        return found

    async def send(self, filled: Mapping[str, str]) -> None:
        (form,) = [a for t, a, _, _ in Element(self.form).tags if t == "form"]
        await self._post(form, {name: one.initial for name, one in self.asked().items()} | dict(filled))


@asynccontextmanager
async def page(_make_host: MakeHost, _patch: pytest.MonkeyPatch) -> AsyncIterator[Player]:
    """Somebody at the page."""
    ear, desk = Ear(), WebDesk()
    site = await serve(desk=desk, receive=ear.receive)
    try:
        yield WebPlayer(ear, site.client, desk)
    finally:
        await site.client.close()


PLAYERS: dict[str, Callable[[MakeHost, pytest.MonkeyPatch], AbstractAsyncContextManager[Player]]] = {
    "slack": slack,
    "teams": teams,
    "web": page,
}


def hosted(host: Host) -> MakeHost:
    """A host whose desk is an ear."""
    # Tokens are good for minutes: their channel needs the real time.
    return lambda ear: replace(
        host,
        receive=ear.receive,
        clock=lambda: datetime.now(UTC),
        allow_anonymous_teams=False,
        anonymous=False,
    )
