"""An engineer at Slack."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from bot.channels.slack.channel import SlackChannel
from bot.domain.conversations.messages import ConversationRef, Reply
from tests.support.channels.players.player import Ear, Input, MakeHost, Player, acknowledged, serve_channel
from tests.support.channels.recording_host import delivery
from tests.support.channels.slack_stage import settings_from, until
from tests.support.fakes.slack import SlackFake, message_problems, pressable

Json = dict[str, Any]


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
        return pressable(self.message)

    def behind(self) -> list[str]:
        (menu,) = [element for element in self._elements() if "options" in element]
        return [option["text"]["text"] for option in menu["options"]]

    async def click(self, label: str) -> None:
        buttons = [e for e in self._elements() if "text" in e and e["text"]["text"] == label]
        pressed = buttons[0] if buttons else self.slack.menu_option(self.message, label)
        answer = await self.slack.click("UENG", "CROOM", self.message["ts"], pressed)
        acknowledged(answer.status)

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
async def playing(make_host: MakeHost, _patch: pytest.MonkeyPatch) -> AsyncIterator[Player]:
    """An engineer at the fake Slack."""
    ear = Ear()
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(SlackFake())
        fake.workspace.add_person("UENG", "Eve")
        fake.workspace.add_channel("CROOM", private=True, members=("UENG",))
        settings = settings_from(fake.environment(FIRSTLINE_SLACK_ROOM="CROOM"))
        channel = SlackChannel(settings, make_host(ear), first_wait=0.02)
        fake.target = await serve_channel(channel, stack) + "/slack/events"
        await until(lambda: channel.trouble() is None)
        yield SlackPlayer(ear, fake, channel)
