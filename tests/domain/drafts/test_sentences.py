"""Of what was written about a ticket the telling sentences are kept."""

import pytest

from bot.domain.drafts.names import KnownNames
from bot.domain.drafts.redaction import redact
from bot.domain.drafts.sentences import MOST_STEPS, Step, examples_of, steps_of, symptoms_of


@pytest.mark.parametrize(
    "text",
    [
        "Thanks in advance!",
        "Muchas gracias por la ayuda.",
        "Could you please help me?",
        "¿Me podéis ayudar?",
        "I'm looking into it now.",
        "Lo estoy mirando.",
        "Hi team,",
        "ok",
        "> what somebody else said",
        "📎 2",
        "Call me on 555 123 4567.",
    ],
)
def test_what_tells_nothing_is_left_out(text: str) -> None:
    message = redact(text, KnownNames())
    assert symptoms_of([message]) == ()
    assert steps_of([message]) == ()


def test_greetings_and_thanks_around_a_sentence_go() -> None:
    message = redact("Hi Xiomara, the printer jams. Thanks, Bo", KnownNames())
    assert symptoms_of([message]) == ("the printer jams.",)


@pytest.mark.parametrize(
    "first", ["Windows keep popping up", "The light is on", "La luz no va", "A mí me pasa y a él no"]
)
def test_a_sentence_ends_after_a_short_word_too(first: str) -> None:
    assert symptoms_of([f"{first}. Somebody else has the same."]) == (
        first + ".",
        "Somebody else has the same.",
    )


@pytest.mark.parametrize(
    "whole", ["Call Dr. House about it, please now", "Open the box no. 5 beside the door"]
)
def test_no_sentence_ends_after_an_abbreviation(whole: str) -> None:
    assert symptoms_of([whole]) == (whole,)


def test_each_item_line_and_sentence_is_a_step() -> None:
    message = "Do this:\n1) Open it. Wait.\n- Close it\nTurn it off. Turn it on, e.g. by hand."
    told = ["Do this:", "Open it. Wait.", "Close it", "Turn it off.", "Turn it on, e.g. by hand."]
    assert steps_of([message]) == tuple(map(Step, told))


def test_code_stands_under_the_step_before_it() -> None:
    message = "Run this:\n```\nipconfig /release\n\nipconfig /renew\n```\nRestart"
    assert steps_of([message]) == (Step("Run this:", "ipconfig /release\nipconfig /renew"), Step("Restart"))
    assert steps_of(["```\nwhoami"]) == (Step("", "whoami"),)


def test_what_engineers_ask_is_no_step_and_what_employees_ask_is_an_example() -> None:
    assert steps_of(["Which version is it?\nRestart it"]) == (Step("Restart it"),)
    assert examples_of(["How do I get a badge?"]) == ("How do I get a badge?",)


def test_nothing_is_said_twice() -> None:
    assert steps_of(["Restart it.", "restart it"]) == (Step("Restart it."),)
    assert len(steps_of([f"Do number {number}" for number in range(99)])) == MOST_STEPS


def test_examples_are_whole_questions_and_then_their_sentences() -> None:
    questions = ["Hello! The vpn drops. It says 619.", "no vpn today, ok"]
    assert examples_of(questions) == (
        "The vpn drops. It says 619.",
        "no vpn today, ok",
        "The vpn drops.",
        "It says 619.",
    )
    assert examples_of(["vpn"]) == ("vpn",)
