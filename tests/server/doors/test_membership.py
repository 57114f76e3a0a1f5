"""Who signs in elsewhere is an engineer there by chat rooms that give all of it, and by nothing less."""

import time
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.web.access.accounts import ROOM as PAGE
from bot.desk.knowledge.library import Library
from bot.desk.staff.permissions import Permissions
from bot.desk.staff.queue_rooms import QueueRooms
from bot.desk.staff.roster_freshness import RosterFreshness
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import RosterUnavailable
from bot.domain.people import Identity
from bot.domain.tickets.queues import Queue, Queues
from bot.server.doors.membership import RoomMembership
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, place_of, with_queues

EVA = (Identity("slack", "T1", "eva"),)
HERE = {"web": "room"}


class Chat:
    """A channel that knows who is in which room; None where it does not say."""

    def __init__(self, members: dict[str, set[str] | None]) -> None:
        self._members = members

    async def has_member(self, room: ConversationRef, address: str) -> bool:
        """Whether somebody with this address is in a room."""
        members = self._members.get(room.space, set())
        if members is None:
            raise RosterUnavailable
        return address in members


def queues(**named: dict[str, Any]) -> Queues:
    """Queues by their rooms; the first one is the default."""
    made = {
        name: Queue(name, rooms=parts.get("rooms", {}), engineers=parts.get("engineers", ()))
        for name, parts in named.items()
    }
    return Queues(made, next(iter(made), ""))


IT = {"rooms": {"slack": "CIT", "teams": "19:it", **HERE}}
NET = {"rooms": {"slack": "CNET", **HERE}}
AWAY = {"rooms": {"slack": "CHR"}}


def membership(
    library: Library, chat: Chat, configured: Queues | None = None, listed: tuple[Identity, ...] = ()
) -> RoomMembership:
    """Membership in a desk with a room in Slack, one in Teams and the page's."""
    known = with_queues(library, configured) if configured else library
    rooms = QueueRooms(known, lambda: (ROOM, OTHER_ROOM, PAGE), place_of)
    channels: Any = {"slack": chat, "teams": chat}
    freshness = RosterFreshness(timedelta(hours=1), time.monotonic)
    return RoomMembership(channels, Permissions(listed, freshness, rooms), rooms)


@pytest.mark.parametrize(
    ("configured", "listed", "within", "enough"),
    [
        (None, (), "CROOM", True),
        (None, (), "19:room", True),
        (None, (), "", False),
        (queues(it=IT, net=NET), (), "CIT CNET", True),
        (queues(it=IT, net=NET), (), "19:it CNET", True),
        (queues(it=IT, net=NET), (), "CNET", False),
        (queues(it=IT, net=NET), (), "CIT 19:it", False),
        (queues(it=IT, hr=AWAY), (), "CIT", True),
        (queues(it=IT, hr=AWAY), (), "CHR", False),
        (queues(it=IT, net={**NET, "engineers": EVA}), (), "CIT", True),
        (queues(it=IT, net={**NET, "engineers": EVA}), (), "CNET", False),
        (queues(it=IT, net={"rooms": HERE}), (), "CIT", False),
        (queues(it=IT, net=NET), EVA, "CNET", True),
        (queues(it=IT, net=NET), EVA, "", False),
    ],
)
async def test_an_engineer_of_some_queues_gains_no_other_one(
    library: Library, configured: Queues | None, listed: tuple[Identity, ...], within: str, enough: bool
) -> None:
    chat = Chat({room: {"eva@example.com"} for room in within.split()})
    asked = membership(library, chat, configured, listed)
    assert await asked.suffices_for(PAGE, "eva@example.com") is enough
    assert not await asked.suffices_for(PAGE, "tom@example.com")


async def test_a_room_that_nobody_can_read_is_told_apart_from_one_without_them(library: Library) -> None:
    with pytest.raises(RosterUnavailable):
        await membership(library, Chat({"CROOM": None})).suffices_for(PAGE, "eva@example.com")
