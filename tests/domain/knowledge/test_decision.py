"""What follows from a match result."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.knowledge.decision import (
    Answer,
    AskBack,
    Choose,
    Escalate,
    Match,
    MatchResult,
    Thresholds,
    decide,
)

CUTS = Thresholds(answer=0.8, choose=0.4, margin=0.1)


def result(*confidences: float, vague: bool = False) -> MatchResult:
    return MatchResult(tuple(Match(f"t{i}", value) for i, value in enumerate(confidences)), vague=vague)


def test_decisions_follow_the_cuts() -> None:
    assert isinstance(decide(result(0.9, 0.2), CUTS), Answer)
    assert isinstance(decide(result(0.9, 0.85), CUTS), Choose)
    assert isinstance(decide(result(0.5, 0.3, 0.1), CUTS), Choose)
    near = Thresholds(answer=0.5, choose=0.4, margin=0.1)
    assert isinstance(decide(result(0.6, 0.4), near), Choose)
    assert isinstance(decide(result(0.6, 0.25), near), Answer)
    assert isinstance(decide(result(0.5, 0.49), Thresholds(0.5, 0.5, 0.0), may_ask=False), Answer)
    assert isinstance(decide(result(0.3), CUTS), Escalate)
    assert decide(result(0.25, 0.2, 0.05), CUTS) == Choose(result(0.25, 0.2).matches)
    assert isinstance(decide(result(0.19, 0.19, 0.19), CUTS), Escalate)
    assert isinstance(decide(result(), CUTS), Escalate)
    assert isinstance(decide(result(0.9, vague=True), CUTS), AskBack)
    assert isinstance(decide(result(0.9, vague=True), CUTS, may_ask=False), Escalate)
    assert isinstance(decide(result(0.5), CUTS, may_ask=False), Escalate)


def test_what_needs_a_person_is_answered_however_sure_it_is() -> None:
    for found in (result(0.2, 0.19), result(0.3, vague=True)):
        needed = replace(found, needs_person=True)
        for may_ask in (True, False):
            assert decide(needed, CUTS, may_ask=may_ask) == Answer(found.matches[0])
    assert decide(replace(result(), needs_person=True), CUTS) == Escalate()


@given(st.lists(st.floats(0, 1), max_size=6), st.booleans())
def test_without_a_question_left_it_is_an_answer_or_a_person(values: list[float], vague: bool) -> None:
    decision = decide(result(*sorted(values, reverse=True), vague=vague), CUTS, may_ask=False)
    assert isinstance(decision, Answer | Escalate)
