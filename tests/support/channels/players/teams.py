"""An engineer at Teams."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from bot.channels.teams import Settings as TeamsSettings
from bot.channels.teams.channel import TeamsChannel
from bot.domain.conversations.messages import ConversationRef, Reply
from tests.support.channels.players.player import Ear, Input, MakeHost, Player, acknowledged, serve_channel
from tests.support.channels.recording_host import delivery
from tests.support.fakes.teams import TENANT, TeamsFake, card_problems
from tests.support.fakes.teams.store import ROOM

Json = dict[str, Any]


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
        acknowledged(status)
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
async def playing(make_host: MakeHost, patch: pytest.MonkeyPatch) -> AsyncIterator[Player]:
    """An engineer at the fake Teams."""
    ear = Ear()
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(TeamsFake())
        for name, value in fake.environment().items():
            patch.setenv(name, value)
        channel = TeamsChannel(TeamsSettings(), make_host(ear))
        fake.bot_url = await serve_channel(channel, stack)
        assert (await fake.posts("eva", "hello", channel=ROOM))[0] == 200  # now it knows where to post
        yield TeamsPlayer(ear, fake, channel)
