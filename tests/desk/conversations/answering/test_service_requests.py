"""What the desk is asked and no article answers: a ticket of its kind at once, and the form afterwards."""

from dataclasses import replace

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import BACK, Addressed, ConversationRef, Link, OutcomeKind
from bot.domain.tickets.ticket import Priority
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, text_of
from tests.support.desk.outages import begin
from tests.support.desk.outcomes import form_of, send
from tests.support.desk.records import kinds, ticket
from tests.support.desk.service_requests import (
    BESIDE_AN_ARTICLE,
    EITHER,
    LAPTOP,
    LAPTOP_ES,
    MONITOR,
    REMARK,
    with_service_requests,
)
from tests.support.desk.shadow import resolve, unsaid
from tests.support.unknown import UNKNOWN

HELP = ConversationRef("slack", "T1", "CHELP", "7.0", private=False)


@pytest.fixture
def desk(database: Database, library: Library, clock: Clock) -> Helpdesk:
    return Helpdesk(database, with_service_requests(library), clock)


def test_a_request_opens_a_ticket_of_its_kind_at_once(desk: Helpdesk) -> None:
    outcome = desk.say("ana", LAPTOP)
    assert (outcome.kind, outcome.ticket) == (OutcomeKind.TICKET, "HELP-1001")
    (reply,) = desk.in_space("Dana")
    lines = text_of(reply).splitlines()
    assert lines[:3] == [
        "New laptop",
        "I have opened HELP-1001 for this.",
        "The hardware team checks the stock.",
    ]
    assert [block.url for block in reply.blocks if isinstance(block, Link)] == [
        "https://shop.example.com/laptops"
    ]
    assert [button.label for button in reply.buttons] == ["Add details", "Cancel HELP-1001"]
    assert reply.fields == ()
    assert (ticket(desk).target, ticket(desk).queue, ticket(desk).priority) == (
        "new-laptop",
        "hardware",
        Priority.LOW,
    )


def test_spanish_is_served_in_spanish(desk: Helpdesk) -> None:
    desk.say("ana", LAPTOP_ES)
    (reply,) = desk.in_space("Dana")
    assert "He abierto HELP-1001 para esto." in text_of(reply)
    assert "El equipo de hardware mira el almacén." in text_of(reply)
    assert reply.buttons[0].label == "Añadir detalles"


def test_the_card_in_the_room_names_the_kind_in_the_rooms_language(desk: Helpdesk) -> None:
    desk.say("ana", LAPTOP_ES)
    card = text_of(desk.card("HELP-1001"))
    assert card.splitlines()[1].endswith(" · New laptop")
    assert "Matched words: order" in card
    assert "Tried" not in card
    spanish = desk.desk.page_view.ticket(ROOM, 1, "es")
    assert spanish is not None
    assert "HELP-1001 · Abierto · Portátil nuevo" in text_of(spanish.reply)
    desk.say("tom", "qwertzu asdfgh yxcvbn")
    assert "New laptop" not in text_of(desk.card("HELP-1002"))


def test_details_are_added_by_the_button_and_stand_on_the_card(desk: Helpdesk) -> None:
    desk.say("ana", LAPTOP)
    form = form_of(desk.click("ana", desk.button(desk.last("ana"), "details")))
    assert [field.label for field in form.fields] == ["Which model?", "By when?"]
    assert send(desk, "ana", form, ask0="The light one").kind is OutcomeKind.DONE
    (reply,) = desk.in_space("Dana")
    assert "Thank you" in text_of(reply)
    assert (buttons_of(reply), reply.fields) == (["details", "cancel"], ())
    assert "Which model?: The light one" in text_of(desk.card("HELP-1001"))
    assert text_of(desk.in_space("CROOM")[-1]).startswith("Ana has sent details")
    again = form_of(desk.click("ana", desk.button(reply, "details")))
    assert [field.initial for field in again.fields] == ["The light one", ""]
    send(desk, "ana", again, ask1="Monday")
    assert buttons_of(desk.last("ana")) == ["cancel"]
    assert kinds(desk) == ["opened", "details", "details"]


def test_from_the_form_there_is_a_way_back_to_what_the_employee_read(desk: Helpdesk) -> None:
    desk.say("ana", LAPTOP, channel="teams")
    details = desk.button(desk.last("ana", "teams"), "details")
    (send_it,) = form_of(desk.click("ana", details, channel="teams")).buttons
    back = replace(send_it, action=BACK)
    assert desk.click("ana", back, channel="teams").card == desk.last("ana", "teams")
    assert desk.click("tom", back, channel="teams").kind is OutcomeKind.REFUSED
    desk.click("eva", desk.button(desk.card("HELP-1001"), "claim"), conversation=ROOM)
    card = desk.card("HELP-1001")
    in_room = replace(desk.button(card, "release"), action=BACK)
    assert desk.click("eva", in_room, conversation=ROOM).card == card


def test_an_engineer_asks_for_what_is_missing(desk: Helpdesk) -> None:
    desk.say("ana", LAPTOP)
    button = desk.button(desk.last("ana"), "details")
    desk.click("ana", button, inputs={"ask0": "The light one"})
    desk.click("eva", desk.button(desk.card("HELP-1001"), "claim"), conversation=ROOM)
    desk.click("eva", desk.button(desk.card("HELP-1001"), "ask_details"), conversation=ROOM)
    opened, request = (reply for reply in desk.in_space("Dana") if reply.buttons)
    assert buttons_of(opened) == ["cancel"]
    assert [field.label for field in request.fields] == ["By when?"]


def test_only_the_requester_adds_details_and_only_while_it_lasts(desk: Helpdesk) -> None:
    desk.say("ana", LAPTOP)
    details, cancel = desk.last("ana").buttons
    assert desk.click("tom", details, inputs={"ask0": "mine"}).kind is OutcomeKind.REFUSED
    desk.click("ana", cancel)
    assert buttons_of(desk.in_space("Dana")[0]) == []
    assert desk.click("ana", details).kind is OutcomeKind.REFUSED


def test_a_kind_that_asks_nothing_has_no_form(desk: Helpdesk) -> None:
    desk.say("ana", MONITOR)
    (reply,) = desk.in_space("Dana")
    assert buttons_of(reply) == ["cancel"]
    assert "An engineer will write to you here." in text_of(reply)
    assert not [block for block in reply.blocks if isinstance(block, Link)]


def test_between_two_kinds_nobody_is_asked(desk: Helpdesk) -> None:
    assert desk.say("ana", EITHER).kind is OutcomeKind.TICKET
    assert ticket(desk).target == "new-laptop"


@pytest.mark.parametrize("reply", ["2", "new laptop", ""])
def test_a_choice_may_hold_a_kind_beside_an_article(desk: Helpdesk, reply: str) -> None:
    assert desk.say("ana", BESIDE_AN_ARTICLE, channel="web").kind is OutcomeKind.CHOICE
    choice = desk.last("ana", "web")
    assert "Is something not working, or do you need something new or changed?" in text_of(choice)
    assert choice.buttons[1].label == "New laptop"
    if reply:
        outcome = desk.say("ana", reply, channel="web")
    else:
        outcome = desk.click("ana", choice.buttons[1], channel="web")
    assert outcome.kind is OutcomeKind.TICKET
    assert text_of(desk.last("ana", "web")).startswith("New laptop\n")
    assert ticket(desk).queue == "hardware"
    assert buttons_of(desk.in_space("ana")[0]) == []


def test_a_reply_to_the_question_back_may_be_a_request(desk: Helpdesk) -> None:
    assert desk.say("ana", "it does not work", channel="web").kind is OutcomeKind.ASKED
    assert desk.say("ana", MONITOR, channel="web").kind is OutcomeKind.TICKET
    assert ticket(desk).target == "new-monitor"


def test_after_an_answer_about_the_same_the_ticket_shows_what_was_tried(desk: Helpdesk) -> None:
    assert desk.say("ana", "my laptop is very slow", channel="web").kind is OutcomeKind.ANSWERED
    assert desk.say("ana", LAPTOP, channel="web").kind is OutcomeKind.TICKET
    card = text_of(desk.card("HELP-1001"))
    assert " · New laptop" in card
    assert "Tried: " in card
    assert buttons_of(desk.in_space("ana")[0]) == []


def test_after_an_answer_about_something_else_the_ticket_is_the_requests_alone(desk: Helpdesk) -> None:
    assert desk.say("ana", "I forgot my password", channel="web").kind is OutcomeKind.ANSWERED
    assert desk.say("ana", LAPTOP, channel="web").kind is OutcomeKind.TICKET
    card = text_of(desk.card("HELP-1001"))
    assert card.startswith(f"{LAPTOP}\n")
    assert "Tried: " not in card


def test_a_request_beside_an_open_ticket_is_a_ticket_of_its_own(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN, channel="web")
    desk.clock.move(minutes=3)
    assert desk.say("ana", LAPTOP, channel="web").ticket == "HELP-1002"


def test_that_many_ask_for_the_same_is_no_reason_to_hurry(desk: Helpdesk) -> None:
    for number in range(8):
        desk.say(f"person{number}", LAPTOP)
    assert ticket(desk, 8).priority is Priority.LOW


def test_in_a_help_channel_a_request_is_for_us(desk: Helpdesk) -> None:
    outcome = desk.say("ana", LAPTOP, conversation=HELP, addressed=Addressed.HELP)
    assert outcome.kind is OutcomeKind.TICKET
    assert "a link to this thread" in text_of(desk.in_space("CHELP")[0])


def test_who_has_something_else_than_the_outage_gets_the_ticket_of_their_kind(desk: Helpdesk) -> None:
    desk.say("tom", UNKNOWN)
    begin(desk, title=LAPTOP)
    assert desk.say("ana", LAPTOP).kind is OutcomeKind.ANSWERED
    assert desk.click("ana", desk.button(desk.last("ana"), "other")).kind is OutcomeKind.TICKET
    assert " · New laptop" in text_of(desk.card("HELP-1002"))


# --- shadow mode --------------------------------------------------------------------------------------


def test_in_shadow_mode_the_ticket_has_its_kind_and_nothing_is_said(
    database: Database, library: Library, clock: Clock
) -> None:
    desk = Helpdesk(database, with_service_requests(library), clock, shadow="all")
    desk.say("ana", EITHER)
    (reply,) = desk.in_space("Dana")
    assert buttons_of(reply) == ["cancel"]
    assert "laptop" not in text_of(reply).lower()
    card = text_of(desk.card("HELP-1001"))
    assert " · New laptop" in card
    assert "It would have opened a ticket of this type: New laptop (40 %)." in card
    assert (ticket(desk).queue, unsaid(desk).kind, unsaid(desk).targets) == (
        "hardware",
        "openticket",
        ("new-laptop",),
    )
    resolve(desk, article="none")
    assert unsaid(desk).verdict == "escalated"


# --- remarks ------------------------------------------------------------------------------------------


def test_a_remark_gets_a_kind_word_and_no_ticket(desk: Helpdesk) -> None:
    assert desk.say("ana", REMARK).kind is OutcomeKind.DONE
    assert "talk to a person" in text_of(desk.last("ana"))
    mention = desk.say("tom", REMARK, conversation=HELP, addressed=Addressed.MENTION)
    assert mention.kind is OutcomeKind.DONE
    assert len(desk.in_space("CHELP")) == 1
    assert desk.in_space("CROOM") == []


def test_a_remark_in_a_help_channel_is_left_alone(desk: Helpdesk) -> None:
    assert desk.say("ana", REMARK, conversation=HELP, addressed=Addressed.HELP).kind is OutcomeKind.IGNORED
    assert desk.screen == {}


def test_a_remark_is_no_reply_to_our_question(desk: Helpdesk) -> None:
    desk.say("ana", "vpn not working", channel="web")
    assert desk.say("ana", REMARK, channel="web").kind is OutcomeKind.DONE
    assert desk.say("ana", "1", channel="web").kind is OutcomeKind.ANSWERED


def test_a_remark_about_an_open_ticket_reaches_the_engineers(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN, thread="1.0")
    outcome = desk.say("ana", REMARK, thread="1.0", addressed=Addressed.THREAD)
    assert (outcome.kind, outcome.ticket) == (OutcomeKind.ADDED, "HELP-1001")
    assert REMARK in text_of(desk.in_space("CROOM")[-1])
