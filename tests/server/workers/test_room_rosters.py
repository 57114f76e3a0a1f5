"""The loop that reads the rosters: a channel that hangs makes no other channel's roster stale."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from bot.desk.ports.channels import Channel
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import StorageBusy, StorageUnavailable
from bot.domain.people import Identity
from bot.server.database_threads import DatabaseThreads
from bot.server.workers.room_rosters import RoomMaintenance, RosterWorker
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk
from tests.support.e2e.running import until

TINA = Identity("teams", "tenant", "tina")


class Platform:
    """A platform that tells who is in a room, or hangs; or whose names could not be kept."""

    def __init__(self, name: str, *, hangs: bool = False, fails: Exception | None = None) -> None:
        self.name = name
        self._hangs = hangs
        self._fails = fails

    def trouble(self) -> str | None:
        return None

    async def members(self, _room: ConversationRef) -> Mapping[Identity, str]:
        if self._hangs:
            await asyncio.Event().wait()
        if self._fails is not None:
            raise self._fails
        return {TINA: "Tina"}


def worker_of(helpdesk: Helpdesk, threads: DatabaseThreads, *platforms: Platform) -> RosterWorker:
    locations = helpdesk.desk.card_locations
    maintenance = RoomMaintenance(helpdesk.begin, locations, helpdesk.freshness, helpdesk.clock)
    channels = cast(dict[str, Channel], {one.name: one for one in platforms})
    return RosterWorker(channels, lambda: (ROOM, OTHER_ROOM), maintenance, threads.run, 600.0, lambda: None)


async def test_a_channel_that_hangs_keeps_no_other_from_being_read(helpdesk: Helpdesk) -> None:
    threads = DatabaseThreads(1)
    worker = worker_of(helpdesk, threads, Platform("slack", hangs=True), Platform("teams"))
    loop = asyncio.create_task(worker.run())

    def read() -> Any:
        with helpdesk.begin.reading() as work:
            return work.rosters.holds(TINA, helpdesk.clock(), [OTHER_ROOM.place])

    await until(read, "the roster of the channel that answers")
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    threads.close()


@pytest.mark.parametrize("error", [StorageBusy(), StorageUnavailable("The disk is full; make room.")])
async def test_names_that_could_not_be_kept_are_no_mistake_in_the_code(
    helpdesk: Helpdesk, error: Exception
) -> None:
    threads = DatabaseThreads(1)
    worker = worker_of(helpdesk, threads, Platform("teams", fails=error))
    with capture_logs() as logged:
        loop = asyncio.create_task(worker.run())
        await until(lambda: logged, "a line in the log")
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
    threads.close()
    found = [(line["event"], line["cause"], "exc_info" in line) for line in logged]
    assert found == [("round_failed", str(error), False)]
