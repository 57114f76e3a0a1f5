"""Two tickets that are one matter, or belong together: everybody hears, and nobody is forgotten."""

from dataclasses import replace

import pytest

from bot.desk.library import Library
from bot.domain.conversation import Attachment, OutcomeKind, Press
from bot.domain.people import Identity
from bot.domain.ticket import Status
from bot.storage import Database
from tests.conftest import Clock
from tests.desk.helpdesk import ROOM, Helpdesk, buttons_of, text_of
from tests.desk.test_moves import ENGINEERS, UNKNOWN, asked, at_once, do, kinds, notice, press_of, ticket


@pytest.fixture
def desk(database: Database, library: Library, clock: Clock) -> Helpdesk:
    return Helpdesk(database, library, clock, engineers=ENGINEERS)


def two(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN, thread="1.0")
    desk.say("tom", "the flurbostat leaks, and the goo is green", thread="2.0")


def test_both_employees_of_a_merged_ticket_hear_of_the_resolution(desk: Helpdesk) -> None:
    two(desk)
    done = do(desk, "eva", "merge", "HELP-1002", ticket="help 1001")
    assert done.kind == OutcomeKind.DONE
    assert "HELP-1002 is joined with HELP-1001" in text_of(desk.last("tom"))
    merged = desk.card("HELP-1002")
    assert "Joined with HELP-1001" in merged.summary
    assert buttons_of(merged) == []
    assert "Joined with it: HELP-1002" in text_of(desk.card("HELP-1001"))
    assert "the goo is green" in text_of(desk.in_space("CROOM")[-1])

    added = desk.say("tom", "it smells, too", thread="2.0")
    assert (added.kind, added.ticket) == (OutcomeKind.ADDED, "HELP-1001")
    assert "Tom added to HELP-1001:\nit smells, too" in text_of(desk.in_space("CROOM")[-1])

    desk.press("eva", desk.button(desk.card("HELP-1001"), "claim"), conversation=ROOM)
    resolve = desk.button(desk.card("HELP-1001"), "resolve")
    desk.press("eva", resolve, conversation=ROOM, inputs={"note": "Drained it"})
    assert text_of(desk.last("ana")).startswith("Eva has resolved HELP-1001:\nDrained it\n")
    assert text_of(desk.last("tom")) == (
        "Eva has resolved HELP-1001, with which HELP-1002 was joined:\nDrained it"
    )
    assert kinds(desk, 2) == ["opened", "merged"]
    assert kinds(desk, 1) == ["opened", "absorbed", "added", "claimed", "resolved"]


def test_a_file_is_for_who_sent_it_and_not_for_the_other_employee(desk: Helpdesk) -> None:
    two(desk)
    do(desk, "eva", "merge", "HELP-1002", ticket="1001")
    desk.press("eva", desk.button(desk.card("HELP-1001"), "claim"), conversation=ROOM)
    picture = Attachment("payslip.png", "image/png", 3, content=b"png")
    desk.say("tom", "look", thread="2.0", attachments=(picture,), files=1)
    desk.writes("eva", "look", attachments=(replace(picture, name="fix.png"),), files=1)
    with desk.begin() as work:
        ana, tom = (work.people.known(Identity("slack", "T1", who)) for who in ("ana", "tom"))
        assert ana is not None
        assert tom is not None
        readable = [[bool(work.relays.file_for(file, who.id)) for file in (1, 2)] for who in (ana, tom)]
    assert readable == [[False, True], [True, False]]


def test_a_ticket_goes_on_by_itself_when_the_other_is_withdrawn(desk: Helpdesk) -> None:
    two(desk)
    do(desk, "eva", "merge", "HELP-1002", ticket="1001")
    desk.say("ana", "cancel HELP-1001")
    assert "HELP-1002 goes on by itself" in text_of(desk.last("tom"))
    assert buttons_of(desk.card("HELP-1002")) == ["claim"]
    assert ticket(desk, 2).status is Status.OPEN


def test_what_was_merged_goes_along(desk: Helpdesk) -> None:
    two(desk)
    desk.say("carmen", "the flurbostat is broken", thread="3.0")
    do(desk, "eva", "merge", "HELP-1002", ticket="1001")
    do(desk, "eva", "merge", "HELP-1001", ticket="1003")
    assert [ticket(desk, number).merged_into for number in (1, 2, 3)] == [3, 3, None]
    assert "HELP-1002 is joined with HELP-1003" in text_of(desk.last("tom"))


@pytest.mark.parametrize("number", ["", "HELP-1001", "9999", "none"])
def test_a_merge_needs_another_ticket(desk: Helpdesk, number: str) -> None:
    desk.say("ana", UNKNOWN)
    assert "no other ticket" in notice(do(desk, "eva", "merge", ticket=number))


def test_nothing_is_merged_into_what_is_closed(desk: Helpdesk) -> None:
    two(desk)
    desk.say("ana", "cancel HELP-1001")
    assert "HELP-1001 is closed" in notice(do(desk, "eva", "merge", "HELP-1002", ticket="1001"))
    assert ticket(desk, 2).live


def test_two_tickets_merged_into_each_other_at_the_same_moment_leave_one(desk: Helpdesk) -> None:
    two(desk)
    one, other = asked(desk, "eva", "merge", "HELP-1001"), asked(desk, "eric", "merge", "HELP-1002")
    outcomes = at_once(
        desk, [("eva", press_of(one, ticket="1002")), ("eric", press_of(other, ticket="1001"))]
    )
    assert sorted(outcome.kind for outcome in outcomes) == [OutcomeKind.DONE, OutcomeKind.REFUSED]
    live = [number for number in (1, 2) if ticket(desk, number).live]
    assert len(live) == 1
    assert ticket(desk, 3 - live[0]).merged_into == live[0]


@pytest.mark.parametrize("closing", ["resolve", "cancel"])
def test_nobody_is_forgotten_when_a_merge_meets_the_end_of_the_other(desk: Helpdesk, closing: str) -> None:
    two(desk)
    desk.press("eric", desk.button(desk.card("HELP-1001"), "claim"), conversation=ROOM)
    merge = press_of(asked(desk, "eva", "merge", "HELP-1002"), ticket="1001")
    token = ticket(desk).token
    end = Press(closing, token, inputs={"note": "done"} if closing == "resolve" else None)
    at_once(desk, [("eva", merge), ("eric" if closing == "resolve" else "ana", end)])
    duplicate, words = ticket(desk, 2), text_of(desk.last("tom"))
    if duplicate.merged_into is None:
        assert duplicate.live
    else:
        assert closing == "resolve"
        assert "Eric has resolved HELP-1001" in words


def test_linked_tickets_show_each_other(desk: Helpdesk) -> None:
    two(desk)
    do(desk, "eva", "relate", ticket="1002")
    assert "Linked: HELP-1002" in text_of(desk.card("HELP-1001"))
    assert "Linked: HELP-1001" in text_of(desk.card("HELP-1002"))
    assert "linked already" in notice(do(desk, "eric", "relate", "HELP-1002", ticket="1001"))


def test_two_who_link_at_the_same_moment_make_one_link(desk: Helpdesk) -> None:
    two(desk)
    one, other = asked(desk, "eva", "relate", "HELP-1001"), asked(desk, "eric", "relate", "HELP-1002")
    outcomes = at_once(
        desk, [("eva", press_of(one, ticket="1002")), ("eric", press_of(other, ticket="1001"))]
    )
    assert sorted(outcome.kind for outcome in outcomes) == [OutcomeKind.DONE, OutcomeKind.REFUSED]
    assert kinds(desk).count("linked") == 1
