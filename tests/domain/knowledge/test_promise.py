"""The watch over a promise: when it closes, and how seldom it does so without a reason."""

import random
from dataclasses import replace

import pytest

from bot.domain.knowledge.content import Content, Intent
from bot.domain.knowledge.decision import Answer, Choose, Escalate, Match, Thresholds, Tolerance
from bot.domain.knowledge.labelled_question import Question
from bot.domain.knowledge.promise import (
    BLOCK,
    Evidence,
    Promise,
    is_promised,
    offer_instead,
    promise_of,
)

PROMISE = Promise(0.05, 0.95)
QUESTIONS = (Question("no signal", "wifi", "en", 1), Question("sin red", "wifi", "es", 2))


def closed_after(share: float, seed: int, longest: int, before: int = 0) -> int | None:
    chance, evidence = random.Random(seed), Evidence()  # noqa: S311  # the same each time
    for number in range(1, longest + 1):
        wrong = chance.random() < (share if number > before else 0.02)
        evidence = evidence.after(PROMISE, wrong=wrong)
        if evidence.total >= PROMISE.limit:
            return number
    return None


def test_nothing_is_staked_twice_and_nothing_is_lost() -> None:
    assert Evidence().total == pytest.approx(1)
    # Whatever came before, the mean of both outcomes is what was there before.
    evidence = Evidence()
    for number in range(4 * BLOCK):
        right, wrong = (evidence.after(PROMISE, wrong=one) for one in (False, True))
        assert 0.95 * right.total + 0.05 * wrong.total == pytest.approx(evidence.total), number
        evidence = wrong if number % 21 == 0 else right
    assert (evidence.judged, evidence.wrong) == (100, 5)


def test_it_seldom_closes_while_the_promise_just_holds() -> None:
    closed = [closed_after(0.05, seed, 1000) is not None for seed in range(300)]
    assert sum(closed) <= 0.05 * len(closed)


def test_it_closes_soon_when_many_are_wrong_from_the_beginning_and_later() -> None:
    at_first = sorted(closed_after(0.12, seed, 1000) or 1000 for seed in range(100))
    later = sorted((closed_after(0.2, seed, 1000, before=300) or 1000) - 300 for seed in range(100))
    assert at_first[50] <= 110
    assert at_first[90] <= 300
    assert 0 < later[50] <= 110


def test_one_wrong_answer_is_too_much_where_none_is_tolerable() -> None:
    promise = Promise(0.0, 0.95)
    evidence = Evidence()
    for _ in range(200):
        evidence = evidence.after(promise, wrong=False)
    assert evidence.total < promise.limit
    assert evidence.after(promise, wrong=True).total >= promise.limit
    assert Evidence().after(Promise(1.0, 0.95), wrong=True).total == pytest.approx(1)


def test_a_promise_is_another_one_with_other_settings_or_questions() -> None:
    key = PROMISE.key(QUESTIONS)
    assert key == PROMISE.key(tuple(replace(one, line=9) for one in reversed(QUESTIONS)))
    assert len({key, PROMISE.key(QUESTIONS[:1]), Promise(0.1, 0.95).key(QUESTIONS)}) == 3
    assert promise_of(Tolerance(0.1)) is None
    assert promise_of(Tolerance(0.1, certainty=0.9)) == Promise(0.1, 0.9)


def test_own_actions_and_what_needs_a_person_are_not_promised() -> None:
    intents = {
        "hello": Intent("hello", {}, action="greeting"),
        "fire": Intent("fire", {}, article="fire-drill", always_person=True),
        "opening": Intent("opening", {}, reply={"en": "At nine."}),
    }
    content = Content({}, intents, "one")
    found = {target: is_promised(target, content) for target in ("hello", "fire-drill", "opening", "vpn")}
    assert found == {"hello": False, "fire-drill": False, "opening": True, "vpn": True}


def test_an_answer_becomes_a_choice_of_one_or_a_ticket() -> None:
    answer = Answer(Match("vpn", 0.9))
    assert offer_instead(answer) == Choose((Match("vpn", 0.9),))
    assert offer_instead(answer, may_ask=False) == Escalate()


def test_with_a_certainty_the_operator_can_only_be_more_careful() -> None:
    proposed = Thresholds(0.8, 0.5, certified=False)
    assert Tolerance(answer_from=0.7).thresholds(proposed).answer == 0.7
    assert Tolerance(answer_from=0.7, certainty=0.95).thresholds(proposed) == proposed
    assert Tolerance(answer_from=0.9, certainty=0.95).thresholds(proposed).answer == 0.9
