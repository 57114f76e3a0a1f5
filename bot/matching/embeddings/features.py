"""The features of candidates that come from embeddings: how near each target is to a question."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.matching.embeddings import classifier
from bot.matching.embeddings.chunks import ContentTexts
from bot.matching.embeddings.nearest import CANDIDATES, TextVectors
from bot.matching.encoders.base import Vectors
from bot.matching.index.inverted_index import Floats, Ints
from bot.matching.scoring.candidates import Candidates, among_largest
from bot.matching.scoring.classifier import affordable

SHRUNK = 0.4  # of the spread within targets: towards one that is equal in all directions
USUAL = 0.5  # squared distance of an example from its target's mean, where the content cannot tell
USUAL_EXAMPLES = 50  # examples that this guess stands for
SPREAD_EXAMPLES = 20_000  # examples that tell how those of one target differ
LEAST = -20.0  # logarithm of a share: below, it is nothing
SCALE = 10.0

VERSION = "meaning-4"  # of what is learned: a file of another version is not read
NAMES = (
    "meaning_nearest",
    "meaning_near",
    "meaning_middle",
    "meaning_classifier",
    "meaning_beginning",
    "meaning_article",
)
NONE_NAMES = ("meaning_nearest", "meaning_article")


@dataclass(frozen=True)
class EmbeddingSimilarities:
    """The similarity of questions to every target, and to every text where all were looked at."""

    vectors: Vectors
    discriminant: Floats  # (questions, targets): of the linear discriminant analysis
    classified: Floats  # (questions, targets): of the classifier
    examples: Vectors | None
    beginnings: Floats | None  # (questions, targets): of the nearest one
    passages: Floats | None
    proposed: list[Ints]
    """The targets of each question that are worth a close look."""


class EmbeddingFeatures:
    """Extracts features by the vectors of a content and two classifiers; built once, then only read."""

    def __init__(self, content_texts: ContentTexts, vectors: Vectors, weights: Vectors | None = None) -> None:
        """`vectors` are those of all texts of the content; `weights` those of a trained classifier."""
        number = len(content_texts.targets)
        ends = np.cumsum([len(content_texts.examples), len(content_texts.beginnings)])
        examples, beginnings, passages = np.split(vectors, ends)
        self._examples = TextVectors(examples, content_texts.target_of_example, number)
        self._beginnings = TextVectors(beginnings, content_texts.target_of_beginning, number)
        self._passages = TextVectors(passages, content_texts.target_of_passage, number)
        self._number, self._targets = number, content_texts.targets
        self._target = content_texts.target_of_example
        self._directions, self._offsets = self._discriminant()
        self.weights = weights

    def train(self) -> None:
        """Train the classifier, where it is worth its time."""
        if affordable(len(self._target), self._number):
            self.weights = classifier.train(self._examples.vectors, self._target, self._number)

    def weights_for(self, targets: Sequence[str]) -> Vectors | None:
        """The classifier's weights for other targets: 0 for new ones; None where there is no classifier."""
        if self.weights is None:
            return None
        number = {target: index for index, target in enumerate(self._targets)}
        columns = np.array([number.get(target, -1) for target in targets], np.int64)
        taken = np.zeros((len(self.weights), len(targets)), np.float32)
        taken[:, columns >= 0] = self.weights[:, columns[columns >= 0]]
        return taken

    def similarities(self, vectors: Vectors) -> EmbeddingSimilarities:
        """The similarities of the targets and texts to questions with these vectors."""
        shape = len(vectors), self._number
        discriminant, classified = np.full(shape, LEAST / SCALE), np.zeros(shape)
        with_examples = self._examples.with_texts
        if len(with_examples) > 1:
            values = (vectors @ self._directions.T).astype(float) + self._offsets
            discriminant[:, with_examples] = _log_softmax(values)
        if self.weights is not None:
            classified = _log_softmax(classifier.logits(self.weights, vectors))
        proposed = among_largest(discriminant, CANDIDATES) | among_largest(classified, CANDIDATES)
        examples = self._examples.similarities(vectors)
        best = [
            one.best(examples if one is self._examples else one.similarities(vectors))
            for one in (self._examples, self._beginnings, self._passages)
        ]
        for one, nearest in zip((self._examples, self._beginnings, self._passages), best, strict=True):
            if nearest is not None:
                proposed[:, one.with_texts] |= among_largest(nearest[:, one.with_texts], CANDIDATES)
        found = [np.flatnonzero(row) for row in proposed]
        return EmbeddingSimilarities(vectors, discriminant, classified, examples, best[1], best[2], found)

    def features(self, query: EmbeddingSimilarities, candidates: Candidates) -> Floats:
        """The features of some candidates, (candidates, NAMES)."""
        near = self._examples.nearest(query.examples, query.vectors, candidates)
        columns = (
            query.discriminant[candidates.at],
            query.classified[candidates.at],
            self._nearest(self._beginnings, query.beginnings, query.vectors, candidates),
            self._nearest(self._passages, query.passages, query.vectors, candidates),
        )
        return np.hstack([near, np.stack(columns, axis=1)])

    @staticmethod
    def _nearest(texts: TextVectors, best: Floats | None, vectors: Vectors, candidates: Candidates) -> Floats:
        return best[candidates.at] if best is not None else texts.nearest(None, vectors, candidates)[:, 0]

    @staticmethod
    def none_features(columns: Floats) -> Floats:
        """The features that speak for no target at all, (NONE_NAMES,), from those of the candidates."""
        return np.asarray(columns[:, [NAMES.index(name) for name in NONE_NAMES]].max(axis=0, initial=0.0))

    def _discriminant(self) -> tuple[Vectors, Floats]:
        # Linear discriminant analysis: the covariance of examples around their target's mean is shared by all
        # targets, so that ten examples of each are enough.
        examples, with_examples = self._examples.vectors, self._examples.with_texts
        size = examples.shape[1]
        if len(with_examples) < 2:
            return np.zeros((0, size), np.float32), np.zeros(0)
        counts = self._examples.counts[with_examples]
        sums = np.add.reduceat(examples, self._examples.first[with_examples], axis=0)
        means = (sums / counts[:, None]).astype(np.float32)
        step = max(1, len(examples) // SPREAD_EXAMPLES)
        place = np.repeat(np.arange(len(with_examples)), counts)[::step]
        residuals = examples[::step] - means[place]
        freedom = max(len(residuals) - len(with_examples) / step, 0.0)
        covariance = (residuals.T @ residuals).astype(float)
        covariance = covariance + USUAL_EXAMPLES * USUAL / size * np.eye(size)
        covariance /= freedom + USUAL_EXAMPLES
        even = float(np.trace(covariance)) / size
        covariance = (1 - SHRUNK) * covariance + SHRUNK * even * np.eye(size)
        directions = np.linalg.solve(covariance, means.T.astype(float)).T
        offsets = -0.5 * (directions * means).sum(axis=1)
        return directions.astype(np.float32), offsets


def _log_softmax(values: Floats) -> Floats:
    # Of each row, scaled; far below the best all are the same.
    values = values - values.max(axis=1, keepdims=True)
    sums = np.log(np.exp(values).sum(axis=1, keepdims=True))
    return np.asarray(np.maximum(values - sums, LEAST) / SCALE)
