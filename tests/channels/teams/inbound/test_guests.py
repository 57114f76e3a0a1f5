"""Who is looked up while the database is away."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import structlog

from bot.channels.teams.directory import Directory
from bot.channels.teams.inbound.activities import read
from bot.channels.teams.inbound.guests import Guests
from bot.channels.teams.outbound.client import Member
from bot.domain.errors import StorageUnavailable
from tests.support.channels.empty_host import Memory, host
from tests.support.fakes.teams import TENANT, TeamsFake


class AwayMemory(Memory):
    """A memory that can be read, and keeps nothing while it is away."""

    away = True

    def remember(self, channel: str, key: str, value: str) -> None:
        if self.away:
            raise StorageUnavailable("The database is away.")
        super().remember(channel, key, value)


async def test_who_could_not_be_kept_is_looked_up_again() -> None:
    memory, asked, tasks = AwayMemory(), list[str](), list[asyncio.Task[None]]()

    async def look_up(_url: str, _space: str, account: str) -> Member:
        asked.append(account)
        return Member(account, "aad-ana", TENANT, "guest")

    def start(work: Coroutine[Any, Any, None]) -> None:
        tasks.append(asyncio.create_task(work))

    async def run(function: Callable[..., Any], *values: Any) -> Any:
        return function(*values)

    guests = Guests(Directory(replace(host(), memory=memory, run=run, read=run), "app"), look_up, start)
    activity = read(TeamsFake().personal("ana", "hello"))
    with structlog.testing.capture_logs() as logs:
        await guests.knows(activity, TENANT)
        await asyncio.gather(*tasks)
    assert [(entry["event"], entry["cause"]) for entry in logs] == [
        ("teams_lookup_failed", "The database is away.")
    ]
    memory.away = False
    await guests.knows(activity, TENANT)
    await asyncio.gather(*tasks)
    assert len(asked) == 2
    assert await guests.knows(activity, TENANT)
    assert memory.kept
