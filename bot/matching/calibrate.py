"""The small layer that turns evidence into probabilities: a softmax over candidates and "none of them"."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.matching.index import Floats

PENALTY = 0.3
STEPS = 30


@dataclass(frozen=True)
class Trial:
    """A question with a known answer: evidence of its candidates, of none, and which is right (-1: none)."""

    candidates: Floats  # (candidates, features)
    none: Floats  # (features of none,)
    right: int
    weight: float = 1.0


@dataclass(frozen=True)
class Layer:
    """Weights of a candidate's evidence, and of the evidence that nothing fits."""

    candidate: Floats
    none: Floats

    def probabilities(self, candidates: Floats, none: Floats) -> Floats:
        """The probability of each candidate; what is missing to 1 is that of none."""
        values = np.append(candidates @ self.candidate, none @ self.none)
        values = np.exp(values - values.max())
        return np.asarray(values[:-1] / values.sum())


def train(trials: Sequence[Trial], start: Layer) -> Layer:
    """Fit the layer to trials by Newton's method; with few of them it stays near the start."""
    first = len(start.candidate)
    origin = np.concatenate([start.candidate, start.none])
    weights = origin.copy()
    designs = [_design(trial, first) for trial in trials]
    for _ in range(STEPS):
        slope = PENALTY * (weights - origin)
        curve = PENALTY * np.eye(len(weights))
        for trial, design in zip(trials, designs, strict=True):
            values = design @ weights
            share = np.exp(values - values.max())
            share /= share.sum()
            right = trial.right if trial.right >= 0 else len(design) - 1
            mean = share @ design
            slope += trial.weight * (mean - design[right])
            curve += trial.weight * ((design.T * share) @ design - np.outer(mean, mean))
        step = np.linalg.solve(curve, slope)
        # A full Newton step may overshoot far from the optimum.
        weights = weights - step * min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-9))
        if float(np.abs(step).max()) < 1e-4:
            break
    return Layer(weights[:first], weights[first:])


def _design(trial: Trial, first: int) -> Floats:
    candidates, features = trial.candidates.shape
    design = np.zeros((candidates + 1, features + len(trial.none)))
    design[:-1, :first] = trial.candidates
    design[-1, first:] = trial.none
    return design
