"""Certifies a threshold: above it at most a share of the answers is wrong, with a certainty.

Learn-then-test (Angelopoulos et al., 2021) with fixed-sequence testing: thresholds are tested from the most
careful one down, each with an exact binomial test of the share of wrong ones among the answers, until the
first that fails. The first one tested is the highest with enough answers. That all this certifies too low a
threshold has at most the probability that is left, where surer answers are wrong no more often than others.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.domain.knowledge.promise import Certificate, Promise
from bot.matching.index.inverted_index import Floats
from bot.matching.scoring.calibrator import CalibrationSample, Calibrator, train

HIGHEST, LOWEST, STEP = 0.99, 0.67, 0.01  # of the thresholds; from 0.67 on no answer is a near tie
SHARE_EXPECTED = 0.5  # of questions that are answered, where nobody knows better
FOLDS = 5  # of the labelled questions
MOST_NEEDED = 100_000


@dataclass(frozen=True)
class Labelled:
    """Labelled questions as they came out, in arrays: the best match's confidence, 1 where it is right."""

    confidence: Floats
    right: Floats

    def certificate(self, promise: Promise) -> Certificate:
        """What these questions certify of a promise."""
        level, number = self.threshold(promise), len(self.confidence)
        if level is None:
            return Certificate(number, None, needed=self._needed(promise))
        return Certificate(number, level, *self._answers_from(level))

    def threshold(self, promise: Promise) -> float | None:
        """The lowest threshold that is certified, None where there is none."""
        fewest, certified = fewest_answers(promise), None
        for level in _levels():
            answered, wrong = self._answers_from(level)
            if answered < fewest:
                continue
            if chance_of_so_few(wrong, answered, promise.max_wrong) > 1 - promise.certainty:
                break
            certified = level
        return certified

    def _needed(self, promise: Promise) -> int | None:
        """About how many labelled questions certify a threshold, if more are like these; None for never."""
        fewest = fewest_answers(promise)
        if fewest >= MOST_NEEDED:
            return None
        guesses = [math.ceil(fewest / SHARE_EXPECTED)] if len(self.confidence) < fewest else []
        for level in _levels():
            answered, wrong = self._answers_from(level)
            if answered >= fewest / 2:
                number = _answers_needed(wrong / answered, promise)
                guesses += [math.ceil(number * len(self.confidence) / answered)] if number else []
        return min(guesses, default=None)

    def _answers_from(self, level: float) -> tuple[int, int]:
        """How many are answered from a confidence on, and how many of these wrongly."""
        given = self.confidence >= level
        return int(given.sum()), int((1 - self.right[given]).sum())


NONE_LABELLED = Labelled(np.zeros(0), np.zeros(0))


def held_out(
    samples: Sequence[CalibrationSample],
    asked: Sequence[int],
    start: Calibrator,
    is_request: npt.NDArray[np.bool_],
) -> Labelled:
    """The samples at the places `asked` as they come out under calibrators that did not learn from them.

    `start`: where such a calibrator starts from; `is_request`: of each target, whether it opens a ticket,
    which is no answer.
    """
    rows: list[tuple[float, float]] = []
    for fold in range(min(FOLDS, len(asked))):
        out = asked[fold::FOLDS]
        held = set(out)
        calibrator = train([sample for place, sample in enumerate(samples) if place not in held], start)
        for place in out:
            sample = samples[place]
            confidence = calibrator.probabilities(sample.features, sample.none_features)
            best = int(np.argmax(confidence)) if len(confidence) else -1
            answered = best >= 0 and not is_request[sample.targets[best]]
            rows.append((float(confidence[best]) if answered else 0.0, float(0 <= best == sample.right)))
    return Labelled(*np.array(rows, float).reshape(-1, 2).T)


def joined(parts: Sequence[Labelled]) -> Labelled:
    """Several parts as one."""
    return Labelled(
        np.concatenate([part.confidence for part in parts]), np.concatenate([part.right for part in parts])
    )


def fewest_answers(promise: Promise) -> int:
    """How many answers without a wrong one are needed at least: 59 for 5 % at a certainty of 95 %."""
    if promise.max_wrong <= 0:
        return MOST_NEEDED
    if promise.max_wrong >= 1:
        return 1
    return math.ceil(math.log(1 - promise.certainty) / math.log(1 - promise.max_wrong))


def chance_of_so_few(wrong: int, answered: int, share: float) -> float:
    """The probability of at most so many wrong ones of the answers, where this share of them is wrong."""
    if wrong >= answered or share <= 0:
        return 1.0
    if share >= 1:
        return 0.0
    k = np.arange(1, wrong + 1)
    steps = np.log((answered - k + 1) / k) + math.log(share) - math.log(1 - share)
    logs = answered * math.log(1 - share) + np.concatenate([[0.0], np.cumsum(steps)])
    return float(min(np.exp(logs).sum(), 1.0))


def _answers_needed(share: float, promise: Promise) -> int | None:
    """About how many answers with this share of wrong ones certify it; None where no number does."""
    number = fewest_answers(promise)
    while number < MOST_NEEDED and share < promise.max_wrong:
        if chance_of_so_few(round(share * number), number, promise.max_wrong) <= 1 - promise.certainty:
            return number
        number = math.ceil(number * 1.05)
    return None


def _levels() -> list[float]:
    return [round(float(level), 3) for level in np.arange(HIGHEST, LOWEST - STEP / 2, -STEP)]
