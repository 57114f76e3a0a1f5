"""A trouble that came back: its ticket is open again, with who helped before."""

import threading

import pytest

from bot.domain.conversations.messages import Addressed, OutcomeKind, Utterance
from bot.domain.tickets.ticket import Status
from bot.server.settings import Settings
from tests.support.desk.helpdesk import Helpdesk, buttons_of, text_of
from tests.support.desk.records import kinds
from tests.support.unknown import UNKNOWN


def resolved(helpdesk: Helpdesk, channel: str = "slack", thread: str = "1.0", by: str = "eva") -> str:
    """A ticket of Ana's that was resolved just now, past the two minutes of one breath."""
    place = {"thread": thread} if channel == "slack" else {}
    ticket = helpdesk.say("ana", UNKNOWN, channel=channel, **place).ticket
    helpdesk.click(by, helpdesk.button(helpdesk.card(ticket), "claim"))
    helpdesk.click(by, helpdesk.button(helpdesk.card(ticket), "resolve"), inputs={"note": "Tightened it"})
    assert ticket is not None
    return ticket


def status(helpdesk: Helpdesk, number: int = 1) -> Status:
    """Where a ticket stands."""
    with helpdesk.begin() as work:
        ticket = work.tickets.get(number)
    assert ticket is not None
    return ticket.status


@pytest.mark.parametrize("channel", ["slack", "web"])
@pytest.mark.parametrize("text", ["thank you so much!", "ok thanks", "👍", "genial, gracias", "ok"])
def test_thanks_does_not_reopen(helpdesk: Helpdesk, channel: str, text: str) -> None:
    resolved(helpdesk, channel)
    helpdesk.say("ana", text, channel=channel, **({"thread": "1.0"} if channel == "slack" else {}))
    helpdesk.clock.move(days=1)
    helpdesk.say("ana", text, channel=channel)
    assert status(helpdesk) is Status.RESOLVED
    assert "reopened" not in kinds(helpdesk)


@pytest.mark.parametrize("channel", ["slack", "teams", "web"])
@pytest.mark.parametrize("later", [0, 3])
@pytest.mark.parametrize(
    "text",
    ["still broken", "thanks, but it came back", "ha vuelto a pasar"],
)
def test_it_came_back_goes_to_the_same_engineer(
    helpdesk: Helpdesk, channel: str, later: int, text: str
) -> None:
    ticket = resolved(helpdesk, channel)
    helpdesk.clock.move(days=later)
    outcome = helpdesk.say("ana", text, channel=channel)
    assert (outcome.kind, outcome.ticket) == (OutcomeKind.DONE, ticket)
    assert status(helpdesk) is Status.CLAIMED
    assert kinds(helpdesk)[-2:] == ["reopened", "claimed"]
    card = helpdesk.card(ticket)
    assert "Claimed" in card.summary
    assert "Assignee: Eva" in text_of(card)
    told = text_of(helpdesk.in_space("CROOM")[-1])
    assert "Eva has it again" in told
    assert text in told
    mine = [text_of(reply) for reply in helpdesk.in_space(helpdesk.direct("ana", channel).space)]
    assert [
        words
        for words in mine
        if "Eva" in words and ("is working on it" in words or "vuelve a ocuparse" in words)
    ]


def test_in_its_thread_a_month_is_not_asked_for_by_anything_but_the_setting(helpdesk: Helpdesk) -> None:
    ticket = resolved(helpdesk)
    helpdesk.clock.move(days=14)
    assert helpdesk.say("ana", "same problem again", thread="1.0").ticket == ticket
    assert status(helpdesk) is Status.CLAIMED


@pytest.mark.parametrize("thread", ["1.0", None])
def test_after_those_days_it_is_a_new_ticket_that_is_linked(helpdesk: Helpdesk, thread: str | None) -> None:
    ticket = resolved(helpdesk)
    helpdesk.clock.move(days=14, seconds=1)
    outcome = helpdesk.say("ana", "it came back", thread=thread)
    assert (outcome.kind, outcome.ticket) == (OutcomeKind.TICKET, "HELP-1002")
    assert status(helpdesk) is Status.RESOLVED
    with helpdesk.begin() as work:
        assert work.tickets.events(1)[-1].detail == {"ticket": "HELP-1002"}
        assert {"ticket": ticket} in [event.detail for event in work.tickets.events(2)]
    assert kinds(helpdesk)[-1] == "followed"
    assert "follows" in kinds(helpdesk, 2)
    card = text_of(helpdesk.card("HELP-1002"))
    assert UNKNOWN in card
    assert "it came back" in card
    assert ticket in text_of(helpdesk.in_space("CROOM")[-1])


def test_an_engineer_who_left_does_not_get_it(helpdesk: Helpdesk) -> None:
    resolved(helpdesk, by="eric")
    without = Helpdesk(helpdesk.database, helpdesk.library, helpdesk.clock, engineers="eva", first_key=900)
    without.screen = helpdesk.screen
    without.say("ana", "it came back", thread="1.0")
    assert status(helpdesk) is Status.OPEN
    assert buttons_of(without.card("HELP-1001")) == ["claim"]
    assert "waiting to be claimed" in text_of(without.in_space("CROOM")[-1])


def test_the_button_on_the_resolution(helpdesk: Helpdesk) -> None:
    resolved(helpdesk)
    told = next(reply for reply in helpdesk.in_space("Dana") if "has resolved" in text_of(reply))
    button = helpdesk.button(told, "came_back")
    assert helpdesk.click("tom", button).kind == OutcomeKind.REFUSED
    helpdesk.clock.move(days=2)
    outcome = helpdesk.click("ana", button, conversation=helpdesk.direct("ana", thread="1.0"))
    assert outcome.kind == OutcomeKind.DONE
    assert outcome.card is not None
    assert buttons_of(outcome.card) == []
    assert status(helpdesk) is Status.CLAIMED
    assert helpdesk.click("ana", button).kind == OutcomeKind.REFUSED
    assert kinds(helpdesk).count("reopened") == 1


def test_it_can_be_resolved_and_come_back_again(helpdesk: Helpdesk) -> None:
    ticket = resolved(helpdesk)
    for _ in range(2):
        helpdesk.say("ana", "it came back", thread="1.0")
        resolve = helpdesk.button(helpdesk.card(ticket), "resolve")
        helpdesk.click("eva", resolve, inputs={"note": "Tightened it more"})
    assert kinds(helpdesk).count("reopened") == 2
    told = [reply for reply in helpdesk.in_space("Dana") if "has resolved" in text_of(reply)]
    assert [bool(reply.buttons) for reply in told] == [False, False, True]


def test_another_thing_that_came_back_is_another_matter(helpdesk: Helpdesk) -> None:
    resolved(helpdesk)
    helpdesk.clock.move(days=1)
    outcome = helpdesk.say("ana", "the printer on my floor prints blank pages, the problem came back")
    assert outcome.ticket != "HELP-1001"
    assert status(helpdesk) is Status.RESOLVED


def test_it_did_not_help_after_an_answer_is_about_the_answer(helpdesk: Helpdesk) -> None:
    resolved(helpdesk, "web")
    helpdesk.clock.move(days=1)
    helpdesk.say("ana", "I forgot my password", channel="web")
    helpdesk.clock.move(minutes=10)
    outcome = helpdesk.say("ana", "it does not help", channel="web")
    assert outcome.ticket == "HELP-1002"
    assert "I forgot my password" in text_of(helpdesk.card("HELP-1002"))


def test_what_follows_in_one_breath_is_added_to_it(helpdesk: Helpdesk) -> None:
    ticket = resolved(helpdesk)
    helpdesk.clock.move(days=1)
    helpdesk.say("ana", "it came back")
    helpdesk.clock.move(seconds=20)
    outcome = helpdesk.say("ana", "and it is blue now")
    assert (outcome.kind, outcome.ticket) == (OutcomeKind.ADDED, ticket)


def test_a_withdrawn_ticket_comes_back_too(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    helpdesk.say("ana", "cancel HELP-1001", thread="1.0")
    helpdesk.say("ana", "it came back", thread="1.0")
    assert status(helpdesk) is Status.OPEN


def test_of_two_at_the_same_moment_one_reopens(helpdesk: Helpdesk) -> None:
    resolved(helpdesk)
    told = next(reply for reply in helpdesk.in_space("Dana") if "has resolved" in text_of(reply))
    pressed = helpdesk.click
    helpdesk.clock.move(days=1)
    said = helpdesk.utterance("ana", "it came back", thread="1.0", addressed=Addressed.DIRECT)
    together, outcomes = threading.Barrier(2), []

    def receive(utterance: Utterance) -> None:
        together.wait()
        outcomes.append(helpdesk.desk.intake.receive(utterance))

    def click() -> None:
        together.wait()
        outcomes.append(pressed("ana", helpdesk.button(told, "came_back")))

    threads = [threading.Thread(target=receive, args=(said,)), threading.Thread(target=click)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    helpdesk.deliver()
    assert kinds(helpdesk).count("reopened") == 1
    assert status(helpdesk) is Status.CLAIMED


def test_the_days_are_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_REOPEN_DAYS", "3.5")
    assert Settings().reopen_days == 3.5


def test_what_was_merged_comes_back_as_a_ticket_of_its_own(helpdesk: Helpdesk) -> None:
    resolved(helpdesk)
    other = helpdesk.say("tom", "my zorgomat hums", thread="9.0").ticket
    helpdesk.say("ana", "it came back", thread="1.0")
    merge = helpdesk.button(helpdesk.card(other), "merge")
    helpdesk.click("eva", merge, inputs={"ticket": "HELP-1001"})
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "resolve"), inputs={"note": "Done"})
    helpdesk.clock.move(days=1)
    outcome = helpdesk.say("tom", "it came back", thread="9.0")
    assert (outcome.kind, outcome.ticket) == (OutcomeKind.TICKET, "HELP-1003")
    assert "my zorgomat hums" in text_of(helpdesk.card("HELP-1003"))
    assert status(helpdesk, 1) is Status.RESOLVED
    assert status(helpdesk, 2) is Status.RESOLVED
