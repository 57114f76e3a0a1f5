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
    OpenTicket,
    Thresholds,
    decide,
    without_asking,
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


def opened(found: MatchResult) -> OpenTicket:
    return OpenTicket(found.matches[0])


def test_a_service_request_needs_to_be_no_surer_than_a_choice() -> None:
    first, second = frozenset({"t0"}), frozenset({"t1"})
    for found in (result(0.9), result(0.4), result(0.4, 0.2)):
        assert decide(found, CUTS, requests=first) == opened(found)
        assert decide(found, CUTS, requests=first, may_ask=False) == opened(found)
    assert isinstance(decide(result(0.39), CUTS, requests=first), Escalate)
    assert decide(result(0.4, 0.39), CUTS, requests={"t0", "t1"}) == opened(result(0.4, 0.39))
    assert isinstance(decide(result(0.9, vague=True), CUTS, requests=first), AskBack)
    assert isinstance(decide(result(0.9, 0.2), CUTS, requests=second), Answer)
    assert isinstance(decide(result(0.9, 0.85), CUTS, requests=second), Choose)


def test_a_service_request_that_an_article_rivals_is_a_choice() -> None:
    rivals = result(0.5, 0.4, 0.05)
    assert decide(rivals, CUTS, requests={"t0"}) == Choose(rivals.matches[:2])
    assert decide(rivals, CUTS, requests={"t0"}, may_ask=False) == Escalate()
    third = result(0.5, 0.45, 0.3)
    assert decide(third, CUTS, requests={"t0", "t1"}) == Choose(third.matches)


def test_a_thing_that_is_only_named_may_be_wanted_or_broken() -> None:
    found = result(0.9, 0.05, 0.03)
    named = replace(found, names_only=True)
    assert decide(found, CUTS, requests={"t0"}) == opened(found)
    assert decide(named, CUTS, requests={"t0"}) == Choose(named.matches[:2])
    assert decide(named, CUTS, requests={"t0", "t1"}) == opened(named)  # no article would repair it
    assert decide(named, CUTS) == Answer(named.matches[0])
    assert decide(replace(result(0.3, 0.05), names_only=True), CUTS) == Escalate()


def test_one_word_that_names_a_service_request_is_asked_about() -> None:
    found = result(0.9)
    chair = replace(found, names_only=True, one_word=True)
    assert decide(chair, CUTS, requests={"t0"}) == Choose(chair.matches)
    new_chair = replace(chair, one_word=False)
    assert decide(new_chair, CUTS, requests={"t0"}) == opened(new_chair)
    wanted = replace(chair, names_only=False)  # “chair, please”
    assert decide(wanted, CUTS, requests={"t0"}) == opened(wanted)


def test_a_choice_may_hold_service_requests_beside_articles_alone() -> None:
    mixed, alone = result(0.3, 0.2, 0.05), result(0.3, 0.2, 0.05)
    assert decide(mixed, CUTS, requests={"t0"}) == Choose(mixed.matches[:2])
    assert decide(mixed, CUTS, requests={"t1"}) == Choose(mixed.matches[:2])
    assert decide(alone, CUTS, requests={"t0", "t1"}) == opened(alone)
    assert decide(result(0.2, 0.1), CUTS, requests={"t0", "t1"}) == Escalate()


def test_a_ticket_of_its_kind_asks_nothing() -> None:
    match = Match("t0", 0.5)
    assert without_asking(OpenTicket(match)) == OpenTicket(match)


@given(st.lists(st.floats(0, 1), max_size=6), st.booleans(), st.sets(st.sampled_from(["t0", "t1", "t2"])))
def test_without_a_question_left_it_is_an_answer_or_a_ticket(
    values: list[float], vague: bool, requests: set[str]
) -> None:
    found = result(*sorted(values, reverse=True), vague=vague)
    decision = decide(found, CUTS, may_ask=False, requests=requests)
    assert isinstance(decision, Answer | OpenTicket | Escalate)
    if isinstance(decision, Answer | OpenTicket):
        assert (decision.match.target in requests) is isinstance(decision, OpenTicket)


def test_what_may_not_wait_reaches_a_person_however_sure_it_is() -> None:
    for may_ask in (True, False):
        likely = replace(result(0.4, 0.39, vague=True), needs_person=True)
        assert decide(likely, CUTS, may_ask=may_ask) == Answer(likely.matches[0])
        unlikely = replace(result(0.3, 0.29), needs_person=True)
        assert decide(unlikely, CUTS, may_ask=may_ask) == OpenTicket(unlikely.matches[0])
    assert decide(replace(result(), needs_person=True), CUTS) == Escalate()
