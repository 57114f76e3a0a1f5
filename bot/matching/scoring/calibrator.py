"""The calibrator: turns features into probabilities, by a softmax over candidates and "none of them"."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.domain.knowledge.decision import Mix
from bot.matching.index.inverted_index import Floats, Ints

UNTRAINED = Mix(answers=0.65, requests=0.15, nothing=0.2)
PENALTY = 0.3
STEPS = 25


@dataclass(frozen=True)
class CalibrationSample:
    """A question with a known answer, as features to train a calibrator on."""

    features: Floats  # (candidates, NAMES)
    none_features: Floats  # (NONE_NAMES,)
    right: int  # the place of the right candidate, -1 where it is none of them
    weight: float = 1.0
    targets: Ints = field(default_factory=lambda: np.zeros(0, np.int64))  # those of the candidates


@dataclass(frozen=True)
class Calibrator:
    """The weights of a candidate's features, and of the features that say that nothing fits."""

    candidate_weights: Floats  # (NAMES,)
    none_weights: Floats  # (NONE_NAMES,)
    mix: Mix = UNTRAINED
    """The mix of the questions that it was trained on, by weight."""

    def probabilities(self, features: Floats, none_features: Floats) -> Floats:
        """The probability of each candidate; what is missing to 1 is that of none."""
        values = np.append(features @ self.candidate_weights, none_features @ self.none_weights)
        values = np.exp(values - values.max())
        return np.asarray(values[:-1] / values.sum())


# About what the weights came to on the public validation sets: the start, which contents that teach little
# stay near. In the order of NAMES and NONE_NAMES.
START = Calibrator(
    np.array([2.0, 1.5, -1.0, 1.2, 6.0, 4.0, 2.5, 2.0, 4.0, 0.0, 0.0]),
    np.array([6.0, -1.0, -0.3, 1.5, 0.3, 0.0]),
)
# The same for contents that are too large for a classifier.
START_WITHOUT = Calibrator(
    np.array([5.0, 3.5, 1.5, 0.0, 6.0, 4.0, 3.0, 2.0, 4.0, 0.5, 0.0]),
    np.array([5.0, 0.0, -0.3, 1.5, 0.0, 0.0]),
)


def train(samples: Sequence[CalibrationSample], start: Calibrator) -> Calibrator:
    """Fit the weights to samples by Newton's method; with few of them they stay near the start."""
    first = len(start.candidate_weights)
    origin = np.concatenate([start.candidate_weights, start.none_weights])
    if not samples:
        return start
    design, there, right, weight = _stacked(samples, first, len(origin))
    weights = origin.copy()
    for _ in range(STEPS):
        values = np.where(there, design @ weights, -np.inf)
        share = np.exp(values - values.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        mean = np.einsum("tc,tcf->tf", share, design)
        gradient = PENALTY * (weights - origin) + weight @ (mean - design[np.arange(len(right)), right])
        heavy = (design * (share * weight[:, None])[:, :, None]).reshape(-1, len(origin))
        hessian = PENALTY * np.eye(len(origin)) + heavy.T @ design.reshape(-1, len(origin))
        hessian -= (mean * weight[:, None]).T @ mean
        step = np.linalg.solve(hessian, gradient)
        # A full Newton step may overshoot far from the optimum.
        weights = weights - step * min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-9))
        if float(np.abs(step).max()) < 1e-4:
            break
    return Calibrator(weights[:first], weights[first:])


def _stacked(
    samples: Sequence[CalibrationSample], first: int, features: int
) -> tuple[Floats, np.ndarray[tuple[int, ...], np.dtype[np.bool_]], Ints, Floats]:
    # Every sample has as many places; the last is "none", those that are not there weigh nothing.
    places = max(len(sample.features) for sample in samples) + 1
    design = np.zeros((len(samples), places, features))
    there = np.zeros((len(samples), places), bool)
    for index, sample in enumerate(samples):
        number = len(sample.features)
        design[index, :number, :first] = sample.features
        design[index, -1, first:] = sample.none_features
        there[index, :number] = there[index, -1] = True
    right = np.array([sample.right if sample.right >= 0 else places - 1 for sample in samples])
    return design, there, right, np.array([sample.weight for sample in samples])
