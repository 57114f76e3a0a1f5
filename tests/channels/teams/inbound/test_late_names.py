"""Whoever wrote without a name is looked up once, and again where nobody could tell."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from bot.channels.teams.inbound.activities import Activity, read
from bot.channels.teams.inbound.late_names import LateNames
from bot.channels.teams.outbound.client import Member
from bot.domain.errors import DeliveryFailed
from tests.support.fakes.teams import TENANT, TeamsFake


def from_somebody(*, named: bool) -> Activity:
    said = TeamsFake().personal("ana", "hello")
    if not named:
        del said["from"]["name"]
    return read(said)


async def test_a_name_is_asked_for_once_and_after_a_failure_again() -> None:
    answers: list[Member | DeliveryFailed] = [
        DeliveryFailed("503"),
        Member("29:ana", "aad-ana", TENANT, "user", "Ana Ruiz"),
    ]
    told, tasks = list[tuple[str, str]](), list[asyncio.Task[None]]()

    async def look_up(_url: str, _space: str, _account: str) -> Member:
        answer = answers.pop(0)
        if isinstance(answer, DeliveryFailed):
            raise answer
        return answer

    async def tell(who: str, name: str) -> None:
        told.append((who, name))

    def start(work: Coroutine[Any, Any, None]) -> None:
        tasks.append(asyncio.create_task(work))

    names = LateNames(look_up, tell, start)
    names.ask(from_somebody(named=True))
    assert tasks == []
    with structlog.testing.capture_logs() as logs:
        names.ask(from_somebody(named=False))
        await asyncio.gather(*tasks)
    assert ([entry["event"] for entry in logs], told) == (["teams_name_unknown"], [])
    for _ in range(3):
        names.ask(from_somebody(named=False))
        await asyncio.gather(*tasks)
    assert told == [("aad-ana", "Ana Ruiz")]
    assert len(tasks) == 2
