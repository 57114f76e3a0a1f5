"""The mix of a desk's traffic: found in questions without labels, and moved by what is known of some."""

from dataclasses import astuple

import pytest

from bot.domain.knowledge.decision import Match, MatchResult, Mix
from bot.domain.knowledge.shadow import NO_ARTICLE
from bot.domain.knowledge.traffic import FEWEST, AskedQuestion, Prior, Share, Traffic, mix_of

REQUESTS = frozenset({"new-laptop"})
TRAINED = Mix(answers=0.7, requests=0.1, nothing=0.2)
# How often a question of each kind (answered, a request, neither) sounds like the one, the other, or neither.
SOUNDS = ((0.7, 0.1, 0.2), (0.1, 0.7, 0.1), (0.2, 0.2, 0.7))
MIXES = (Mix(0.9, 0.05, 0.05), Mix(0.6, 0.2, 0.2), Mix(0.2, 0.1, 0.7))


def result(sound: tuple[float, ...], language: str = "en") -> MatchResult:
    """What a matcher finds that was trained on `TRAINED`."""
    weights = [share * part for share, part in zip(astuple(TRAINED), sound, strict=True)]
    answer, request, nothing = (weight / sum(weights) for weight in weights)
    matches = (Match("wifi", answer), Match("new-laptop", request))
    return MatchResult(matches, language, nothing=nothing, mix=TRAINED)


def results(mix: Mix, number: int, language: str = "en") -> list[MatchResult]:
    """So many questions of a mix, as they are found."""
    return [
        one
        for sound in SOUNDS
        for one in [result(sound, language)]
        * round(number * sum(share * part for share, part in zip(astuple(mix), sound, strict=True)))
    ]


def near(mix: Mix, tolerance: float = 0.03) -> object:
    return pytest.approx(astuple(mix), abs=tolerance)


@pytest.mark.parametrize("mix", MIXES, ids=lambda mix: f"{mix.unanswered:.2f}")
def test_the_mix_is_found_without_labels(mix: Mix) -> None:
    assert astuple(mix_of(results(mix, 2_000), REQUESTS, Prior())) == near(mix)


def test_of_few_questions_it_stays_near_the_one_before() -> None:
    prior, other = Prior(), MIXES[2]
    assert mix_of([], REQUESTS, prior) == prior.mix
    few, more = (mix_of(results(other, number), REQUESTS, prior) for number in (4, 400))
    assert prior.mix.unanswered < few.unanswered < more.unanswered < other.unanswered


def test_what_is_known_counts_for_sure() -> None:
    doubtful = [result(SOUNDS[2])] * 100
    helped = {"wifi": 0.0, "new-laptop": 1.0, NO_ARTICLE: 1.0}
    for target, unanswered in helped.items():
        found = mix_of(doubtful, REQUESTS, Prior(questions=1e-6), [target] * 100)
        assert found.unanswered == pytest.approx(unanswered, abs=0.01), target
    few = Prior(questions=1)
    assert mix_of(doubtful, REQUESTS, few, ["new-laptop"] * 100).requests > 0.9
    split = mix_of(results(MIXES[1], 1_000), REQUESTS, few, [NO_ARTICLE] * 1_000)
    assert split.answers < 0.01
    assert split.nothing > split.requests > 0.2, "where no article helps, a service may be asked for"
    half = mix_of(doubtful, REQUESTS, few, ["wifi", None] * 50)
    assert half.answers > mix_of(doubtful, REQUESTS, few).answers + 0.2


def test_a_question_that_was_no_match_at_all_can_be_known_too() -> None:
    sure = MatchResult((Match("wifi", 1.0),), "en", nothing=0.0, mix=TRAINED)
    found = mix_of([sure] * 50, REQUESTS, Prior(questions=1), [NO_ARTICLE] * 50)
    assert found.answers < 0.1
    assert sum(astuple(found)) == pytest.approx(1, abs=0.01)


def test_languages_in_which_enough_was_asked_have_a_mix_of_their_own() -> None:
    english, spanish = results(MIXES[1], 400), results(MIXES[2], 400, "es")
    learned = Traffic.learned(english + spanish, REQUESTS, 0.05)
    assert learned.questions == len(english + spanish)
    assert (
        learned.by_language["en"].unanswered < learned.mix.unanswered < learned.by_language["es"].unanswered
    )
    few = Traffic.learned(english + results(MIXES[2], FEWEST - 10, "es"), REQUESTS, 0.05)
    assert set(few.by_language) == {"en"}
    known = [None] * len(english) + ["wifi"] * len(spanish)
    helped = Traffic.learned(english + spanish, REQUESTS, 0.05, helped=known)
    assert helped.by_language["es"].unanswered < 0.1


def test_a_fixed_share_is_not_estimated() -> None:
    learned = Traffic.learned(results(MIXES[2], 400), REQUESTS, 0.05, fixed=0.25)
    assert learned.mix.unanswered == pytest.approx(0.25)
    assert not learned.by_language


def test_only_what_was_seen_to_be_too_often_wrong_is_not_answered() -> None:
    def certain(confidence: float) -> MatchResult:
        return MatchResult((Match("wifi", confidence),), "en", nothing=1 - confidence, mix=TRAINED)

    sure, doubtful = [certain(0.98)] * 30, [certain(0.5)] * 30
    assert Traffic.learned(sure, REQUESTS, 0.05).answer_from == 0.0, "nobody asked anything less sure"
    learned = Traffic.learned(sure + doubtful, REQUESTS, 0.05)
    now = [learned.under(one, REQUESTS).matches[0].confidence for one in (sure[0], doubtful[0])]
    assert now[1] < learned.answer_from <= now[0]


def test_what_holds_under_no_known_mix_is_left_out() -> None:
    unknown = MatchResult((Match("wifi", 0.9),), "en")
    assert Traffic.learned([unknown, result(SOUNDS[0])], REQUESTS, 0.05, helped=["wifi", None]).questions == 1


def test_the_share_of_each_group_is_as_likely_as_it_is_in_this_traffic() -> None:
    asked = [AskedQuestion(one) for one in results(MIXES[1], 2_000)]
    asked += [AskedQuestion(one, "wifi") for one in results(MIXES[2], 100, "es")]
    learned = Traffic.learned(
        [one.result for one in asked], REQUESTS, 0.05, helped=[one.helped for one in asked]
    )
    shares = learned.shares(asked, REQUESTS, lambda one: one.language or "")
    assert shares["es"] == Share(0.0, 100)
    assert shares["en"].unanswered == pytest.approx(MIXES[1].unanswered, abs=0.05)
    assert shares["en"].questions == 2_000
