"""The nearest texts of each target to a question, by the cosine of their vectors."""

import numpy as np

from bot.matching.encoders.base import Vectors
from bot.matching.index.inverted_index import Floats, Ints
from bot.matching.scoring.candidates import Candidates

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

    def similarities(self, vectors: Vectors) -> Vectors | None:
        """The cosine of every text with each vector; None where there are too many to look at each."""
        return None if len(self.vectors) > MOST_COMPARED else np.asarray((self.vectors @ vectors.T).T)

    def best(self, similarities: Vectors | None) -> Floats | None:
        """The cosine of each target's nearest text, (questions, targets); 0 for a target without any."""
        if similarities is None:
            return None
        found = np.zeros((len(similarities), len(self.counts)))
        if len(self.with_texts):
            found[:, self.with_texts] = np.maximum.reduceat(similarities, self.first[self.with_texts], axis=1)
        return found

    def nearest(self, similarities: Vectors | None, vectors: Vectors, candidates: Candidates) -> Floats:
        """The cosine of each candidate's nearest text, and the mean of its nearest three: (candidates, 2)."""
        counts = self.counts[candidates.target]
        number = np.arange(max(int(counts.max(initial=0)), NEAREST))
        there = number < counts[:, None]
        values = np.full((len(counts), len(number)), -np.inf)
        if similarities is not None and len(self.vectors):
            place = np.minimum(self.first[candidates.target][:, None] + number, len(self.vectors) - 1)
            values = np.where(there, similarities[candidates.question[:, None], place], values)
        else:
            pairs = zip(candidates.question.tolist(), candidates.target.tolist(), strict=True)
            for row, (question, target) in enumerate(pairs):
                part = slice(int(self.first[target]), int(self.first[target + 1]))
                values[row, : counts[row]] = self.vectors[part] @ vectors[question]
        best = np.sort(np.partition(values, len(number) - NEAREST, axis=1)[:, -NEAREST:], axis=1)[:, ::-1]
        looked_at = np.minimum(counts, NEAREST)
        best = np.where(np.arange(NEAREST) < looked_at[:, None], best, 0.0)
        return np.stack([best[:, 0], best.sum(axis=1) / np.maximum(looked_at, 1)], axis=1)
