"""Softmax regression on short dense vectors, trained by gradient descent in plain numpy."""

import numpy as np

from bot.matching.encoders.base import Vectors
from bot.matching.index.inverted_index import Floats, Ints

BATCH = 64
RATE = 5.0  # of the first step, for vectors of length one; it falls to 0
MOMENTUM = 0.9
STEPS = 1_500
PENALTY = 3e-5


def train(vectors: Vectors, label: Ints, targets: int) -> Vectors:
    """Train the weights (dimension + 1, targets); the last row is the bias."""
    inputs = _with_bias(vectors)
    weights = np.zeros((inputs.shape[1], targets), np.float32)
    velocity = np.zeros_like(weights)
    rng = np.random.default_rng(1)
    order = np.zeros(0, np.int64)
    for step in range(STEPS):
        if len(order) < BATCH:
            order = np.concatenate([order, rng.permutation(len(label))])
        picked, order = order[:BATCH], order[BATCH:]
        block = inputs[picked]
        share = block @ weights
        share = np.exp(share - share.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        share[np.arange(len(picked)), label[picked]] -= 1.0
        gradient = block.T @ share / len(picked) + PENALTY * weights
        velocity = MOMENTUM * velocity - RATE * (1 - step / STEPS) * gradient
        weights += velocity
    return weights


def logits(weights: Vectors, vector: Vectors) -> Floats:
    """The logit of each target."""
    return np.asarray(vector @ weights[:-1] + weights[-1], float)


def _with_bias(vectors: Vectors) -> Vectors:
    return np.hstack([vectors, np.ones((len(vectors), 1), np.float32)])
