"""A sparse inverted index in plain arrays: TF-IDF similarity of one text to many."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Postings:
    """For each feature the rows that have it, and how much it counts there."""

    def __init__(self, row: Ints, feature: Ints, weight: Floats, rows: int, features: int) -> None:
        order = np.argsort(feature, kind="stable")
        self.rows = rows
        self._row = row[order].astype(np.int32)
        self._weight = weight[order].astype(np.float32)
        self._start = np.zeros(features + 1, np.int64)
        np.cumsum(np.bincount(feature, minlength=features), out=self._start[1:])

    def entries(self, features: Ints) -> tuple[Ints, npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """All entries of some features: which of them (its position), the row, the weight there."""
        start = self._start[features]
        length = self._start[features + 1] - start
        which = np.repeat(np.arange(len(features)), length)
        ends = np.cumsum(length)
        at = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(start - (ends - length), length)
        return which, self._row[at], self._weight[at]

    def total(self, features: Ints, weights: Floats) -> Floats:
        """The weighted sum of the features for every row."""
        which, row, weight = self.entries(features)
        return np.bincount(row, weights=weight * weights[which], minlength=self.rows).astype(float)


class Similarity:
    """Cosine of TF-IDF vectors; a question's unknown features make it less similar to everything."""

    def __init__(self, texts: Sequence[Sequence[int]], features: int, factors: Floats | None = None) -> None:
        factors = np.ones(features) if factors is None else factors
        row, feature, count = counted(texts, features)
        spread = np.bincount(feature, minlength=features)
        self._idf = (np.log((1 + len(texts)) / (1 + spread)) + 1) * factors
        self._unseen = float(np.log(1 + len(texts)) + 1) ** 2
        weight = (1 + np.log(count)) * self._idf[feature]
        norm = np.sqrt(np.bincount(row, weights=weight**2, minlength=len(texts)))
        self.postings = Postings(row, feature, weight / norm[row], len(texts), features)

    def vector(self, text: Sequence[int], unseen: float) -> tuple[Ints, Floats]:
        """A question as features and weights; `unseen` is the summed squared factor of unknown features."""
        features, counts = np.unique(np.array(text, np.int64), return_counts=True)
        weights = (1 + np.log(counts)) * self._idf[features]
        norm = float(np.sqrt((weights**2).sum() + unseen * self._unseen))
        return features, weights / norm if norm else weights

    def to_all(self, text: Sequence[int], unseen: float) -> Floats:
        """The similarity to every row."""
        return self.postings.total(*self.vector(text, unseen))


def counted(texts: Sequence[Sequence[int]], features: int) -> tuple[Ints, Ints, Ints]:
    """Lists of features -> row, feature and count of every distinct one."""
    row = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    flat = np.fromiter((f for text in texts for f in text), np.int64, len(row))
    keys, counts = np.unique(row * max(features, 1) + flat, return_counts=True)
    return keys // max(features, 1), keys % max(features, 1), counts
