"""A linear classifier over the examples: softmax regression on TF-IDF vectors, trained by gradient descent.

Plain numpy: each step works on the features that its examples have, as dense blocks.
"""

import numpy as np
import numpy.typing as npt

from bot.matching.index.inverted_index import Floats, Ints

BATCH = 32
RATE = 4.0  # of the first step, for vectors of length one; it falls to 0
MOST_WORK = 2_500_000  # examples times targets: beyond, similarity to the examples has to do
STEPS = 1_500  # at least, about; as whole passes
FEWEST_PASSES, MOST_PASSES = 5, 15
Weights = npt.NDArray[np.float32] | npt.NDArray[np.float16]  # as they are learned, and as they are kept


def affordable(examples: int, targets: int) -> bool:
    """Whether a classifier is worth its time and memory."""
    return examples * targets <= MOST_WORK and targets > 1 and examples > 1


def train(row: Ints, feature: Ints, value: Floats, label: Ints, features: int, targets: int) -> Weights:
    """Train the weights (features, targets); entries are sorted by row, `label` is each row's target."""
    rows = len(label)
    start = np.searchsorted(row, np.arange(rows + 1))
    weights = np.zeros((features, targets), np.float32)
    value = value.astype(np.float32)
    rng = np.random.default_rng(1)
    batches = -(-rows // BATCH)
    passes = int(np.clip(STEPS / batches, FEWEST_PASSES, MOST_PASSES))
    for done in range(passes):
        order = rng.permutation(rows)
        for number in range(batches):
            picked = order[number * BATCH : (number + 1) * BATCH]
            length = start[picked + 1] - start[picked]
            ends = np.cumsum(length)
            at = np.arange(int(ends[-1])) + np.repeat(start[picked] - (ends - length), length)
            columns, place = np.unique(feature[at], return_inverse=True)
            block = np.zeros((len(picked), len(columns)), np.float32)
            block[np.repeat(np.arange(len(picked)), length), place] = value[at]
            share = _softmax(block @ weights[columns])
            share[np.arange(len(picked)), label[picked]] -= 1.0
            rate = RATE * (1 - (done + number / batches) / passes)
            weights[columns] -= rate * (block.T @ share)
    return weights


def _softmax(values: Weights) -> Weights:
    values = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(values / values.sum(axis=1, keepdims=True), np.float32)
