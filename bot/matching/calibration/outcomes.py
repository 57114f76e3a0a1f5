"""What came of questions with known answers, and the thresholds that follow from it."""

from dataclasses import dataclass

import numpy as np

from bot.domain.knowledge.decision import Mix, Thresholds
from bot.domain.knowledge.traffic import LEAST_ANSWER, NEVER, Expectation, Odds, lowest_confidence
from bot.matching.index.inverted_index import Floats

FEWEST = 20  # questions that teach anything
ENOUGH_LABELLED = 100  # for thresholds to follow from these, too
LEAST_TWO_WAY = 0.1
# A choice that lacks the right answer costs a press; a wrong answer costs about eight times that.
CHEAPER = 8
LEAST_CHOOSE, MOST_CHOOSE = 0.3, 0.9


@dataclass(frozen=True)
class Outcomes:
    """The outcomes of questions with known answers, in arrays with one place for each."""

    confidence: Floats  # of the best match
    right: Floats  # 1 where it was right
    answerable: Floats  # 1 where something answers it
    weight: Floats
    asks_request: Floats  # 1 where a service request is the right one
    is_request: Floats  # 1 where the best match is one
    requested: Floats  # the probability that it is any service request
    nothing: Floats  # the probability that nothing fits
    tied: Floats  # 1 where a second match is nearly as likely as the best one
    labelled: Floats  # 1 where it is a real question, 0 where it is a trial made of the content

    def thresholds(self, max_wrong: float, trained: Mix, mix: Mix, correction: float = 1.0) -> Thresholds:
        """The lowest thresholds with at most this share of wrong answers expected, in traffic of this mix.

        `trained`: the mix among which the confidences hold; `correction`: of the errors that trials let
        expect. Of labelled questions, if there are enough, what came out counts as well; the most careful of
        all holds.
        """
        confidence, in_vain = self._under(trained, mix)
        counted = (self.is_request == 0) & (self.tied == 0) & (confidence > 0)
        tried, asked = counted & (self.labelled == 0), counted & (self.labelled == 1)
        found = [LEAST_ANSWER]
        if (self.labelled == 0).any():
            weight = self._weight_in(mix)[tried]
            expectations = map(Expectation, confidence[tried], in_vain[tried], weight)
            found.append(lowest_confidence(expectations, max_wrong, correction=correction))
        if self.labelled.sum() >= ENOUGH_LABELLED:
            found.append(_lowest_of_labelled(confidence[asked], self.right[asked], max_wrong))
        return thresholds_at(max(found), max_wrong, correction)

    def _under(self, trained: Mix, mix: Mix) -> tuple[Floats, Floats]:
        # -> the confidence of the best match, and how likely no article answers
        odds = Odds.between(trained, mix)
        requested, nothing = odds.requests * self.requested, odds.nothing * self.nothing
        total = 1 - self.nothing - self.requested + requested + nothing
        confidence = self.confidence * np.where(self.is_request == 1, odds.requests, 1.0) / total
        return confidence, (requested + nothing) / total

    def _weight_in(self, mix: Mix) -> Floats:
        kinds = ((self.answerable - self.asks_request, mix.answers), (self.asks_request, mix.requests))
        weight = np.zeros(len(self.weight))
        for kind, share in (*kinds, (1 - self.answerable, mix.nothing)):
            own = self.weight * kind * (1 - self.labelled)
            weight += own * (share / max(float(own.sum()), 1e-9))
        return weight

    def two_way(self, trained: Mix, mix: Mix) -> Thresholds:
        """The threshold at which most questions are rightly answered or escalated, without a choice."""
        confidence, weight = self._under(trained, mix)[0], self._weight_in(mix)
        grid = np.arange(LEAST_TWO_WAY, 0.96, 0.01)
        rightly = [
            float(weight @ np.where(confidence >= level, self.right, 1 - self.answerable)) for level in grid
        ]
        best = round(float(grid[int(np.argmax(rightly))]), 3)
        return Thresholds(answer=best, choose=best, margin=0.0)


def _lowest_of_labelled(confidence: Floats, right: Floats, max_wrong: float) -> float:
    # Both as they came out, with one more that is wrong, and as their confidences let expect. With few
    # questions above it, what was seen is left to chance.
    order = np.argsort(-confidence, kind="stable")
    confidence, right = confidence[order], right[order]
    seen = _lowest_fine(confidence, np.cumsum(1 - right) + 1, max_wrong)
    expected = _lowest_fine(confidence, np.cumsum(1 - confidence), max_wrong)
    return max(seen, expected) if int((confidence >= seen).sum()) >= FEWEST else expected


def _lowest_fine(confidence: Floats, wrong: Floats, max_wrong: float) -> float:
    # `wrong`: how many are, of this one and all that are surer.
    # An answer needs the last confidence that is fine; where all are, what is more likely than not.
    fine = np.flatnonzero(wrong <= max_wrong * np.arange(1, len(wrong) + 1))
    return float(np.clip(confidence[fine[-1]], LEAST_ANSWER, NEVER)) if len(fine) else NEVER


def thresholds_at(answer: float, max_wrong: float, correction: float = 1.0) -> Thresholds:
    """The thresholds where answers are given from this confidence on; `correction`: of errors, as above."""
    choose = min(max(1 - CHEAPER * max_wrong / correction, LEAST_CHOOSE), MOST_CHOOSE)
    return Thresholds(answer=round(float(answer), 3), choose=round(float(min(choose, answer)), 3))
