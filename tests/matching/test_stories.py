"""Long stories: what they ask is found among what they tell, and what may not wait anywhere in them."""

import re

import pytest

from bot.desk.knowledge.library import thresholds_in
from bot.domain.knowledge.decision import (
    Answer,
    Choose,
    Decision,
    MatchResult,
    OpenTicket,
    Tolerance,
    decide,
)
from bot.domain.knowledge.traffic import Traffic
from bot.matching.embeddings.factory import store_of
from bot.matching.matcher import WordMatcher
from bot.matching.scoring.candidates import CandidateFeatures
from bot.matching.scoring.engine import Reading
from bot.matching.scoring.passages import MOST_PICKED, MOST_WATCHED
from bot.runtime.resources import find
from bot.server.content import content_in
from tests.support.matching.stories import CHATTER, INCIDENTS, PLACES, STORIES, Told, told

LENGTHS = (20, 80, 600)  # words
CONTENT = content_in(find("kb_articles"), find("intents"))
WATCHED = {intent.target for intent in CONTENT.intents.values() if intent.always_person}


@pytest.fixture(scope="module", params=["", "none"], ids=["related words", "words alone"])
def matcher(request: pytest.FixtureRequest) -> WordMatcher:
    return WordMatcher(CONTENT, embeddings=store_of(request.param, "", "", 1.0, None))


def decided(matcher: WordMatcher, text: str) -> Decision:
    """What the chat decides before it knows its traffic."""
    traffic, requests = Traffic.assumed(matcher.prior), CONTENT.service_requests
    thresholds = thresholds_in(traffic, matcher, Tolerance())
    return decide(traffic.under(matcher.find(text), requests), thresholds, requests=requests)


def opened(matcher: WordMatcher, text: str) -> str | None:
    """The target that is answered, or of which a ticket is opened at once."""
    decision = decided(matcher, text)
    return decision.match.target if isinstance(decision, Answer | OpenTicket) else None


def test_most_stories_are_answered_or_offered_rightly_and_none_is_answered_wrongly(
    matcher: WordMatcher,
) -> None:
    found = [(decided(matcher, one.text), one.expected) for one in STORIES]
    given = [(one.match.target, expected) for one, expected in found if isinstance(one, Answer)]
    offered = [
        expected in [match.target for match in one.matches]
        for one, expected in found
        if isinstance(one, Choose)
    ]
    asked = sum(expected is not None for _, expected in found)
    assert all(target == expected for target, expected in given)
    assert len(given) >= asked / 3
    assert len(given) + sum(offered) >= asked * 3 / 4


def test_a_story_says_what_spoke_for_its_answer(matcher: WordMatcher) -> None:
    story = next(one for one in STORIES if one.expected == "deleted-file")
    result = matcher.find(story.text)
    assert result.language == "en"
    assert result.matches[0].target == "deleted-file"
    assert {"deleted", "recycle"}.intersection(re.findall(r"\w+", result.matches[0].why))
    rows = matcher.explain(story.text)
    assert [row.target for row in rows[:10]] == [match.target for match in result.matches[:10]]
    assert sum(row.confidence for row in rows) == pytest.approx(1)


def test_two_sure_symptoms_are_a_choice(matcher: WordMatcher) -> None:
    jam, drive = (
        "The printer is jammed again and paper is stuck in it.",
        "My disk is full and I cannot save any file.",
    )
    text = told(told(jam, "en", 40, "beginning") + " " + drive, "en", 80, "beginning", 5)
    decision = decided(matcher, text)
    assert isinstance(decision, Choose)
    assert {"printer", "full-disk"} <= {match.target for match in decision.matches}


def test_the_passages_of_a_story_are_bounded(matcher: WordMatcher) -> None:
    long = told("The printer is jammed again.", "en", 6_000, "middle")
    assert len(long) > 30_000
    readings = matcher._engine.readings(long)
    picked = matcher._passages.read(long, readings[0])
    assert 0 < len(picked) <= MOST_PICKED + MOST_WATCHED


@pytest.mark.parametrize(
    "text", ["printer is jammed", "my laptop is slow. what can i do?", "vpn down\nthanks"]
)
def test_a_short_text_is_read_once(matcher: WordMatcher, text: str) -> None:
    assert matcher._passages.read(text, matcher._engine.readings(text)[0]) == []


@pytest.mark.parametrize("length", [80, 600])
def test_passages_are_scored_together_as_each_alone(matcher: WordMatcher, length: int) -> None:
    text = told("The printer is jammed again. Paper is stuck in it.", "en", length, "middle")
    readings = matcher._engine.readings(text)
    readings += matcher._passages.read(text, readings[0])
    assert len(readings) > 5
    for reading, together in zip(readings, scored(matcher, readings), strict=True):
        (alone,) = scored(matcher, [reading])
        assert together.targets.tolist() == alone.targets.tolist()
        assert together.features == pytest.approx(alone.features, abs=1e-5)
        assert together.none_features == pytest.approx(alone.none_features, abs=1e-5)
        words = [[one.matched_words(target) for target in one.targets.tolist()] for one in (together, alone)]
        assert words[0] == words[1]


def scored(matcher: WordMatcher, readings: list[Reading]) -> list[CandidateFeatures]:
    """The candidates of some readings of one text, with embeddings where there are any."""
    if matcher._scorer is None:
        return [one.candidates for one in matcher._engine.score(readings)]
    found = matcher._scorer.score(matcher._engine, readings, patient=True, here=True)
    assert found is not None
    return [one.candidates for one, _ in found]


@pytest.mark.parametrize("length", LENGTHS)
def test_what_may_not_wait_is_found_in_a_story_of_any_length(matcher: WordMatcher, length: int) -> None:
    missed = [
        (one.text, place)
        for number, one in enumerate(INCIDENTS)
        for place in PLACES
        if opened(matcher, told(one.text, one.lang, length, place, number)) != one.expected
    ]
    assert len(missed) <= len(INCIDENTS) * len(PLACES) / 4, missed


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("number", [1, 5, 10, 13, 19, 22])
def test_what_may_not_wait_is_found_in_the_longest_text(
    matcher: WordMatcher, number: int, place: str
) -> None:
    one = INCIDENTS[number]
    text = told(one.text, one.lang, 6_500, place)
    assert 30_000 < len(text) <= 40_000
    result = matcher.find(text)
    assert (result.needs_person, result.matches[0].target) == (True, one.expected)
    assert well_formed(result)


def well_formed(result: MatchResult) -> bool:
    confidences = [match.confidence for match in result.matches]
    return confidences == sorted(confidences, reverse=True) and sum(confidences) <= 1.000001


@pytest.mark.parametrize("one", [one for one in STORIES if one.expected not in WATCHED])
def test_other_stories_are_no_incident(matcher: WordMatcher, one: Told) -> None:
    assert not matcher.find(one.text).needs_person


def test_chatter_is_no_incident(matcher: WordMatcher) -> None:
    lines = [(lang, line) for lang, texts in CHATTER.items() for line in texts]
    alarms = [line for lang, line in lines if matcher.find(told(line, lang, 40, "middle")).needs_person]
    assert len(alarms) <= 3, alarms


def test_an_incident_reaches_a_person_however_little_else_is_said(matcher: WordMatcher) -> None:
    text = (
        "Hello, please help me, it is urgent!! Someone stole my work laptop. Thank you so much, regards, Ann"
    )
    result = matcher.find(text)
    assert (result.vague, opened(matcher, text)) == (False, "lost-laptop")
