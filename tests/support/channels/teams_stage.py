"""A Teams channel on a real loopback server, beside the fake of Teams."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from aiohttp import web

from bot.channels.teams.channel import TeamsChannel
from tests.support.channels.recording_host import Desk
from tests.support.fakes.teams import TeamsFake


@dataclass
class Stage:
    """A channel that is served, its desk, and the fake of Teams around it."""

    teams: TeamsFake
    desk: Desk
    channel: TeamsChannel
    url: str


Open = Callable[..., Awaitable[Stage]]


async def serve(channel: TeamsChannel, stack: AsyncExitStack) -> str:
    """Serve the channel until the stack ends; its address."""
    app = web.Application()
    channel.mount(app)
    runner = web.AppRunner(app)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"
