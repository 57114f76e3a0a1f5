"""What somebody says in one breath is one matter: one episode, one ticket."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.desk.ports.channels import Receipt
from bot.domain.conversations.messages import (
    Addressed,
    ConversationRef,
    Outcome,
    OutcomeKind,
    Utterance,
)
from bot.domain.tickets.ticket import Status
from tests.support.desk.helpdesk import CHANNELS, Helpdesk, question_of, text_of
from tests.support.unknown import UNKNOWN

LINES = ("my flurbostat", "is fizzing green goo", "since this morning")
HELP = ("slack", "T1", "CHELP")


def question_on_card(helpdesk: Helpdesk, ticket: str | None) -> str:
    """The employee's words on a card."""
    return question_of(helpdesk.card(ticket))


def tickets_in(helpdesk: Helpdesk) -> list[str]:
    """The references of every ticket."""
    with helpdesk.begin() as work:
        return sorted(ticket.reference for ticket in work.tickets.listed(tuple(Status), 50))


@pytest.mark.parametrize("channel", ["slack", "teams", "web"])
def test_a_greeting_and_three_lines_are_one_ticket(helpdesk: Helpdesk, channel: str) -> None:
    for line in ("hi", *LINES):
        helpdesk.say("ana", line, channel=channel)
        helpdesk.clock.move(seconds=50)
    assert tickets_in(helpdesk) == ["HELP-1001"]
    assert "\n".join(LINES) == question_on_card(helpdesk, "HELP-1001")


@pytest.mark.parametrize("channel", ["slack", "teams", "web"])
def test_a_laptop_that_is_dead_is_one_ticket_whatever_each_line_looks_like(
    helpdesk: Helpdesk, channel: str
) -> None:
    for line in ("hi", "my laptop", "is dead", "I cannot work, get me a person"):
        helpdesk.say("ana", line, channel=channel)
        helpdesk.clock.move(seconds=20)
    assert tickets_in(helpdesk) == ["HELP-1001"]
    assert "my laptop\nis dead" in question_on_card(helpdesk, "HELP-1001")


def test_in_spanish_too(helpdesk: Helpdesk) -> None:
    for line in ("hola", "mi flurbostato", "burbujea pringue verde"):
        helpdesk.say("ana", line)
        helpdesk.clock.move(seconds=20)
    assert tickets_in(helpdesk) == ["HELP-1001"]
    assert question_on_card(helpdesk, "HELP-1001") == "mi flurbostato\nburbujea pringue verde"


def test_each_line_begins_the_two_minutes_anew(helpdesk: Helpdesk) -> None:
    for line in LINES:
        helpdesk.say("ana", line)
        helpdesk.clock.move(minutes=1, seconds=55)
    helpdesk.say("ana", "my tickets")
    helpdesk.clock.move(minutes=1, seconds=55)
    assert helpdesk.say("ana", "it smells").kind == OutcomeKind.ADDED
    helpdesk.clock.move(minutes=2, seconds=1)
    assert helpdesk.say("ana", "my zorgomat hums").ticket == "HELP-1002"


def test_later_and_in_its_thread_it_is_added_under_the_card(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", LINES[0], thread="1.0")
    helpdesk.clock.move(hours=2)
    outcome = helpdesk.say("ana", "I forgot my password", thread="1.0")
    assert outcome.kind == OutcomeKind.ADDED
    assert LINES[0] == question_on_card(helpdesk, "HELP-1001")
    assert "I forgot my password" in text_of(helpdesk.in_space("CROOM")[-1])


def test_a_claimed_ticket_gets_the_line_on_the_card_and_under_it(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", LINES[0])
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"))
    helpdesk.say("ana", LINES[1])
    assert "\n".join(LINES[:2]) == question_on_card(helpdesk, "HELP-1001")
    assert LINES[1] in text_of(helpdesk.in_space("CROOM")[-1])


def test_lines_that_come_in_another_order_stand_as_they_were_said(helpdesk: Helpdesk) -> None:
    said = []
    for line in LINES:
        said.append(helpdesk.utterance("ana", line, files=1 if line == LINES[2] else 0))
        helpdesk.clock.move(seconds=2)
    for index in (2, 0, 1):
        helpdesk.desk.intake.receive(said[index])
    helpdesk.deliver()
    assert "\n".join((*LINES, "📎 1")) == question_on_card(helpdesk, "HELP-1001")


def test_an_answer_in_between_is_not_given_twice_and_the_person_sees_it_all(helpdesk: Helpdesk) -> None:
    assert helpdesk.say("ana", "the printer").kind == OutcomeKind.ANSWERED
    answer = helpdesk.in_space("Dana")[0]
    helpdesk.clock.move(seconds=4)
    assert helpdesk.say("ana", "prints blank pages").kind == OutcomeKind.DONE
    assert "Noted" in text_of(helpdesk.last("ana"))
    assert tickets_in(helpdesk) == []
    outcome = helpdesk.click("ana", helpdesk.button(answer, "person"))
    assert question_on_card(helpdesk, outcome.ticket) == "the printer\nprints blank pages"


def test_another_sentence_after_an_answer_is_a_ticket(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "I forgot my password")
    assert helpdesk.say("ana", UNKNOWN).kind == OutcomeKind.TICKET


def test_words_that_belong_to_the_first_sentence_are_no_other_question(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "I forgot my password")
    helpdesk.clock.move(seconds=4)
    assert helpdesk.say("ana", "on my mac").kind == OutcomeKind.DONE
    helpdesk.clock.move(seconds=4)
    assert helpdesk.say("ana", "how do I set up out of office").kind == OutcomeKind.ANSWERED


def in_help_channel(helpdesk: Helpdesk, person: str, text: str, thread: str) -> Outcome:
    """Say something at the top of a help channel, where each message has its own thread."""
    place = ConversationRef(*HELP, thread, private=False)
    return helpdesk.say(person, text, conversation=place, addressed=Addressed.HELP)


def test_a_help_channel_knows_a_breath_too(helpdesk: Helpdesk) -> None:
    first = in_help_channel(helpdesk, "ana", "can anybody help, my flurbostat fizzes?", "1.0")
    helpdesk.clock.move(seconds=30)
    again = in_help_channel(helpdesk, "ana", "green goo everywhere", "2.0")
    assert (first.kind, again.kind) == (OutcomeKind.TICKET, OutcomeKind.ADDED)
    assert "green goo" in question_on_card(helpdesk, first.ticket)
    assert in_help_channel(helpdesk, "tom", "green goo everywhere", "3.0").kind == OutcomeKind.IGNORED
    assert in_help_channel(helpdesk, "ana", "thanks", "4.0").kind == OutcomeKind.IGNORED
    helpdesk.clock.move(minutes=3)
    assert in_help_channel(helpdesk, "ana", "green goo everywhere", "5.0").kind == OutcomeKind.IGNORED


@pytest.mark.parametrize("known", [False, True])
def test_three_messages_at_the_same_moment_are_one_ticket(helpdesk: Helpdesk, known: bool) -> None:
    if known:
        helpdesk.say("ana", "hello")
        helpdesk.clock.move(hours=1)
    said = [helpdesk.utterance("ana", line) for line in LINES]
    said = [replaced(one, index) for index, one in enumerate(said)]
    helpdesk.clock.move(seconds=5)
    together, outcomes = threading.Barrier(3), []

    def receive(utterance: Utterance) -> None:
        together.wait()
        outcomes.append(helpdesk.desk.intake.receive(utterance))

    threads = [threading.Thread(target=receive, args=(one,)) for one in said]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    helpdesk.deliver()
    assert sum(outcome.kind is OutcomeKind.TICKET for outcome in outcomes) == 1
    assert tickets_in(helpdesk) == ["HELP-1001"]
    assert "\n".join(LINES) == question_on_card(helpdesk, "HELP-1001")


def replaced(utterance: Utterance, second: int) -> Utterance:
    """The same, said that many seconds later."""
    return replace(utterance, at=utterance.at + timedelta(seconds=second))


def test_a_reply_may_come_before_we_know_what_the_thread_is_called(helpdesk: Helpdesk) -> None:
    command = ConversationRef("slack", "T1", "@ana", "new:k1")
    opened = helpdesk.utterance("ana", " ".join(LINES), conversation=command)
    assert helpdesk.desk.intake.receive(opened).ticket == "HELP-1001"
    posts = helpdesk.desk.dispatcher.exchange([], 16, CHANNELS).next
    reply = helpdesk.utterance("ana", "it is loud too", thread="77.0")
    assert helpdesk.desk.intake.receive(reply).kind == OutcomeKind.ADDED
    named = Receipt("77.0", anchor="77.0", space="Dana")
    receipts = [named if post.conversation.space == "@ana" else Receipt("c1", anchor="c1") for post in posts]
    helpdesk.desk.dispatcher.exchange(list(zip(posts, receipts, strict=True)), 0, CHANNELS)
    helpdesk.clock.move(hours=1)
    later = helpdesk.utterance("ana", "and it smells", thread="77.0")
    assert helpdesk.desk.intake.receive(later).kind == OutcomeKind.ADDED
    assert tickets_in(helpdesk) == ["HELP-1001"]
