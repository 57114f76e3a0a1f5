"""Rosters and a clock that is set: engineers may act by what was read lately, and not by what is old."""

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import OutcomeKind
from bot.domain.people import Identity
from bot.server.workers.room_rosters import RoomMaintenance
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk
from tests.support.unknown import UNKNOWN

EVA = {Identity("slack", "T1", "eva"): "Eva"}


@pytest.fixture
def by_roster(database: Database, library: Library, clock: Clock) -> Helpdesk:
    """A desk where the roster of the room says who is an engineer, with a ticket."""
    made = Helpdesk(database, library, clock, engineers="")
    made.say("ana", UNKNOWN)
    return made


def read(helpdesk: Helpdesk) -> RoomMaintenance:
    """Read the roster of the room, as the loop does every few minutes."""
    locations = helpdesk.desk.card_locations
    maintenance = RoomMaintenance(helpdesk.begin, locations, helpdesk.freshness, helpdesk.clock)
    assert maintenance.store(ROOM, EVA)
    return maintenance


def claimed(helpdesk: Helpdesk) -> bool:
    """Whether Eva may claim the ticket."""
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    return helpdesk.click("eva", claim, conversation=ROOM).kind is OutcomeKind.DONE


@pytest.mark.parametrize("hours", [-24, -1, 1, 24])
def test_who_is_in_a_roster_may_act_however_the_clock_is_set(by_roster: Helpdesk, hours: int) -> None:
    read(by_roster)
    by_roster.clock.move(minutes=4)
    by_roster.clock.set_by(hours=hours)
    assert claimed(by_roster)


@pytest.mark.parametrize("hours", [-24, -1, 1, 24])
def test_a_roster_grows_stale_all_the_same(by_roster: Helpdesk, hours: int) -> None:
    maintenance = read(by_roster)
    by_roster.clock.set_by(hours=hours)
    maintenance.complete()  # the platform does not answer: no roster is read
    by_roster.clock.move(minutes=16)
    assert not claimed(by_roster)


def test_another_rooms_reading_keeps_no_stale_roster_alive(by_roster: Helpdesk) -> None:
    maintenance = read(by_roster)
    by_roster.clock.move(minutes=16)
    maintenance.store(OTHER_ROOM, {})
    by_roster.clock.set_by(hours=1)
    assert not claimed(by_roster)
