"""Queues: which rooms a ticket is shown in, and who may act there."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import ConversationRef, OutcomeKind
from bot.domain.people import Identity
from bot.domain.tickets.queues import Queue, Queues
from bot.storage import Database
from bot.storage.schema.tables import tickets
from tests.support.clock import Clock
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk, text_of
from tests.support.unknown import UNKNOWN

NET_ROOM = ConversationRef("slack", "T1", "CNET", private=False)
NET_TEAM = ConversationRef("teams", "tenant", "19:net", private=False)
NET = Queue("net", {"en": "Network"}, {"slack": "CNET", "teams": "19:net"})
QUEUES = Queues({"it": Queue("it", {"en": "IT desk"}), "net": NET}, "it")


@pytest.fixture
def queued(database: Database, library: Library, clock: Clock) -> Helpdesk:
    """Two queues; the engineers are the members of the rooms."""
    return Helpdesk(database, library, clock, engineers="", rooms=(ROOM, OTHER_ROOM), queues=QUEUES)


def put(helpdesk: Helpdesk, queue: str) -> None:
    """Open a ticket, and let it belong to a queue as an intent would."""
    helpdesk.say("ana", UNKNOWN)
    with helpdesk.database.transaction() as connection:
        connection.execute(update(tickets).values(queue=queue))


def test_a_ticket_without_a_queue_goes_to_the_default_one(queued: Helpdesk) -> None:
    queued.say("ana", UNKNOWN)
    assert "Queue: IT desk" in text_of(queued.card("HELP-1001", ROOM))
    assert "Queue: IT desk" in text_of(queued.card("HELP-1001", OTHER_ROOM))
    assert queued.in_space("CNET") == []


def test_a_queue_has_the_rooms_that_it_names(queued: Helpdesk) -> None:
    put(queued, "net")
    with queued.begin() as work:
        assert queued.desk.card_locations.add_missing_cards(work, queued.clock()) == 2
    queued.deliver()
    for room in (NET_ROOM, NET_TEAM):
        assert "Queue: Network" in text_of(queued.card("HELP-1001", room))
    with queued.begin() as work:
        assert queued.desk.card_locations.add_missing_cards(work, queued.clock()) == 0


def test_every_room_is_known_as_one(queued: Helpdesk) -> None:
    rooms = queued.desk.rooms
    assert rooms.all() == (ROOM, OTHER_ROOM, NET_ROOM, NET_TEAM)
    assert rooms.names("slack") == {"CNET"}
    assert all(queued.desk.card_locations.is_room(room) for room in rooms.all())


def test_the_members_of_a_queues_room_are_its_engineers(queued: Helpdesk) -> None:
    with queued.begin() as work:
        work.rosters.replace(ROOM, [Identity("slack", "T1", "eva")], queued.clock())
        work.rosters.replace(NET_ROOM, [Identity("slack", "T1", "nora")], queued.clock())
    queued.say("ana", UNKNOWN)
    claim = queued.button(queued.card("HELP-1001"), "claim")
    assert queued.click("nora", claim, conversation=ROOM).kind is OutcomeKind.REFUSED
    assert queued.click("eva", claim, conversation=ROOM).kind is OutcomeKind.DONE


@pytest.mark.parametrize("action", ["assign", "prioritize", "merge", "relate", "group"])
def test_the_menu_of_a_card_is_for_its_queues_engineers(queued: Helpdesk, action: str) -> None:
    with queued.begin() as work:
        work.rosters.replace(ROOM, [Identity("slack", "T1", "eva")], queued.clock())
        work.rosters.replace(NET_ROOM, [Identity("slack", "T1", "nora")], queued.clock())
    queued.say("ana", UNKNOWN)
    button = queued.button(queued.card("HELP-1001"), action)
    assert queued.click("nora", button, conversation=ROOM).kind is OutcomeKind.REFUSED
    assert queued.click("eva", button, conversation=ROOM).kind is OutcomeKind.FORM


def test_rosters_of_two_rooms_of_one_channel_live_side_by_side(queued: Helpdesk) -> None:
    eva, nora = Identity("slack", "T1", "eva"), Identity("slack", "T1", "nora")
    since = queued.clock() - timedelta(minutes=1)
    with queued.begin() as work:
        work.rosters.replace(ROOM, [eva], queued.clock())
        work.rosters.replace(NET_ROOM, [eva, nora], queued.clock())
        work.rosters.replace(ROOM, [eva], queued.clock())
        held = [
            [work.rosters.holds(who, since, [room.place]) for room in (ROOM, NET_ROOM)] for who in (eva, nora)
        ]
        assert held == [[True, True], [False, True]]
        work.rosters.keep_only("slack", [ROOM])
        assert not work.rosters.holds(nora, since)
        assert work.rosters.holds(eva, since)


def test_a_queue_with_a_list_asks_for_nothing_else(
    database: Database, library: Library, clock: Clock
) -> None:
    only = Queue("it", engineers=(Identity("slack", "T1", "eva"),))
    helpdesk = Helpdesk(database, library, clock, queues=Queues({"it": only}, "it"))
    helpdesk.say("ana", UNKNOWN)
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    assert helpdesk.click("eric", claim, conversation=ROOM).kind is OutcomeKind.REFUSED
    assert helpdesk.click("eva", claim, conversation=ROOM).kind is OutcomeKind.DONE
