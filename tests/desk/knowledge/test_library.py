"""Confidences and thresholds of the library: by the desk's traffic, or by labelled questions alone."""

from typing import cast

import pytest

from bot.desk.knowledge.library import Library, thresholds_in
from bot.desk.ports.content import Matcher
from bot.domain.knowledge.decision import Match, MatchResult, Mix, Tolerance
from bot.domain.knowledge.traffic import Traffic
from tests.support.desk.helpdesk import Given

ASKED = "I need a new laptop or the old one repaired"
TRAFFIC = Traffic(Mix(0.1, 0.7, 0.2), questions=100, answer_from=0.97)


def of(library: Library, *, certain: bool = False, unanswered: float | None = None) -> Library:
    """A library of the same content and matcher."""
    snapshot = library.snapshot
    made = Library(
        Given(snapshot.content), lambda *_: snapshot.matcher, certain=certain, unanswered=unanswered
    )
    assert made.load()
    return made


def test_before_anything_was_asked_confidences_hold_for_what_is_assumed(library: Library) -> None:
    found = library.match(ASKED)
    assert found.mix == library.snapshot.matcher.prior.mix
    assert found != library.snapshot.matcher.find(ASKED)


def test_what_was_learned_moves_confidences_and_thresholds(library: Library) -> None:
    made, requests = of(library), library.snapshot.content.service_requests
    made.learned = TRAFFIC

    def requested(result: MatchResult) -> float:
        return sum(match.confidence for match in result.matches if match.target in requests)

    assert made.match(ASKED).mix == TRAFFIC.mix
    assert requested(made.match(ASKED)) > requested(library.match(ASKED))
    assert made.thresholds(Tolerance(), made.match(ASKED)).answer >= 0.97


def test_with_a_certainty_nothing_moves(library: Library) -> None:
    made = of(library, certain=True)
    made.learned = TRAFFIC
    assert made.traffic is None
    found = made.match(ASKED)
    assert found == library.snapshot.matcher.find(ASKED)
    tolerance = Tolerance(certainty=0.95)
    assert made.thresholds(tolerance, found) == thresholds_in(None, library.snapshot.matcher, tolerance)


def test_a_fixed_share_is_assumed_from_the_start(library: Library) -> None:
    traffic = of(library, unanswered=0.4).traffic
    assert traffic is not None
    assert traffic.mix.unanswered == pytest.approx(0.4)


def test_what_an_earlier_matcher_says_at_last_is_not_remembered_of_the_next(library: Library) -> None:
    newer = library.snapshot.matcher

    class Earlier:
        """A matcher that is replaced while it looks."""

        provisional = False
        prior = newer.prior

        def find(self, text: str, language: str | None = None, *, here: bool = False) -> MatchResult:
            assert made.renew(lambda _content: newer)
            return MatchResult(matches=(Match("what-is-gone", 0.9),), language="en")

    made = Library(Given(library.snapshot.content), lambda *_: cast(Matcher, Earlier()))
    assert made.load()
    assert made.match(ASKED).best == Match("what-is-gone", 0.9)
    assert made.find_matches(ASKED) == library.find_matches(ASKED)
