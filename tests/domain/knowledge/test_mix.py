"""How confidences and thresholds follow the mix of a desk's traffic, whatever that is."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.knowledge.decision import Match, MatchResult, Mix, Thresholds
from bot.domain.knowledge.traffic import (
    CAREFUL,
    LEAST,
    LEAST_ANSWER,
    NEVER,
    Expectation,
    Prior,
    Traffic,
    expectation,
    lowest_confidence,
    mix_of,
    under,
)

TRAINED = Mix(0.4, 0.4, 0.2)
REQUESTS = frozenset({"laptop", "monitor"})
ARTICLES = ("vpn", "printer", "password")
SHARES = st.floats(0, 1)


@st.composite
def mixes(draw: st.DrawFn) -> Mix:
    return Mix(*_parts(draw, 3))


@st.composite
def results(draw: st.DrawFn) -> MatchResult:
    """A match result whose confidences sum to 1 with what speaks for nothing and for what is not listed."""
    *values, nothing, _others = _parts(draw, len(ARTICLES) + len(REQUESTS) + 2)
    names = draw(st.permutations([*ARTICLES, *REQUESTS]))
    matches = sorted(map(Match, names, values), key=lambda match: -match.confidence)
    return MatchResult(tuple(matches), "en", nothing=nothing, mix=TRAINED)


def _parts(draw: st.DrawFn, number: int) -> list[float]:
    drawn = [draw(SHARES) + 1e-6 for _ in range(number)]
    return [one / sum(drawn) for one in drawn]


def confidences(result: MatchResult) -> dict[str, float]:
    return {match.target: match.confidence for match in result.matches}


# --- confidences in another mix -----------------------------------------------------------------------


@given(results(), mixes())
def test_in_any_mix_confidences_are_probabilities_best_first(result: MatchResult, mix: Mix) -> None:
    moved = under(result, mix, REQUESTS)
    values = [match.confidence for match in moved.matches]
    assert values == sorted(values, reverse=True)
    assert min(*values, moved.nothing) >= 0
    assert sum(values) + moved.nothing <= 1 + 1e-9
    assert moved.mix == mix
    assert confidences(moved).keys() == confidences(result).keys()


@given(results(), mixes())
def test_among_articles_and_among_requests_the_odds_stay(result: MatchResult, mix: Mix) -> None:
    before, after = confidences(result), confidences(under(result, mix, REQUESTS))
    for kind in (ARTICLES, tuple(REQUESTS)):
        for one in kind:
            for other in kind:
                assert before[one] * after[other] == pytest.approx(before[other] * after[one], abs=1e-9)


@given(results())
def test_in_the_mix_of_the_training_nothing_moves(result: MatchResult) -> None:
    moved = under(result, TRAINED, REQUESTS)
    assert confidences(moved) == pytest.approx(confidences(result))
    assert moved.nothing == pytest.approx(result.nothing)


def test_the_more_ask_for_services_the_likelier_is_one() -> None:
    result = MatchResult((Match("vpn", 0.45), Match("laptop", 0.4)), "en", nothing=0.1, mix=TRAINED)
    by_share = [under(result, CAREFUL.with_unanswered(share), REQUESTS) for share in (0.05, 0.3, 0.6, 0.9)]
    requested = [confidences(one)["laptop"] for one in by_share]
    assert requested == sorted(requested)
    assert [one.matches[0].target for one in by_share] == ["vpn", "vpn", "vpn", "laptop"]


@given(results(), mixes())
def test_what_may_not_wait_stays_as_it_is(result: MatchResult, mix: Mix) -> None:
    needed = MatchResult(result.matches, "en", mix=TRAINED, nothing=result.nothing, needs_person=True)
    assert under(needed, mix, REQUESTS) is needed


@given(results(), mixes())
def test_what_was_trained_in_no_known_mix_stays_as_it_is(result: MatchResult, mix: Mix) -> None:
    unknown = MatchResult(result.matches, "en", nothing=result.nothing)
    assert under(unknown, mix, REQUESTS) is unknown
    assert mix_of([unknown] * 100, REQUESTS, Prior()) == CAREFUL


# --- the estimate of the mix --------------------------------------------------------------------------

KINDS = np.array([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]])  # where questions of a kind lie


def asked(true: Mix, number: int, *, seed: int = 1) -> list[MatchResult]:
    """Results of questions of this mix, by a matcher that is calibrated for another one."""
    rng = np.random.default_rng(seed)
    shares = np.array([true.answers, true.requests, true.nothing])
    points = KINDS[rng.choice(3, number, p=shares / shares.sum())] + rng.normal(size=(number, 3))
    likelihood = np.exp(-0.5 * ((points[:, None, :] - KINDS) ** 2).sum(axis=2))
    posterior = likelihood * np.array([TRAINED.answers, TRAINED.requests, TRAINED.nothing])
    posterior /= posterior.sum(axis=1, keepdims=True)
    return [result_of(*row) for row in posterior.tolist()]


def result_of(answer: float, request: float, nothing: float) -> MatchResult:
    matches = sorted((Match("vpn", answer), Match("laptop", request)), key=lambda match: -match.confidence)
    return MatchResult(tuple(matches), "en", nothing=nothing, mix=TRAINED)


def apart(one: Mix, other: Mix) -> float:
    return max(
        abs(one.answers - other.answers),
        abs(one.requests - other.requests),
        abs(one.nothing - other.nothing),
    )


@pytest.mark.parametrize(
    "true", [Mix(0.8, 0.1, 0.1), Mix(0.2, 0.7, 0.1), Mix(0.3, 0.1, 0.6), Mix(0.34, 0.33, 0.33)], ids=str
)
def test_the_estimate_finds_the_true_mix(true: Mix) -> None:
    found = mix_of(asked(true, 1_000), REQUESTS, Prior())
    assert apart(found, true) < 0.05
    assert found.answers + found.requests + found.nothing == pytest.approx(1, abs=0.01)


@given(mixes(), mixes(), st.integers(0, 30), st.integers(0, 5))
def test_few_texts_stay_near_what_was_assumed(true: Mix, assumed: Mix, number: int, seed: int) -> None:
    prior = Prior(assumed, 10.0)
    found = mix_of(asked(true, number, seed=seed), REQUESTS, prior)
    assert apart(found, assumed) <= number / (number + prior.questions) + LEAST


def test_nothing_is_ever_impossible() -> None:
    found = mix_of(asked(Mix(1, 0, 0), 2_000), REQUESTS, Prior(Mix(1, 0, 0), 1.0))
    assert min(found.requests, found.nothing) == pytest.approx(LEAST, abs=0.02)
    assert min(found.requests, found.nothing) >= LEAST / 2


# --- the traffic --------------------------------------------------------------------------------------


def learned(seen: Sequence[MatchResult], *, max_wrong: float = 0.05, fixed: float | None = None) -> Traffic:
    return Traffic.learned(seen, REQUESTS, max_wrong, fixed=fixed)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_fixed_share_keeps_its_parts_in_proportion(share: float) -> None:
    seen = asked(Mix(0.2, 0.7, 0.1), 400)
    estimated, fixed = learned(seen).mix, learned(seen, fixed=share).mix
    assert fixed.unanswered == pytest.approx(share)
    assert fixed.requests * estimated.nothing == pytest.approx(fixed.nothing * estimated.requests)
    assert Traffic.assumed(Prior(), share).mix.unanswered == pytest.approx(share)


def test_before_anything_was_asked_the_prior_holds() -> None:
    prior = Prior(Mix(0.5, 0.3, 0.2))
    assert Traffic.assumed(prior) == Traffic(prior.mix)
    assert Traffic.learned([], REQUESTS, 0.05, prior=prior) == Traffic(prior.mix)


def test_thresholds_are_as_careful_as_the_traffic_asks() -> None:
    vain, served = learned(asked(Mix(0.3, 0.2, 0.5), 400)), learned(asked(Mix(0.98, 0.01, 0.01), 400))
    assert vain.answer_from > served.answer_from
    proposed = Thresholds(0.7, 0.5)
    assert vain.careful(proposed).answer == max(0.7, vain.answer_from)
    assert vain.careful(Thresholds(0.99, 0.5)) == Thresholds(0.99, 0.5)


EXPECTED = st.lists(
    st.tuples(SHARES, SHARES).map(lambda pair: Expectation(pair[0], pair[1] * (1 - pair[0]))),
    max_size=40,
    unique_by=lambda one: one.confidence,
)


@given(EXPECTED, st.floats(0.5, 2))
def test_the_lowest_confidence_expects_few_enough_wrong(seen: list[Expectation], correction: float) -> None:
    shares = (0.01, 0.1, 0.3, 1.0)
    levels = [lowest_confidence(seen, share, correction=correction) for share in shares]
    assert levels == sorted(levels, reverse=True), "the more may be wrong, the lower"
    for share, level in zip(shares, levels, strict=True):
        above = [one for one in seen if one.confidence >= level]
        wrong = correction * sum(one.wrong for one in above)
        assert level in (NEVER, LEAST_ANSWER) or wrong <= share * len(above) + 1e-9


def test_what_is_expected_of_an_answer() -> None:
    sure, vain = result_of(0.9, 0.05, 0.02), result_of(0.4, 0.1, 0.5)
    expected = expectation(sure, REQUESTS)
    assert (expected.confidence, expected.in_vain) == pytest.approx((0.9, 0.07))
    assert expectation(sure, REQUESTS).wrong < expectation(vain, REQUESTS).wrong
    assert expectation(MatchResult(nothing=1.0), REQUESTS).wrong == 1.0
