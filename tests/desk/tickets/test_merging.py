"""Two tickets that are one matter, or belong together: everybody hears, and nobody is forgotten."""

from dataclasses import replace

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Attachment, Click, Outcome, OutcomeKind
from bot.domain.people import Identity
from bot.domain.tickets.ticket import Status
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.card_menu import asked, do
from tests.support.desk.engineers import ENGINEERS
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, text_of
from tests.support.desk.outcomes import notice
from tests.support.desk.passing_time import look
from tests.support.desk.records import kinds, ticket
from tests.support.desk.simultaneous import at_once, press_of
from tests.support.unknown import UNKNOWN


@pytest.fixture
def desk(database: Database, library: Library, clock: Clock) -> Helpdesk:
    return Helpdesk(database, library, clock, engineers=ENGINEERS)


def two(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN, thread="1.0")
    desk.say("tom", "the flurbostat fizzes, and the goo is green", thread="2.0")


def test_both_employees_of_a_merged_ticket_hear_of_the_resolution(desk: Helpdesk) -> None:
    two(desk)
    done = do(desk, "eva", "merge", "HELP-1002", ticket="help 1001")
    assert done.kind == OutcomeKind.DONE
    assert "HELP-1002 has been merged into HELP-1001" in text_of(desk.last("tom"))
    merged = desk.card("HELP-1002")
    assert "Merged into HELP-1001" in merged.summary
    assert buttons_of(merged) == []
    assert "Merged tickets: HELP-1002" in text_of(desk.card("HELP-1001"))
    assert "the goo is green" in text_of(desk.in_space("CROOM")[-1])

    added = desk.say("tom", "it smells, too", thread="2.0")
    assert (added.kind, added.ticket) == (OutcomeKind.ADDED, "HELP-1001")
    assert "Tom added to HELP-1001:\nit smells, too" in text_of(desk.in_space("CROOM")[-1])

    desk.click("eva", desk.button(desk.card("HELP-1001"), "claim"), conversation=ROOM)
    resolve = desk.button(desk.card("HELP-1001"), "resolve")
    desk.click("eva", resolve, conversation=ROOM, inputs={"note": "Drained it"})
    assert text_of(desk.last("ana")).startswith("Eva has resolved HELP-1001:\nDrained it\n")
    assert text_of(desk.last("tom")) == (
        "Eva has resolved HELP-1001, which includes your ticket HELP-1002:\nDrained it\n"
        "How did it go, from 1 (bad) to 5 (very good)?"
    )
    assert buttons_of(desk.last("tom")) == buttons_of(desk.last("ana")) == ["rate"] * 5 + ["came_back"]
    assert kinds(desk, 2) == ["opened", "merged"]
    assert kinds(desk, 1) == ["opened", "absorbed", "added", "claimed", "resolved"]


def test_a_file_is_for_who_sent_it_and_not_for_the_other_employee(desk: Helpdesk) -> None:
    two(desk)
    do(desk, "eva", "merge", "HELP-1002", ticket="1001")
    desk.click("eva", desk.button(desk.card("HELP-1001"), "claim"), conversation=ROOM)
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
    assert "HELP-1002 is open again on its own" in text_of(desk.last("tom"))
    assert buttons_of(desk.card("HELP-1002")) == ["claim"]
    assert ticket(desk, 2).status is Status.OPEN


def test_what_was_merged_goes_along(desk: Helpdesk) -> None:
    two(desk)
    desk.say("carmen", "the flurbostat is broken", thread="3.0")
    do(desk, "eva", "merge", "HELP-1002", ticket="1001")
    do(desk, "eva", "merge", "HELP-1001", ticket="1003")
    assert [ticket(desk, number).merged_into for number in (1, 2, 3)] == [3, 3, None]
    assert "HELP-1002 has been merged into HELP-1003" in text_of(desk.last("tom"))


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
    desk.click("eric", desk.button(desk.card("HELP-1001"), "claim"), conversation=ROOM)
    merge = press_of(asked(desk, "eva", "merge", "HELP-1002"), ticket="1001")
    token = ticket(desk).token
    end = Click(closing, token, inputs={"note": "done"} if closing == "resolve" else None)
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
    assert "Linked tickets: HELP-1002" in text_of(desk.card("HELP-1001"))
    assert "Linked tickets: HELP-1001" in text_of(desk.card("HELP-1002"))
    assert "already linked" in notice(do(desk, "eric", "relate", "HELP-1002", ticket="1001"))


def test_two_who_link_at_the_same_moment_make_one_link(desk: Helpdesk) -> None:
    two(desk)
    one, other = asked(desk, "eva", "relate", "HELP-1001"), asked(desk, "eric", "relate", "HELP-1002")
    outcomes = at_once(
        desk, [("eva", press_of(one, ticket="1002")), ("eric", press_of(other, ticket="1001"))]
    )
    assert sorted(outcome.kind for outcome in outcomes) == [OutcomeKind.DONE, OutcomeKind.REFUSED]
    assert kinds(desk).count("linked") == 1


# --- what the employee of a merged ticket has at its end, and after it ----------------------------------


def joined(desk: Helpdesk) -> None:
    """Tom's ticket goes on with Ana's, which Eva has."""
    two(desk)
    do(desk, "eva", "merge", "HELP-1002", ticket="1001")
    desk.click("eva", desk.button(desk.card("HELP-1001"), "claim"), conversation=ROOM)


def resolve(desk: Helpdesk) -> None:
    button = desk.button(desk.card("HELP-1001"), "resolve")
    desk.click("eva", button, conversation=ROOM, inputs={"note": "Drained it"})
    look(desk)


def at_home(desk: Helpdesk, person: str, action: str, argument: str | None = None) -> Outcome:
    """Press in the newest message that has the button."""
    thread = "1.0" if person == "ana" else "2.0"
    shown = next(reply for reply in reversed(desk.in_space(f"D{person}")) if action in buttons_of(reply))
    button = desk.button(shown, action, argument)
    return desk.click(person, button, conversation=desk.direct(person, thread=thread))


def offered(desk: Helpdesk, person: str) -> list[str]:
    """All that somebody could press in their chat."""
    return [button for reply in desk.in_space(f"D{person}") for button in buttons_of(reply)]


@pytest.mark.parametrize("how", ["button", "words", "out of the blue"])
def test_who_was_merged_says_that_it_came_back(desk: Helpdesk, how: str) -> None:
    joined(desk)
    resolve(desk)
    if how == "button":
        outcome = at_home(desk, "tom", "came_back")
        assert outcome.card is not None
        assert buttons_of(outcome.card) == []
    else:
        desk.clock.move(days=2)
        outcome = desk.say("tom", "it came back", thread="2.0" if how == "words" else "7.0")
    assert (outcome.kind, outcome.ticket) == (OutcomeKind.TICKET, "HELP-1003")
    assert "a ticket just for you: HELP-1003" in " ".join(desk.texts_in("Dtom"))
    assert "came_back" not in offered(desk, "tom")
    assert "came_back" in offered(desk, "ana")
    again = desk.say("tom", "it came back", thread="2.0")
    assert again.ticket == "HELP-1003"
    assert [ticket(desk, number).live for number in (1, 2, 3)] == [False, False, True]


def test_who_was_merged_says_how_it_went_for_them(desk: Helpdesk) -> None:
    joined(desk)
    resolve(desk)
    at_home(desk, "ana", "rate", "5")
    assert at_home(desk, "tom", "rate", "1").kind is OutcomeKind.DONE
    assert "Tom gave HELP-1002 a rating of 1 out of 5" in text_of(desk.in_space("CROOM")[-1])
    assert buttons_of(desk.card("HELP-1001")) == []
    merged = desk.card("HELP-1002")
    assert (buttons_of(merged), "Rating: 1 of 5" in text_of(merged)) == (["reopen"], True)
    done = desk.click("eric", desk.button(merged, "reopen"), conversation=ROOM)
    assert done.notice is not None
    assert text_of(done.notice).startswith("HELP-1002 can no longer be reopened, so I have opened HELP-1003")
    assert buttons_of(desk.card("HELP-1002")) == []


def test_when_the_first_one_opens_it_again_the_ends_of_both_are_void(desk: Helpdesk) -> None:
    joined(desk)
    resolve(desk)
    at_home(desk, "tom", "rate", "2")
    stale = desk.button(desk.last("tom"), "came_back"), desk.button(desk.last("tom"), "rate", "3")
    reopen = desk.button(desk.card("HELP-1002"), "reopen")
    at_home(desk, "ana", "came_back")
    assert "HELP-1001, which includes your ticket HELP-1002, is open again." in desk.texts_in("Dtom")
    assert [buttons_of(desk.card("HELP-1002")), offered(desk, "tom")] == [[], []]
    home = desk.direct("tom", thread="2.0")
    refused = [desk.click("tom", button, conversation=home) for button in stale]
    assert "HELP-1001" in notice(refused[0])
    assert "can no longer be changed" in notice(refused[1])
    assert (
        notice(desk.click("eric", reopen, conversation=ROOM))
        == "HELP-1002 is already being handled in HELP-1001."
    )
    resolve(desk)
    assert "Rating:" not in text_of(desk.card("HELP-1002"))
    assert offered(desk, "tom") == ["rate"] * 5 + ["came_back"]
    assert kinds(desk, 2) == ["opened", "merged", "rated"]


def test_who_has_gone_on_alone_hears_no_more_of_the_other_ticket(desk: Helpdesk) -> None:
    joined(desk)
    resolve(desk)
    at_home(desk, "tom", "came_back")
    before = desk.texts_in("Dtom")
    at_home(desk, "ana", "came_back")
    assert desk.say("tom", "it smells, too", thread="2.0").ticket == "HELP-1003"
    desk.say("ana", "cancel HELP-1001", thread="1.0")
    assert ticket(desk, 2).status is Status.RESOLVED
    assert desk.texts_in("Dtom")[: len(before)] == before
    assert not any("HELP-1002" in words for words in desk.texts_in("Dtom")[len(before) :])


def test_the_others_hear_that_nobody_has_it_and_of_the_outage(desk: Helpdesk) -> None:
    joined(desk)
    desk.click("eva", desk.button(desk.card("HELP-1001"), "release"), conversation=ROOM)
    assert text_of(desk.last("tom")).startswith(
        "HELP-1001, which includes your ticket HELP-1002, is back with"
    )
    do(desk, "eva", "group", title="Flurbostats fizz", notice_en="Stand back.")
    assert "part of a known outage, “Flurbostats fizz”" in text_of(desk.last("tom"))
    assert text_of(desk.last("tom")).endswith("Stand back.")
    sign = next(reply for reply in desk.in_space("CROOM") if "utage" in reply.summary)
    desk.click("eva", desk.button(sign, "outage_end"), conversation=ROOM, inputs={"note": "Drained."})
    assert "Drained.\nHow did it go" in text_of(desk.last("tom"))
    assert at_home(desk, "tom", "came_back").ticket == "HELP-1003"


@pytest.mark.parametrize("first", ["ana", "tom"])
def test_when_both_say_at_the_same_moment_that_it_came_back_both_have_a_ticket(
    desk: Helpdesk, first: str
) -> None:
    joined(desk)
    resolve(desk)
    clicks = [(who, press_of(desk.button(desk.last(who), "came_back"))) for who in ("ana", "tom")]
    outcomes = at_once(desk, clicks if first == "ana" else clicks[::-1])
    alone = any(outcome.kind is OutcomeKind.TICKET for outcome in outcomes)
    assert ticket(desk, 1).live
    assert kinds(desk, 2).count("followed") == alone
    assert ("came_back" in offered(desk, "tom"), "came_back" in offered(desk, "ana")) == (False, False)
