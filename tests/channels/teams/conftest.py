"""The channel on a real loopback server, beside the fake of Teams."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from bot.channels.teams import Settings
from bot.channels.teams.channel import TeamsChannel
from tests.support.channels.recording_host import Desk
from tests.support.channels.teams_stage import Open, Stage, serve
from tests.support.fakes.teams import TeamsFake


@pytest.fixture
async def open_stage(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Open]:
    """Make a stage; `anonymous` is the demo without an app id, `start` begins the background work."""
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))  # no .env
    async with AsyncExitStack() as stack:

        async def make(
            *, anonymous: bool = False, start: bool = True, desk: Desk | None = None, **settings: Any
        ) -> Stage:
            teams = await stack.enter_async_context(TeamsFake(anonymous=anonymous))
            for name, value in teams.environment().items():
                monkeypatch.setenv(name, value)
            desk = desk or Desk()
            channel = TeamsChannel(Settings(**settings), desk.host(anonymous=anonymous))
            stack.push_async_callback(channel.stop)
            if start:
                await channel.start()
            url = await serve(channel, stack)
            teams.bot_url = url
            return Stage(teams, desk, channel, url)

        yield make


@pytest.fixture
async def stage(open_stage: Open) -> Stage:
    """The channel with an app id, as in production."""
    return await open_stage()
