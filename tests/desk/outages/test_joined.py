"""Employees whose ticket was joined with another, or put on an outage: what they hear, and their way out."""

from datetime import timedelta

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import ConversationRef, OutcomeKind
from bot.domain.people import Identity
from bot.domain.tickets.queues import Queue, Queues
from bot.domain.tickets.ticket import Status
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.card_menu import do
from tests.support.desk.engineers import ENGINEERS, claim, resolve
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, place_of, text_of
from tests.support.desk.outages import sign
from tests.support.desk.outcomes import notice
from tests.support.desk.passing_time import look
from tests.support.desk.places import pressed
from tests.support.desk.records import kinds, ticket
from tests.support.unknown import ALIKE, OTHER, UNKNOWN

NETWORK = place_of("slack", "CNET")


@pytest.fixture
def helpdesk(database: Database, library: Library, clock: Clock) -> Helpdesk:
    return Helpdesk(database, library, clock, engineers=ENGINEERS)


def two(desk: Helpdesk) -> None:
    """Ana's ticket, and Tom's, which is joined with it."""
    desk.say("ana", UNKNOWN, thread="1.0")
    desk.say("tom", OTHER, thread="2.0")
    do(desk, "eva", "merge", "HELP-1002", ticket="1001")


def on_outage(desk: Helpdesk, number: str = "HELP-1001") -> None:
    do(desk, "eva", "group", number, title="Flurbostats fizz", notice_en="We are on it.")


def size(desk: Helpdesk) -> str:
    """What the sign in the room says."""
    return next(line for line in text_of(sign(desk)).splitlines() if line.startswith("Tickets affected"))


def room_of(desk: Helpdesk) -> list[str]:
    return desk.texts_in("CROOM")


# --- what they hear -----------------------------------------------------------------------------------


def test_who_was_joined_hears_who_looks_after_it(helpdesk: Helpdesk) -> None:
    two(helpdesk)
    claim(helpdesk)
    assert text_of(helpdesk.last("tom")) == (
        "Eva is now working on HELP-1001, which includes your ticket HELP-1002."
    )
    do(helpdesk, "eva", "assign", engineer="eric")
    assert "is now working on HELP-1001, which" in text_of(helpdesk.last("tom"))
    assert text_of(helpdesk.last("tom")).casefold().startswith("eric")


def test_who_is_joined_later_hears_who_has_it(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    helpdesk.say("tom", OTHER)
    do(helpdesk, "eva", "merge", "HELP-1002", ticket="1001")
    assert "Eva is working on it" in text_of(helpdesk.last("tom"))


def test_who_was_joined_hears_that_it_is_open_again(helpdesk: Helpdesk) -> None:
    two(helpdesk)
    claim(helpdesk)
    resolve(helpdesk)
    assert "Eva has resolved HELP-1001, which includes your ticket HELP-1002" in text_of(helpdesk.last("tom"))
    pressed(helpdesk, "ana", "came_back")
    assert text_of(helpdesk.last("tom")) == "HELP-1001, which includes your ticket HELP-1002, is open again."


def test_words_of_who_was_joined_keep_it_open(database: Database, library: Library, clock: Clock) -> None:
    queue = Queue("it", {"en": "IT desk"}, close_after=timedelta(days=5))
    helpdesk = Helpdesk(database, library, clock, queues=Queues({"it": queue}, "it"))
    two(helpdesk)
    claim(helpdesk)
    helpdesk.writes("eva", "Which one is it?")
    look(helpdesk)
    clock.move(days=4)
    helpdesk.say("tom", "it is the blue one", thread="2.0")
    clock.move(days=4)
    look(helpdesk)
    assert ticket(helpdesk).status is Status.CLAIMED
    helpdesk.writes("eva", "Thank you")
    clock.move(days=6)
    look(helpdesk)
    assert ticket(helpdesk).status is Status.RESOLVED


# --- a person all the same ----------------------------------------------------------------------------


def test_who_was_joined_and_wants_a_person_takes_their_own_ticket_out(helpdesk: Helpdesk) -> None:
    two(helpdesk)
    on_outage(helpdesk)
    outcome = helpdesk.say("tom", "I want to talk to a person", thread="2.0")
    assert outcome.ticket == "HELP-1002"
    assert "look at HELP-1002 separately" in text_of(helpdesk.last("tom"))
    assert ticket(helpdesk, 1).outage_id == 1
    own = ticket(helpdesk, 2)
    assert (own.status, own.merged_into, own.outage_id) == (Status.OPEN, None, None)
    assert buttons_of(helpdesk.card("HELP-1002")) == ["claim"]
    assert "HELP-1002" not in text_of(helpdesk.card("HELP-1001"))
    assert (
        room_of(helpdesk)[-1]
        == "Tom wants a person to look at HELP-1002 separately: it is waiting to be claimed."
    )
    assert kinds(helpdesk, 2)[-1] == "split"
    assert size(helpdesk) == "Tickets affected: 1"


def test_without_an_outage_the_engineers_of_the_other_ticket_are_the_person(helpdesk: Helpdesk) -> None:
    two(helpdesk)
    helpdesk.say("tom", "I want to talk to a person", thread="2.0")
    assert ticket(helpdesk, 2).merged_into == 1
    assert "already have HELP-1002" in text_of(helpdesk.last("tom"))


def test_a_ticket_of_an_outage_that_was_joined_leaves_both(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    helpdesk.say("tom", OTHER, thread="2.0")
    on_outage(helpdesk)
    form = helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1002"), "group"), conversation=ROOM)
    assert form.card is not None
    chosen = form.card.fields[0].options[1].value
    helpdesk.click("eva", form.card.buttons[0], conversation=ROOM, inputs={"outage": chosen, "title": ""})
    assert size(helpdesk) == "Tickets affected: 2"
    do(helpdesk, "eva", "merge", "HELP-1002", ticket="1001")
    look(helpdesk)
    assert size(helpdesk) == "Tickets affected: 1"
    helpdesk.say("tom", "I want to talk to a person", thread="2.0")
    own = ticket(helpdesk, 2)
    assert (own.status, own.merged_into, own.outage_id) == (Status.OPEN, None, None)
    assert kinds(helpdesk, 2)[-2:] == ["split", "ungrouped"]


# --- how many tickets an outage holds -----------------------------------------------------------------


@pytest.mark.parametrize("how", ["withdrawn", "resolved", "left"])
def test_the_sign_counts_without_who_ended_or_left(helpdesk: Helpdesk, how: str) -> None:
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    claim(helpdesk)
    on_outage(helpdesk)
    helpdesk.say("tom", ALIKE, thread="2.0")
    pressed(helpdesk, "tom", "joined")
    assert size(helpdesk) == "Tickets affected: 2"
    look(helpdesk)
    match how:
        case "withdrawn":
            helpdesk.say("tom", "cancel HELP-1002", thread="2.0")
        case "resolved":
            resolve(helpdesk)
        case "left":
            joined = [reply for reply in helpdesk.in_space("Dtom") if "person" in buttons_of(reply)][-1]
            helpdesk.click("tom", helpdesk.button(joined, "person"), conversation=helpdesk.direct("tom"))
            assert size(helpdesk) == "Tickets affected: 1"
            assert not [reply for reply in helpdesk.in_space("Dtom") if reply.buttons]
    look(helpdesk)
    assert size(helpdesk) == "Tickets affected: 1"
    waits = [reply for reply in helpdesk.in_space("Dtom") if "person" in buttons_of(reply)]
    assert len(waits) == (1 if how == "resolved" else 0)
    helpdesk.clock.move(minutes=1)
    end = helpdesk.button(sign(helpdesk), "outage_end")
    helpdesk.click("eva", end, conversation=ROOM, inputs={"note": ""})
    assert size(helpdesk) == "Tickets affected: 1"
    look(helpdesk)
    assert size(helpdesk) == "Tickets affected: 1"
    assert not [reply for reply in helpdesk.in_space("Dtom") if "person" in buttons_of(reply)]


def test_a_sign_that_is_true_is_not_touched(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    on_outage(helpdesk)
    shown = next(one for one in helpdesk.screen.values() if one.reply == sign(helpdesk))
    versions = shown.versions
    with helpdesk.begin() as work:
        outage = work.outages.get(1)
        assert outage is not None
        helpdesk.desk.page_view._outage_posts.refresh(work, outage, helpdesk.clock())
    helpdesk.deliver()
    assert shown.versions == versions


# --- both queues --------------------------------------------------------------------------------------


@pytest.fixture
def queued(database: Database, library: Library, clock: Clock) -> Helpdesk:
    """Two queues: Eva is in the room of one, Nico in that of the other, Eric in both."""
    queues = Queues(
        {
            "it": Queue("it", {"en": "IT desk"}),
            "net": Queue("net", {"en": "Network"}, rooms={"slack": NETWORK.space}),
        },
        "it",
    )
    desk = Helpdesk(database, library, clock, engineers="", queues=queues)
    rosters: tuple[tuple[ConversationRef, tuple[str, ...]], ...] = (
        (ROOM, ("eva", "eric")),
        (NETWORK, ("nico", "eric")),
    )
    with desk.begin() as work:
        for room, members in rosters:
            work.rosters.replace(room, [Identity("slack", "T1", name) for name in members], clock())
    return desk


@pytest.mark.parametrize("action", ["merge", "relate"])
def test_who_works_in_one_queue_only_joins_nothing_with_another(queued: Helpdesk, action: str) -> None:
    queued.say("ana", UNKNOWN)
    queued.say("tom", OTHER)
    do(queued, "eric", "transfer", "HELP-1002", queue="net")
    refused = do(queued, "eva", action, ticket="1002")
    assert "another queue" in notice(refused)
    assert kinds(queued)[-1] == "refused"
    assert ticket(queued).live
    assert "HELP-1002" not in text_of(queued.card("HELP-1001"))
    done = do(queued, "eric", action, ticket="1002")
    assert done.kind is OutcomeKind.DONE
