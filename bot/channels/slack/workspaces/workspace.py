"""One workspace that is served, with everything that reads from it and posts to it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.directory import Directory
from bot.channels.slack.inbound.events import EventReader
from bot.channels.slack.outbound.agent_view import AgentView
from bot.channels.slack.outbound.files import Files
from bot.channels.slack.outbound.sender import PostSender
from bot.channels.slack.settings import Settings
from bot.desk.ports.channels import ChannelMemory, Host

Client = Callable[[], AsyncWebClient]


class ScopedMemory:
    """Memory of one workspace: another one may have the same ids."""

    def __init__(self, memory: ChannelMemory, tenant: str) -> None:
        self._memory = memory
        self._scope = f"{tenant}/"

    def recall(self, channel: str, key: str) -> str | None:
        """The value under this key."""
        return self._memory.recall(channel, self._scope + key)

    def remember(self, channel: str, key: str, value: str) -> None:
        """Keep a value under this key."""
        self._memory.remember(channel, self._scope + key, value)

    def once(self, channel: str, key: str, value: str) -> str:
        """Keep a value unless there is one already; return the one that is kept."""
        return self._memory.once(channel, self._scope + key, value)

    def replace(self, channel: str, key: str, earlier: str, value: str | None) -> bool:
        """Put a value in place of an earlier one; with None drop it. False where another one is kept."""
        return self._memory.replace(channel, self._scope + key, earlier, value)


@dataclass(frozen=True)
class Workspace:
    """Everything that speaks with one workspace, or with an organisation in all of its workspaces."""

    client: Client
    directory: Directory
    event_reader: EventReader
    post_sender: PostSender
    files: Files
    agent_view: AgentView

    async def look_up(self) -> None:
        """Serve the directory's look-ups for ever."""
        await self.directory.look_up(self.client)


def one_workspace(settings: Settings, host: Host, client: Client) -> Workspace:
    """The only workspace there is: the settings name its channels by their ids alone."""
    return _built(settings, host, client)


def one_of_several(settings: Settings, host: Host, client: Client, tenant: str) -> Workspace:
    """One of several: it knows its own channels of the settings, and has a memory of its own."""
    scope = f"{tenant}/"
    own = tuple(name.removeprefix(scope) for name in settings.help_channels if name.startswith(scope))
    settings = settings.model_copy(update={"help_channels": own})
    return _built(settings, replace(host, memory=ScopedMemory(host.memory, tenant)), client, scope)


def _built(settings: Settings, host: Host, client: Client, scope: str = "") -> Workspace:
    directory = Directory(host, scope.rstrip("/"))
    return Workspace(
        client,
        directory,
        EventReader(settings, directory, host.clock, scope),
        PostSender(client, host),
        Files(client, host),
        AgentView(client, host),
    )


async def end(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
