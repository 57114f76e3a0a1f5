"""The end of a ticket: what was posted about it keeps no button that would be refused to everybody."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Attachment, OutcomeKind, Reply
from bot.domain.tickets.queues import Queue, Queues
from bot.domain.tickets.ticket import Status
from bot.storage import Database
from bot.storage.schema.messages import outbox
from bot.storage.schema.tables import conversations
from tests.support.clock import Clock
from tests.support.desk.card_menu import do
from tests.support.desk.claimed_tickets import card, claimed
from tests.support.desk.engineers import resolve
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, text_of
from tests.support.desk.outages import sign
from tests.support.desk.passing_time import look
from tests.support.desk.places import pressed
from tests.support.desk.records import ticket
from tests.support.unknown import ALIKE, OTHER, UNKNOWN


def acknowledgement(helpdesk: Helpdesk, person: str = "ana") -> Reply:
    return next(reply for reply in helpdesk.in_space(f"D{person}") if "Your ticket is" in text_of(reply))


# --- buttons that would be refused --------------------------------------------------------------------


def test_a_resolution_takes_the_buttons_off_what_was_posted_before(helpdesk: Helpdesk) -> None:
    number = claimed(helpdesk)
    helpdesk.click("eva", helpdesk.button(card(helpdesk, number), "ask_details"), conversation=ROOM)
    checklist = helpdesk.last("ana")
    assert (buttons_of(acknowledgement(helpdesk)), buttons_of(checklist)) == (["cancel"], ["details"])
    look(helpdesk)
    assert (buttons_of(acknowledgement(helpdesk)), buttons_of(helpdesk.last("ana"))) == (
        ["cancel"],
        ["details"],
    )
    resolve(helpdesk)
    look(helpdesk)
    assert buttons_of(acknowledgement(helpdesk)) == []
    asked = next(reply for reply in helpdesk.in_space("Dana") if checklist.summary == reply.summary)
    assert (asked.buttons, asked.fields) == ((), ())
    assert text_of(asked) == f"{text_of(checklist)}\n✓ No answer needed any more."
    assert buttons_of(helpdesk.last("ana")) == ["rate"] * 5 + ["came_back"]


def test_who_withdraws_sees_the_button_go_at_once(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    helpdesk.click("ana", acknowledgement(helpdesk).buttons[0], conversation=helpdesk.direct("ana"))
    assert buttons_of(acknowledgement(helpdesk)) == []
    assert text_of(helpdesk.last("ana")) == "HELP-1001 is cancelled."


@pytest.mark.parametrize("end", ["merge", "outage", "by_desk", "release"])
def test_whatever_ends_it_takes_them_off(helpdesk: Helpdesk, end: str) -> None:
    claimed(helpdesk)
    helpdesk.say("tom", OTHER)
    match end:
        case "merge":
            do(helpdesk, "eva", "merge", ticket="1002")
        case "outage":
            do(helpdesk, "eva", "group", title="Flurbostats fizz")
            over = helpdesk.button(sign(helpdesk), "outage_end")
            helpdesk.click("eva", over, conversation=ROOM, inputs={"note": ""})
        case "by_desk":
            with helpdesk.begin() as work:
                one = work.tickets.get(1)
                assert one is not None
                helpdesk.desk.lifecycle.release(work, one, helpdesk.clock())
        case "release":
            helpdesk.click("eva", helpdesk.button(card(helpdesk, "HELP-1001"), "release"), conversation=ROOM)
    look(helpdesk)
    assert buttons_of(acknowledgement(helpdesk)) == ([] if end in ("merge", "outage") else ["cancel"])
    assert buttons_of(acknowledgement(helpdesk, "tom")) == ["cancel"]


def test_a_list_of_tickets_loses_the_button_of_the_one_that_ended(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, channel="teams")
    helpdesk.clock.move(hours=1)
    helpdesk.say("ana", OTHER, channel="teams")
    helpdesk.say("ana", "my tickets", channel="teams")
    tickets = helpdesk.last("ana", "teams")
    assert buttons_of(tickets) == ["cancel", "cancel"]
    helpdesk.say("ana", "cancel HELP-1001", channel="teams")
    left = next(reply for reply in helpdesk.in_space("ana") if reply.summary == tickets.summary)
    assert [button.label for button in left.buttons] == ["Cancel HELP-1002"]


def test_what_stands_is_not_touched_and_nothing_is_taken_off_twice(helpdesk: Helpdesk) -> None:
    number = claimed(helpdesk)
    look(helpdesk)
    before = len(helpdesk.posts)
    helpdesk.click("eva", helpdesk.button(card(helpdesk, number), "release"), conversation=ROOM)
    look(helpdesk)
    assert not [post for post in helpdesk.posts[before:] if post.revises]
    helpdesk.click("eva", helpdesk.button(card(helpdesk, number), "claim"), conversation=ROOM)
    resolve(helpdesk)
    look(helpdesk)
    changed = [post for post in helpdesk.posts if post.revises]
    helpdesk.clock.move(minutes=1)
    with helpdesk.begin() as work:
        work.schedule.set_next_check(1, helpdesk.clock())
    look(helpdesk)
    assert [post for post in helpdesk.posts if post.revises] == changed
    assert len(changed) == 1


# --- the order in which conversations are locked ------------------------------------------------------


def written(database: Database, after: int) -> list[str]:
    """Where the rows were entered, in their order: entering one locks its conversation."""
    with database.transaction() as connection:
        rows = connection.execute(
            select(conversations.c.space)
            .join(outbox, outbox.c.conversation_id == conversations.c.id)
            .where(outbox.c.id > after)
            .order_by(outbox.c.id)
        )
        return ["room" if space == ROOM.space else "employee" for space in rows.scalars()]


def newest(database: Database) -> int:
    with database.transaction() as connection:
        return int(connection.execute(select(func.max(outbox.c.id))).scalar_one())


@pytest.mark.parametrize("how", ["button", "words"])
def test_who_withdraws_is_told_before_the_rooms(helpdesk: Helpdesk, database: Database, how: str) -> None:
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    for person in ("tom", "carmen"):
        helpdesk.say(person, f"{person} says {OTHER}")
    for number in ("HELP-1002", "HELP-1003"):
        do(helpdesk, "eva", "merge", number, ticket="1001")
    before = newest(database)
    if how == "button":
        helpdesk.click("ana", acknowledgement(helpdesk).buttons[0], conversation=helpdesk.direct("ana"))
    else:
        helpdesk.say("ana", "cancel HELP-1001", thread="1.0")
    order = written(database, before)
    assert order == sorted(order)
    assert order.count("employee") == 4  # the acknowledgement, the answer, and two who were merged
    assert [ticket(helpdesk, number).status for number in (1, 2, 3)] == [
        Status.WITHDRAWN,
        Status.OPEN,
        Status.OPEN,
    ]
    room = [text_of(reply) for reply in helpdesk.in_space("CROOM")]
    assert sum("is open again and waiting to be claimed" in line for line in room) == 2


def test_who_sends_a_file_that_cannot_go_is_told_before_the_rooms(
    helpdesk: Helpdesk, database: Database
) -> None:
    claimed(helpdesk)
    before = newest(database)
    huge = Attachment("film.mov", "video/quicktime", 10**12, source="F1")
    helpdesk.say("ana", "look at this", thread="1.0", attachments=(huge,), files=1)
    order = written(database, before)
    assert order == sorted(order)
    assert order.count("employee") == 2  # that it was passed on, and that the file was not


def test_what_is_added_in_one_breath_shows_on_the_card(helpdesk: Helpdesk, database: Database) -> None:
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    before = newest(database)
    helpdesk.say("ana", "and it smells", thread="1.0")
    order = written(database, before)
    assert order == sorted(order)
    assert "and it smells" in text_of(card(helpdesk, "HELP-1001"))


# --- ends without a person ----------------------------------------------------------------------------


def ended_outage(helpdesk: Helpdesk, note: str = "") -> None:
    do(helpdesk, "eva", "group", title="Flurbostats fizz")
    helpdesk.say("tom", ALIKE)
    joined = helpdesk.button(helpdesk.last("tom"), "joined")
    helpdesk.click("tom", joined, conversation=helpdesk.direct("tom"))
    end = helpdesk.button(sign(helpdesk), "outage_end")
    helpdesk.click("eva", end, conversation=ROOM, inputs={"note": note})


def test_the_end_of_an_outage_asks_how_it_went_as_any_resolution(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    ended_outage(helpdesk, "Drained them all.")
    for person in ("ana", "tom"):
        last = helpdesk.last(person)
        assert "is over" in text_of(last)
        assert "Drained them all.\nHow did it go" in text_of(last)
        assert buttons_of(last) == ["rate"] * 5 + ["came_back"]
    outcome = pressed(helpdesk, "tom", "rate", "1")
    assert outcome.kind is OutcomeKind.DONE
    assert text_of(helpdesk.in_space("CROOM")[-1]) == "Tom gave HELP-1002 a rating of 1 out of 5."
    pressed(helpdesk, "ana", "rate", "1")
    assert buttons_of(card(helpdesk, "HELP-1001")) == ["reopen"]


def test_what_ended_with_an_outage_comes_back_as_a_ticket_of_its_own(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    ended_outage(helpdesk)
    outcome = pressed(helpdesk, "tom", "came_back")
    assert (outcome.kind, outcome.ticket) == (OutcomeKind.TICKET, "HELP-1003")
    assert outcome.card is not None
    assert buttons_of(outcome.card) == []
    assert "a ticket just for you: HELP-1003" in text_of(helpdesk.last("tom"))
    assert "which was closed together with other tickets" in text_of(helpdesk.in_space("CROOM")[-1])
    assert buttons_of(card(helpdesk, "HELP-1003")) == ["claim"]


@pytest.mark.parametrize("later", [1, 30])
def test_what_the_desk_closed_offers_a_way_back_and_asks_nothing(
    database: Database, library: Library, clock: Clock, later: int
) -> None:
    queue = Queue("it", {"en": "IT desk"}, close_after=timedelta(days=5))
    helpdesk = Helpdesk(database, library, clock, queues=Queues({"it": queue}, "it"))
    claimed(helpdesk)
    helpdesk.writes("eva", "Which one is it?")
    look(helpdesk)
    helpdesk.clock.move(days=6)
    look(helpdesk)
    assert ticket(helpdesk).status is Status.RESOLVED
    assert "so I have closed it" in text_of(helpdesk.last("ana"))
    assert buttons_of(helpdesk.last("ana")) == ["came_back"]
    assert buttons_of(acknowledgement(helpdesk)) == []
    closed = helpdesk.last("ana")
    helpdesk.clock.move(days=later)
    outcome = pressed(helpdesk, "ana", "came_back")
    assert ticket(helpdesk).status is (Status.CLAIMED if later == 1 else Status.RESOLVED)
    assert outcome.ticket == ("HELP-1001" if later == 1 else "HELP-1002")
    shown = next(reply for reply in helpdesk.in_space("Dana") if reply.summary == closed.summary)
    assert outcome.card == shown
    assert buttons_of(shown) == []


def test_reopen_on_the_card_follows_the_rule_for_the_employee(helpdesk: Helpdesk) -> None:
    claimed(helpdesk)
    resolve(helpdesk)
    pressed(helpdesk, "ana", "rate", "1")
    button = helpdesk.button(card(helpdesk, "HELP-1001"), "reopen")
    helpdesk.clock.move(days=30)
    outcome = helpdesk.click("eric", button, conversation=ROOM)
    assert outcome.kind is OutcomeKind.DONE
    assert outcome.notice is not None
    assert (
        text_of(outcome.notice)
        == "HELP-1001 can no longer be reopened, so I have opened HELP-1002 as a follow-up."
    )
    assert ticket(helpdesk).status is Status.RESOLVED
    new = ticket(helpdesk, 2)
    assert (new.requester.name, new.opened_by and new.opened_by.name) == ("Ana", "Eric")
    assert "HELP-1002" in text_of(helpdesk.last("ana"))
    assert buttons_of(card(helpdesk, "HELP-1001")) == []
    late = helpdesk.click("eva", button, conversation=ROOM)
    assert late.kind is OutcomeKind.REFUSED
    assert late.notice is not None
    assert text_of(late.notice) == "HELP-1001 is already being handled in HELP-1002."


def test_a_merged_tickets_card_offers_no_way_back_that_is_refused(helpdesk: Helpdesk) -> None:
    claimed(helpdesk)
    resolve(helpdesk)
    pressed(helpdesk, "ana", "rate", "1")
    helpdesk.click("eva", helpdesk.button(card(helpdesk, "HELP-1001"), "reopen"), conversation=ROOM)
    helpdesk.say("tom", OTHER)
    do(helpdesk, "eva", "merge", ticket="1002")
    assert (buttons_of(card(helpdesk, "HELP-1001")), card(helpdesk, "HELP-1001").menu) == ([], ())


# --- what a card says after its end -------------------------------------------------------------------


def test_the_note_of_a_reopened_ticket_is_called_the_last_ones(helpdesk: Helpdesk) -> None:
    claimed(helpdesk)
    resolve(helpdesk)
    assert "Note to the employee:\nTightened it" in text_of(card(helpdesk, "HELP-1001"))
    pressed(helpdesk, "ana", "came_back")
    shown = text_of(card(helpdesk, "HELP-1001"))
    assert "Note from the last resolution:\nTightened it" in shown
    assert "Note to the employee" not in shown
    with helpdesk.begin() as work:
        reopened = work.tickets.get(1)
        assert reopened is not None
        assert helpdesk.desk.dispatcher._cards.mirror_record(work, reopened).note == ""


def test_an_end_without_a_note_shows_no_earlier_one(helpdesk: Helpdesk) -> None:
    claimed(helpdesk)
    resolve(helpdesk)
    pressed(helpdesk, "ana", "came_back")
    do(helpdesk, "eva", "group", title="Flurbostats fizz")
    end = helpdesk.button(sign(helpdesk), "outage_end")
    helpdesk.click("eva", end, conversation=ROOM, inputs={"note": ""})
    assert "Tightened it" not in text_of(card(helpdesk, "HELP-1001"))


def test_the_sign_names_the_languages_of_its_notices(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    notices = {"notice_en": "Stand back.", "notice_es": "Aléjate."}
    do(helpdesk, "eva", "group", title="Flurbostats fizz", **notices)
    shown = text_of(sign(helpdesk))
    assert "Notice in English:\nStand back.\nNotice in Spanish:\nAléjate." in shown
    end = helpdesk.button(sign(helpdesk), "outage_end")
    helpdesk.click("eva", end, conversation=ROOM, inputs={"note": "Drained."})
    assert "Closing note:\nDrained." in text_of(sign(helpdesk))
