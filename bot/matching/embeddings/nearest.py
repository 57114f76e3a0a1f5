"""The nearest texts of each target to a question, by the cosine of their vectors."""

import numpy as np

from bot.matching.encoders.base import Vectors
from bot.matching.index.inverted_index import Floats, Ints
from bot.matching.scoring.features import largest

CANDIDATES = 5  # targets that each kind of text proposes
NEAREST = 3  # texts of a target that are looked at together
MOST_COMPARED = 20_000  # texts that are all compared with a question; of more, those of its candidates


class TextVectors:
    """The vectors of one kind of texts, sorted by target; built once, then only read."""

    def __init__(self, vectors: Vectors, target: Ints, targets: int) -> None:
        self.vectors = vectors
        self.first = np.searchsorted(target, np.arange(targets + 1))
        """Where each target's texts begin; the last one is where all end."""
        self.counts = np.diff(self.first)
        self.with_texts = np.flatnonzero(self.counts)
        """The targets that have any."""

    def similarities(self, vector: Vectors) -> Floats | None:
        """The cosine of every text; None where there are too many to look at each."""
        return None if len(self.vectors) > MOST_COMPARED else (self.vectors @ vector).astype(float)

    def nearest_targets(self, similarities: Floats | None) -> Ints:
        """The targets whose texts are nearest; none where not all were looked at."""
        if similarities is None or not len(self.with_texts):
            return np.zeros(0, np.int64)
        best = np.maximum.reduceat(similarities, self.first[self.with_texts])
        return np.asarray(self.with_texts[largest(best, CANDIDATES)])

    def nearest(self, similarities: Floats | None, vector: Vectors, targets: Ints) -> Floats:
        """The cosine of each target's nearest text, and the mean of its nearest three: (targets, 2)."""
        found = np.zeros((len(targets), 2))
        for place, target in enumerate(targets.tolist()):
            part = slice(int(self.first[target]), int(self.first[target + 1]))
            values = similarities[part] if similarities is not None else self.vectors[part] @ vector
            best = sorted(values.tolist(), reverse=True)[:NEAREST]
            if best:
                found[place] = best[0], sum(best) / len(best)
        return found
