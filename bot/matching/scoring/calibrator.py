"""The small layer that turns evidence into probabilities: a softmax over candidates and "none of them"."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.matching.index.inverted_index import Floats, Ints

PENALTY = 0.3
STEPS = 25


@dataclass(frozen=True)
class Trial:
    """A question with a known answer: evidence of its candidates, of none, and which is right (-1: none)."""

    candidates: Floats  # (candidates, NAMES)
    none: Floats  # (NONE_NAMES,)
    right: int
    weight: float = 1.0


@dataclass(frozen=True)
class Calibrator:
    """Weights of a candidate's evidence, and of the evidence that nothing fits."""

    candidate: Floats
    none: Floats

    def probabilities(self, candidates: Floats, none: Floats) -> Floats:
        """The probability of each candidate; what is missing to 1 is that of none."""
        values = np.append(candidates @ self.candidate, none @ self.none)
        values = np.exp(values - values.max())
        return np.asarray(values[:-1] / values.sum())


# About what the layer came to on the public validation sets: the start, which contents that teach little
# stay near. In the order of NAMES and NONE_NAMES.
START = Calibrator(
    np.array([2.0, 1.5, -1.0, 1.2, 6.0, 4.0, 2.5, 2.0, 4.0, 0.0]), np.array([6.0, -1.0, -0.3, 1.5, 0.3])
)
# The same for contents that are too large for a classifier.
START_WITHOUT = Calibrator(
    np.array([5.0, 3.5, 1.5, 0.0, 6.0, 4.0, 3.0, 2.0, 4.0, 0.5]), np.array([5.0, 0.0, -0.3, 1.5, 0.0])
)


def train(trials: Sequence[Trial], start: Calibrator) -> Calibrator:
    """Fit the layer to trials by Newton's method; with few of them it stays near the start."""
    first = len(start.candidate)
    origin = np.concatenate([start.candidate, start.none])
    if not trials:
        return start
    design, there, right, weight = _stacked(trials, first, len(origin))
    weights = origin.copy()
    for _ in range(STEPS):
        values = np.where(there, design @ weights, -np.inf)
        share = np.exp(values - values.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        mean = np.einsum("tc,tcf->tf", share, design)
        slope = PENALTY * (weights - origin) + weight @ (mean - design[np.arange(len(right)), right])
        heavy = (design * (share * weight[:, None])[:, :, None]).reshape(-1, len(origin))
        curve = PENALTY * np.eye(len(origin)) + heavy.T @ design.reshape(-1, len(origin))
        curve -= (mean * weight[:, None]).T @ mean
        step = np.linalg.solve(curve, slope)
        # A full Newton step may overshoot far from the optimum.
        weights = weights - step * min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-9))
        if float(np.abs(step).max()) < 1e-4:
            break
    return Calibrator(weights[:first], weights[first:])


def _stacked(
    trials: Sequence[Trial], first: int, features: int
) -> tuple[Floats, np.ndarray[tuple[int, ...], np.dtype[np.bool_]], Ints, Floats]:
    # Every trial has as many places; the last is "none", those that are not there weigh nothing.
    places = max(len(trial.candidates) for trial in trials) + 1
    design = np.zeros((len(trials), places, features))
    there = np.zeros((len(trials), places), bool)
    for index, trial in enumerate(trials):
        number = len(trial.candidates)
        design[index, :number, :first] = trial.candidates
        design[index, -1, first:] = trial.none
        there[index, :number] = there[index, -1] = True
    right = np.array([trial.right if trial.right >= 0 else places - 1 for trial in trials])
    return design, there, right, np.array([trial.weight for trial in trials])
