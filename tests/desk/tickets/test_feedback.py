"""How it went: one press, an optional sentence, and what a low mark sets going."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.conversations.messages import Addressed, Button, Click, OutcomeKind, Reply
from bot.domain.tickets.ticket import Status
from tests.support.desk.claimed_tickets import card, resolved
from tests.support.desk.helpdesk import Helpdesk, buttons_of, text_of
from tests.support.desk.outcomes import form_of, send
from tests.support.desk.records import kinds


def told(helpdesk: Helpdesk, channel: str = "slack") -> Reply:
    """The message that told the last resolution."""
    space = helpdesk.direct("ana", channel).space
    return [reply for reply in helpdesk.in_space(space) if "has resolved" in text_of(reply)][-1]


def mark(helpdesk: Helpdesk, number: int) -> Button:
    """The button of a mark."""
    return helpdesk.button(told(helpdesk), "rate", str(number))


def mean(helpdesk: Helpdesk) -> tuple[int, float | None]:
    """How many marks there are, and their mean."""
    with helpdesk.begin() as work:
        found = work.ratings.mean(helpdesk.clock() - timedelta(days=60))
    return found.count, found.value


def test_the_resolution_asks_once(helpdesk: Helpdesk) -> None:
    resolved(helpdesk)
    assert buttons_of(told(helpdesk)) == ["rate"] * 5 + ["came_back"]
    assert [button.label for button in told(helpdesk).buttons[:5]] == ["1", "2", "3", "4", "5"]
    assert text_of(told(helpdesk)).count("How did it go") == 1
    assert mean(helpdesk) == (0, None)


def test_one_press_is_kept_and_shown_on_the_card(helpdesk: Helpdesk) -> None:
    ticket = resolved(helpdesk)
    outcome = helpdesk.click("ana", mark(helpdesk, 4))
    assert outcome.kind == OutcomeKind.DONE
    assert outcome.card == told(helpdesk)
    assert "You gave it 4 of 5" in text_of(told(helpdesk))
    assert "Rating: 4 of 5" in text_of(card(helpdesk, ticket))
    assert buttons_of(card(helpdesk, ticket)) == []
    assert len(helpdesk.in_space("CROOM")) == 1
    assert mean(helpdesk) == (1, 4.0)


def test_only_the_requesters_press_counts(helpdesk: Helpdesk) -> None:
    resolved(helpdesk)
    for person in ("tom", "eva"):
        assert helpdesk.click(person, mark(helpdesk, 5)).kind == OutcomeKind.REFUSED
    assert mean(helpdesk) == (0, None)


def test_the_mark_may_change_until_there_is_a_sentence(helpdesk: Helpdesk) -> None:
    ticket = resolved(helpdesk)
    helpdesk.click("ana", mark(helpdesk, 3))
    helpdesk.click("ana", mark(helpdesk, 5))
    assert mean(helpdesk) == (1, 5.0)
    comment = helpdesk.button(told(helpdesk), "comment")
    form = form_of(helpdesk.click("ana", comment))
    assert send(helpdesk, "ana", form, comment="  ").kind == OutcomeKind.REFUSED
    assert send(helpdesk, "ana", form, comment="Quick & kind <b>").kind == OutcomeKind.DONE
    assert "Quick & kind <b>" in text_of(card(helpdesk, ticket))
    assert buttons_of(told(helpdesk)) == ["came_back"]
    late = Button("rate", "1", comment.token, "1")
    assert helpdesk.click("ana", late).kind == OutcomeKind.REFUSED
    assert send(helpdesk, "ana", form, comment="again").kind == OutcomeKind.REFUSED
    assert mean(helpdesk) == (1, 5.0)
    assert kinds(helpdesk)[-3:] == ["rated", "rated", "commented"]


@pytest.mark.parametrize("number", [1, 2])
def test_a_low_mark_is_told_and_offers_a_way_back_to_both(helpdesk: Helpdesk, number: int) -> None:
    ticket = resolved(helpdesk)
    helpdesk.click("ana", mark(helpdesk, number))
    assert f"Ana gave HELP-1001 a rating of {number} out of 5" in text_of(helpdesk.in_space("CROOM")[-1])
    assert buttons_of(card(helpdesk, ticket)) == ["reopen"]
    assert "came_back" in buttons_of(told(helpdesk))
    helpdesk.click("ana", mark(helpdesk, 3 - number))
    lines = [text_of(reply) for reply in helpdesk.in_space("CROOM")]
    assert sum("Ana gave HELP-1001" in line for line in lines) == 1
    form = form_of(helpdesk.click("ana", helpdesk.button(told(helpdesk), "comment")))
    send(helpdesk, "ana", form, comment="Still leaks")
    assert "Ana says why:\nStill leaks" in text_of(helpdesk.in_space("CROOM")[-1])


def test_an_engineer_reopens_after_a_low_mark(helpdesk: Helpdesk) -> None:
    ticket = resolved(helpdesk)
    helpdesk.click("ana", mark(helpdesk, 1))
    button = helpdesk.button(card(helpdesk, ticket), "reopen")
    assert helpdesk.click("ana", button).kind == OutcomeKind.REFUSED
    helpdesk.clock.move(days=13)
    assert helpdesk.click("eric", button).kind == OutcomeKind.DONE
    assert "Claimed" in card(helpdesk, ticket).summary
    assert "Assignee: Eva" in text_of(card(helpdesk, ticket))
    assert buttons_of(told(helpdesk)) == []
    assert helpdesk.click("eric", button).kind == OutcomeKind.REFUSED
    assert "reopen" not in buttons_of(card(helpdesk, ticket))


def test_a_reopened_ticket_takes_no_mark_and_its_next_end_asks_anew(helpdesk: Helpdesk) -> None:
    ticket = resolved(helpdesk)
    button = mark(helpdesk, 2)
    helpdesk.click("ana", button)
    helpdesk.click("ana", helpdesk.button(told(helpdesk), "came_back"))
    assert helpdesk.click("ana", button).kind == OutcomeKind.REFUSED
    helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "resolve"), inputs={"note": "Changed it"})
    assert "Rating:" not in text_of(card(helpdesk, ticket))
    helpdesk.click("ana", mark(helpdesk, 5))
    assert mean(helpdesk) == (2, 3.5)


@pytest.mark.parametrize("argument", ["0", "6", "-1", "five", "", "٣"])
def test_no_other_mark_is_taken(helpdesk: Helpdesk, argument: str) -> None:
    resolved(helpdesk)
    token = mark(helpdesk, 1).token
    assert helpdesk.click("ana", Button("rate", "?", token, argument)).kind == OutcomeKind.REFUSED
    assert mean(helpdesk) == (0, None)


def test_presses_at_the_same_moment_leave_one_mark(helpdesk: Helpdesk) -> None:
    resolved(helpdesk)
    buttons = [mark(helpdesk, number) for number in (1, 3, 5)]
    together = threading.Barrier(3)
    said = [helpdesk.utterance("ana") for _ in buttons]

    def click(index: int) -> None:
        button = buttons[index]
        pressed = Click(button.action, button.token, button.argument)
        together.wait()
        helpdesk.desk.intake.receive(replace(said[index], click=pressed, addressed=Addressed.CLICK))

    threads = [threading.Thread(target=click, args=(index,)) for index in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    helpdesk.deliver()
    count, value = mean(helpdesk)
    assert count == 1
    assert f"You gave it {int(value or 0)} of 5" in text_of(told(helpdesk))
    with helpdesk.begin() as work:
        ticket = work.tickets.get(1)
    assert ticket is not None
    assert ticket.status is Status.RESOLVED
