"""A silent assignee is asked whether they go on, and a ticket whose employee is silent is closed."""

from datetime import timedelta

import pytest

from bot.desk.ports.tickets import TicketEvent
from bot.domain.conversations.messages import Mention, OutcomeKind, Reply
from bot.domain.people import Identity
from bot.domain.tickets.ticket import Status
from tests.support.desk.engineers import claim
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, text_of
from tests.support.desk.passing_time import HOURS, Play, walk_to
from tests.support.desk.places import in_room, in_threads
from tests.support.desk.records import kinds, ticket
from tests.support.unknown import UNKNOWN


def silent(play: Play) -> tuple[Helpdesk, Reply]:
    helpdesk = play(silent_after=2 * HOURS, release_after=1 * HOURS)
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    walk_to(helpdesk, "2026-03-02 12:00")
    [question] = in_threads(helpdesk)
    assert buttons_of(question) == ["keep", "let_go"]
    assert question.blocks[0] == Mention("Eva", (Identity("slack", "T1", "eva"),))
    return helpdesk, question


@pytest.mark.parametrize(("release_after", "promised"), [(1 * HOURS, True), (None, False)])
def test_only_a_queue_that_releases_says_that_it_will(
    play: Play, release_after: timedelta | None, promised: bool
) -> None:
    helpdesk = play(silent_after=2 * HOURS, release_after=release_after)
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    walk_to(helpdesk, "2026-03-02 12:00")
    [question] = in_threads(helpdesk)
    assert ("give it back to the team" in text_of(question)) is promised
    walk_to(helpdesk, "2026-03-02 14:00")
    assert (ticket(helpdesk).status is Status.OPEN) is promised


def test_a_silent_assignee_is_asked_and_then_the_ticket_is_open_again(play: Play) -> None:
    helpdesk, _ = silent(play)
    walk_to(helpdesk, "2026-03-02 13:00")
    assert ticket(helpdesk).status is Status.OPEN
    assert "I have given it back to the team" in text_of(helpdesk.last("ana"))
    assert "HELP-1001 (Ana) is open again, as Eva did not answer" in in_room(helpdesk)[0]
    with helpdesk.begin() as work:
        last = work.tickets.events(1)[-1]
    assert (last.kind, last.actor, last.channel) == ("released", None, "desk")
    walk_to(helpdesk, "2026-03-02 13:15")
    assert buttons_of(in_threads(helpdesk)[0]) == []


def test_whoever_goes_on_is_asked_again_later(play: Play) -> None:
    helpdesk, question = silent(play)
    keep = helpdesk.button(question, "keep")
    refused = helpdesk.click("eric", keep, conversation=ROOM)
    assert refused.kind is OutcomeKind.REFUSED
    done = helpdesk.click("eva", keep, conversation=ROOM, inline=True)
    assert done.kind is OutcomeKind.DONE
    assert done.card is not None
    assert "✓ Eva is still on it." in text_of(done.card)
    assert buttons_of(in_threads(helpdesk)[0]) == []
    walk_to(helpdesk, "2026-03-02 13:45")
    assert len(in_threads(helpdesk)) == 1
    walk_to(helpdesk, "2026-03-02 14:00")
    assert len(in_threads(helpdesk)) == 2
    assert ticket(helpdesk).status is Status.CLAIMED


def test_whoever_lets_go_releases_it(play: Play) -> None:
    helpdesk, question = silent(play)
    done = helpdesk.click("eva", helpdesk.button(question, "let_go"), conversation=ROOM)
    assert done.kind is OutcomeKind.DONE
    assert ticket(helpdesk).status is Status.OPEN
    assert "✓ Eva has released it." in text_of(in_threads(helpdesk)[0])
    assert "passed" in text_of(helpdesk.last("ana"))
    late = helpdesk.click("eva", helpdesk.button(question, "keep"), conversation=ROOM)
    assert late.kind is OutcomeKind.REFUSED


def test_a_resolved_ticket_asks_nobody(play: Play) -> None:
    helpdesk, _ = silent(play)
    resolve = helpdesk.button(helpdesk.card("HELP-1001"), "resolve")
    helpdesk.click("eva", resolve, conversation=ROOM, inputs={"note": "done"})
    walk_to(helpdesk, "2026-03-02 14:00")
    assert ticket(helpdesk).status is Status.RESOLVED
    assert buttons_of(in_threads(helpdesk)[0]) == []
    assert in_room(helpdesk) == []


def word(helpdesk: Helpdesk, kind: str, who: str) -> None:
    """Word between an engineer and the employee, as the history has it."""
    with helpdesk.begin() as work:
        person = work.people.known(Identity("slack", "T1", who))
        work.tickets.record(TicketEvent(1, helpdesk.clock(), kind, person, "slack"))


@pytest.mark.parametrize("kind", ["sent", "asked_details"])
def test_who_waits_for_the_employee_is_not_asked_and_the_ticket_closes_by_itself(
    play: Play, kind: str
) -> None:
    helpdesk = play(silent_after=2 * HOURS, close_after=timedelta(days=5))
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    word(helpdesk, kind, "eva")
    walk_to(helpdesk, "2026-03-06 19:00")
    assert in_threads(helpdesk) == []
    walk_to(helpdesk, "2026-03-07 12:00")  # five days are over, on a Saturday
    assert ticket(helpdesk).status is Status.CLAIMED
    walk_to(helpdesk, "2026-03-09 09:00")
    assert ticket(helpdesk).status is Status.RESOLVED
    assert "so I have closed it" in text_of(helpdesk.last("ana"))
    assert kinds(helpdesk)[-1] == "closed"


def test_details_that_were_asked_for_and_sent_are_words_too(play: Play) -> None:
    helpdesk = play(close_after=timedelta(days=5))
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    claim(helpdesk)
    word(helpdesk, "sent", "eva")
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "ask_details"), conversation=ROOM)
    walk_to(helpdesk, "2026-03-03 09:00")
    helpdesk.click("ana", helpdesk.button(helpdesk.last("ana"), "details"), inputs={"ask0": "FL-2000"})
    walk_to(helpdesk, "2026-03-16 12:00")
    assert ticket(helpdesk).status is Status.CLAIMED  # the engineer has the word


def test_who_is_asked_for_details_and_says_nothing_lets_the_ticket_close(play: Play) -> None:
    helpdesk = play(close_after=timedelta(days=5))
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "ask_details"), conversation=ROOM)
    walk_to(helpdesk, "2026-03-09 09:00")
    assert ticket(helpdesk).status is Status.RESOLVED


def test_whose_ticket_was_merged_hears_when_the_desk_closes_the_other(play: Play) -> None:
    helpdesk = play(close_after=timedelta(days=5))
    helpdesk.say("ana", UNKNOWN)
    helpdesk.say("ben", UNKNOWN)
    form = helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1002"), "merge"), conversation=ROOM)
    assert form.card is not None
    helpdesk.click("eva", form.card.buttons[0], conversation=ROOM, inputs={"ticket": "1001"})
    claim(helpdesk)
    word(helpdesk, "sent", "eva")
    walk_to(helpdesk, "2026-03-09 09:00")
    assert ticket(helpdesk).status is Status.RESOLVED
    assert "so I have closed it" in text_of(helpdesk.last("ana"))
    assert text_of(helpdesk.last("ben")) == "HELP-1001, which includes your ticket HELP-1002, is resolved."


@pytest.mark.parametrize("kind", ["added", "details"])
def test_an_answer_of_the_employee_gives_the_word_back(play: Play, kind: str) -> None:
    helpdesk = play(silent_after=2 * HOURS, close_after=timedelta(days=5))
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    word(helpdesk, "sent", "eva")
    walk_to(helpdesk, "2026-03-03 09:00")
    word(helpdesk, kind, "ana")
    walk_to(helpdesk, "2026-03-03 10:45")
    assert in_threads(helpdesk) == []
    walk_to(helpdesk, "2026-03-03 11:00")
    assert buttons_of(in_threads(helpdesk)[-1]) == ["keep", "let_go"]
