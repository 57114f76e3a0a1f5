"""The loop that reads the rosters: a channel that hangs makes no other channel's roster stale."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from bot.desk.ports.channels import Channel
from bot.domain.conversations.messages import ConversationRef
from bot.domain.people import Identity
from bot.server.database_threads import DatabaseThreads
from bot.server.workers.room_rosters import RoomMaintenance, RosterWorker
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk
from tests.support.e2e.running import until

TINA = Identity("teams", "tenant", "tina")


class Platform:
    """A platform that tells who is in a room, or hangs."""

    def __init__(self, name: str, *, hangs: bool) -> None:
        self.name = name
        self._hangs = hangs

    def trouble(self) -> str | None:
        return None

    async def members(self, _room: ConversationRef) -> Mapping[Identity, str]:
        if self._hangs:
            await asyncio.Event().wait()
        return {TINA: "Tina"}


async def test_a_channel_that_hangs_keeps_no_other_from_being_read(helpdesk: Helpdesk) -> None:
    channels = {"slack": Platform("slack", hangs=True), "teams": Platform("teams", hangs=False)}
    threads = DatabaseThreads(1)
    locations = helpdesk.desk.card_locations
    maintenance = RoomMaintenance(helpdesk.begin, locations, helpdesk.freshness, helpdesk.clock)
    worker = RosterWorker(
        cast(dict[str, Channel], channels),
        lambda: (ROOM, OTHER_ROOM),
        maintenance,
        threads.run,
        600.0,
        lambda: None,
    )
    loop = asyncio.create_task(worker.run())

    def read() -> Any:
        with helpdesk.begin.reading() as work:
            return work.rosters.holds(TINA, helpdesk.clock(), [OTHER_ROOM.place])

    await until(read, "the roster of the channel that answers")
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    threads.close()
