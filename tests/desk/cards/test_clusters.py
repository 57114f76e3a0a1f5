"""Many tickets about one matter are one card that grows, and none of them is lost."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Addressed, Behalf, Change, Click, ConversationRef
from bot.domain.people import Identity
from bot.domain.tickets.priority import ALIKE_WITHIN
from bot.domain.tickets.ticket import Priority, Status
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.card_menu import do, menu
from tests.support.desk.engineers import ENGINEERS
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk, buttons_of, text_of
from tests.support.desk.outages import TITLE, begin, ended, sign
from tests.support.desk.places import pressed_newest
from tests.support.desk.records import kinds, ticket
from tests.support.desk.simultaneous import all_at_once, flood, lost, settled, shown
from tests.support.unknown import OTHER, UNKNOWN

FIRST_FOUR = ["HELP-1001", "HELP-1002", "HELP-1003", "HELP-1004"]
STUCK = f"{UNKNOWN} and I cannot work"
HACKED = f"{UNKNOWN}, this is a security breach"


@pytest.fixture
def desk(database: Database, library: Library, clock: Clock) -> Helpdesk:
    return Helpdesk(database, library, clock)


def claim(desk: Helpdesk, reference: str) -> None:
    desk.click("eva", desk.button(desk.card(reference), "claim"), conversation=ROOM)
    settled(desk)


def wants_a_person(desk: Helpdesk, person: str) -> None:
    """Somebody is shown an article that does not help."""
    desk.say(person, "the printer shows a paper jam error again")
    pressed_newest(desk, person, "person")


def test_hundreds_at_once_are_few_cards_and_one_that_grows(desk: Helpdesk) -> None:
    flood(desk, 300)
    assert shown(desk) == FIRST_FOUR
    card = desk.card("HELP-1001")
    assert "and 296 more like it" in text_of(card)
    assert "and 296 more like it" in card.summary
    assert f"HELP-1300 · P299: {UNKNOWN}" in text_of(card)
    assert "are for P0" in text_of(card)
    assert buttons_of(card) == ["group", "claim"]
    assert ("group" in menu(card), "show_each" in menu(card)) == (False, True)
    assert lost(desk) == []
    assert len([post for post in desk.posts if post.edit and "HELP-1001" in post.reply.summary]) < 10
    begin(desk)
    assert "Tickets affected: 297" in text_of(sign(desk))
    settled(desk)
    assert {"part of a known outage" in text_of(desk.last(f"p{number}")) for number in (0, 4, 299)} == {True}
    assert "more like it" not in text_of(desk.card("HELP-1001"))
    assert shown(desk) == FIRST_FOUR
    pressed_newest(desk, "p200", "person")  # something else after all
    assert shown(desk) == [*FIRST_FOUR, "HELP-1201"]
    ended(desk, note="Drained them all.")
    settled(desk)
    states = {number: ticket(desk, number).status for number in range(1, 301)}
    assert [number for number, state in states.items() if state is Status.OPEN] == [2, 3, 4, 201]
    assert kinds(desk, 300) == ["opened", "grouped", "resolved"]
    assert "Drained them all." in text_of(desk.last("p299"))


def test_each_stays_a_ticket_of_its_own_for_its_requester(desk: Helpdesk) -> None:
    flood(desk, 8)
    assert "HELP-1008" in text_of(desk.last("p7"))
    desk.say("p7", "my tickets")
    assert "HELP-1008" in text_of(desk.last("p7"))
    pressed_newest(desk, "p7", "cancel")
    settled(desk)
    assert ticket(desk, 8).status == Status.WITHDRAWN
    assert "and 3 more like it" in text_of(desk.card("HELP-1001"))
    desk.say("p7", "it came back")
    settled(desk)
    assert ticket(desk, 8).status == Status.OPEN
    assert shown(desk) == [*FIRST_FOUR, "HELP-1008"]
    assert "it came back" in "\n".join(desk.texts_in("CROOM"))


def test_about_the_same_article_it_is_as_urgent_as_those_that_it_stands_for(desk: Helpdesk) -> None:
    for number in range(12):
        wants_a_person(desk, f"p{number}")
    settled(desk)
    assert shown(desk) == FIRST_FOUR
    assert ticket(desk, 1).priority == Priority.URGENT
    assert kinds(desk, 1) == ["opened", "prioritized"]
    do(desk, "eva", "prioritize", priority=str(int(Priority.LOW)))
    wants_a_person(desk, "ana")
    settled(desk)
    assert "and 9 more like it" in text_of(desk.card("HELP-1001"))
    assert ticket(desk, 1).priority == Priority.LOW  # an engineer knows better


def test_the_next_one_stands_for_the_others_when_the_lead_is_claimed(desk: Helpdesk) -> None:
    flood(desk, 14)
    claim(desk, "HELP-1001")
    assert "more like it" not in text_of(desk.card("HELP-1001"))
    assert shown(desk) == [*FIRST_FOUR, "HELP-1005"]
    assert "and 9 more like it" in text_of(desk.card("HELP-1005"))
    flood(desk, 1, first=14)
    assert "and 10 more like it" in text_of(desk.card("HELP-1005"))
    assert lost(desk) == []
    desk.writes("eva", "which colour is it?", ticket="HELP-1001")
    assert "which colour" in text_of(desk.last("p0"))
    assert "which colour" not in text_of(desk.last("p14"))


def cancel(desk: Helpdesk) -> None:
    pressed_newest(desk, "p0", "cancel")


def merge_into_one_behind_it(desk: Helpdesk) -> None:
    do(desk, "eva", "merge", ticket="HELP-1009")


def assign(desk: Helpdesk) -> None:
    do(desk, "eva", "assign", engineer="slack:T1/eric")


def transfer(desk: Helpdesk) -> None:
    do(desk, "eva", "transfer", queue="network")


@pytest.mark.parametrize("goes", [cancel, merge_into_one_behind_it, assign, transfer])
def test_nobody_is_forgotten_however_the_lead_goes(
    database: Database, library: Library, clock: Clock, goes: Callable[[Helpdesk], None]
) -> None:
    rooms: dict[str, tuple[ConversationRef, ...]] = {"": (ROOM,), "network": (OTHER_ROOM,)}
    desk = Helpdesk(database, library, clock, engineers=ENGINEERS, queue_rooms=rooms)
    flood(desk, 14)
    goes(desk)
    settled(desk)
    assert (ticket(desk, 1).status, ticket(desk, 1).queue) != (Status.OPEN, "")
    assert lost(desk) == []
    assert "more like it" not in text_of(desk.card("HELP-1001"))
    assert f"and {9 if goes is not merge_into_one_behind_it else 8} more" in text_of(desk.card("HELP-1005"))


def test_when_few_are_left_each_gets_its_card(desk: Helpdesk) -> None:
    flood(desk, 8)
    claim(desk, "HELP-1001")
    assert shown(desk) == [f"HELP-{number}" for number in range(1001, 1009)]
    assert not [reply for reply in desk.in_space("CROOM") if "more like it" in text_of(reply)]
    assert lost(desk) == []


def test_an_engineer_may_see_each_of_them(desk: Helpdesk) -> None:
    flood(desk, 60)
    desk.click("eva", desk.button(desk.card("HELP-1001"), "show_each"), conversation=ROOM)
    settled(desk)
    assert shown(desk) == [f"HELP-{number}" for number in range(1001, 1061)]
    assert buttons_of(desk.card("HELP-1001")) == ["claim"]
    assert lost(desk) == []


def test_one_whose_requester_writes_gets_its_card_with_what_they_wrote(desk: Helpdesk, clock: Clock) -> None:
    flood(desk, 6)
    desk.say("ana", UNKNOWN, thread="7.0")
    desk.say("tom", UNKNOWN, thread="8.0", message="m8")
    settled(desk)
    assert shown(desk) == FIRST_FOUR
    clock.move(minutes=5)
    desk.say("ana", "it stains the carpet, too", thread="7.0", addressed=Addressed.THREAD)
    changed = replace(desk.utterance("tom", UNKNOWN, thread="8.0", message="m8"), change=Change.EDITED)
    desk.desk.intake.receive(replace(changed, text=f"{UNKNOWN} and jelly"))
    settled(desk)
    assert shown(desk) == [*FIRST_FOUR, "HELP-1007", "HELP-1008"]
    room = "\n".join(desk.texts_in("CROOM"))
    assert ("stains the carpet" in room, "and jelly" in room) == (True, True)
    assert "and 2 more like it" in text_of(desk.card("HELP-1001"))


def test_what_stands_out_gets_its_card(desk: Helpdesk) -> None:
    flood(desk, 6)
    flood(desk, 3, STUCK, first=6)  # the first of them says what the others say, too
    flood(desk, 2, HACKED, first=9)
    assert shown(desk) == [*FIRST_FOUR, "HELP-1007", "HELP-1010"]
    assert "and 5 more like it" in text_of(desk.card("HELP-1001"))


def test_only_like_ones_of_the_last_hours_are_counted(desk: Helpdesk, clock: Clock) -> None:
    flood(desk, 4)
    flood(desk, 4, OTHER, first=4)
    clock.now += ALIKE_WITHIN * 2
    flood(desk, 4, first=8)
    assert len(shown(desk)) == 12
    flood(desk, 1, first=12)
    assert len(shown(desk)) == 12
    assert "and 1 more like it" in text_of(desk.card("HELP-1009"))


def test_a_wish_is_no_sign_that_something_is_broken(desk: Helpdesk) -> None:
    for number in range(7):
        desk.say(f"p{number}", "I would like to talk to a human")
    settled(desk)
    assert len(shown(desk)) == 7


def test_in_shadow_mode_each_is_judged(database: Database, library: Library, clock: Clock) -> None:
    desk = Helpdesk(database, library, clock, shadow="slack")
    flood(desk, 7)
    assert len(shown(desk)) == 7


def test_what_an_engineer_opens_for_somebody_has_its_card(desk: Helpdesk) -> None:
    flood(desk, 6)
    behalf = Behalf(Identity("slack", "T1", "ana"), "Ana", desk.direct("ana", thread="new:x"))
    desk.say("eva", UNKNOWN, behalf=behalf)
    assert shown(desk) == [*FIRST_FOUR, "HELP-1007"]


@pytest.mark.parametrize("action", ["claim", "group"])
def test_none_is_lost_when_all_ask_at_the_moment_when_the_lead_goes(desk: Helpdesk, action: str) -> None:
    flood(desk, 8)
    lead = desk.button(desk.card("HELP-1001"), action)
    inputs = {"title": TITLE} if action == "group" else None
    click = Click(lead.action, lead.token, lead.argument, inputs)
    pressed = desk.utterance("eva", click=click, addressed=Addressed.CLICK, conversation=ROOM)
    asked = [desk.utterance(f"p{number}", UNKNOWN) for number in range(8, 24)]
    all_at_once(
        [
            *(partial(desk.desk.intake.receive, utterance) for utterance in asked),
            partial(desk.desk.intake.receive, pressed),
            *[desk.desk.clusters.settle_next] * 4,
            *[desk.desk.outages.tell_next_joined] * 2,
        ]
    )
    settled(desk)
    assert ticket(desk, 1).outage_id is not None or ticket(desk, 1).status is Status.CLAIMED
    assert lost(desk) == []


def test_when_all_ask_at_the_same_moment_one_card_stands_for_them(desk: Helpdesk) -> None:
    asked = [desk.utterance(f"p{number}", UNKNOWN) for number in range(24)]
    all_at_once([partial(desk.desk.intake.receive, utterance) for utterance in asked])
    settled(desk)
    assert lost(desk) == []
    flood(desk, 6, first=24)
    assert lost(desk) == []
    assert len([reply for reply in desk.in_space("CROOM") if "more like it" in text_of(reply)]) == 1
