"""How near texts of each target are to a question, by their vectors."""

import numpy as np

from bot.matching.encoders.base import Vectors
from bot.matching.index.inverted_index import Floats, Ints
from bot.matching.scoring.features import largest

CANDIDATES = 5  # targets that each kind of text proposes
NEAR = 3  # texts of a target that are looked at together
MOST_READ = 20_000  # texts that are all compared with a question; of more, those of its candidates


class Texts:
    """The vectors of one kind of texts, sorted by target; made once, then only read."""

    def __init__(self, vectors: Vectors, target: Ints, targets: int) -> None:
        self.vectors = vectors
        self.first = np.searchsorted(target, np.arange(targets + 1))
        """Where each target's texts begin; the last one is where all end."""
        self.counts = np.diff(self.first)
        self.there = np.flatnonzero(self.counts)
        """The targets that have any."""

    def all(self, vector: Vectors) -> Floats | None:
        """How near every text is; None where there are too many to look at each."""
        return None if len(self.vectors) > MOST_READ else (self.vectors @ vector).astype(float)

    def proposed(self, similar: Floats | None) -> Ints:
        """The targets whose texts are nearest; none where not all were looked at."""
        if similar is None or not len(self.there):
            return np.zeros(0, np.int64)
        best = np.maximum.reduceat(similar, self.first[self.there])
        return np.asarray(self.there[largest(best, CANDIDATES)])

    def near(self, similar: Floats | None, vector: Vectors, targets: Ints) -> Floats:
        """(targets, 2): how near the nearest text of each is, and the nearest three together."""
        found = np.zeros((len(targets), 2))
        for place, target in enumerate(targets.tolist()):
            part = slice(int(self.first[target]), int(self.first[target + 1]))
            values = similar[part] if similar is not None else self.vectors[part] @ vector
            best = sorted(values.tolist(), reverse=True)[:NEAR]
            if best:
                found[place] = best[0], sum(best) / len(best)
        return found
