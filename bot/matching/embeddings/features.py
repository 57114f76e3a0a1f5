"""How near a question's meaning is to each target's, as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.matching.embeddings import classifier
from bot.matching.embeddings.chunks import ContentTexts
from bot.matching.embeddings.nearest import CANDIDATES, Texts
from bot.matching.encoders.base import Vectors
from bot.matching.index.inverted_index import Floats, Ints
from bot.matching.scoring.classifier import affordable
from bot.matching.scoring.features import largest

SHRUNK = 0.4  # of the spread within targets: towards one that is equal in all directions
USUAL = 0.5  # squared distance of an example from its target's middle, where the content cannot tell
USUAL_ROWS = 50  # examples that this guess stands for
SPREAD_ROWS = 20_000  # rows that tell how examples of one target differ
LEAST = -20.0  # logarithm of a share: below, it is nothing
SCALE = 10.0

VERSION = "meaning-3"  # of what is learned: a file of another version is not read
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
class Meant:
    """What one question means to every target; the rest: how near each text is, where all were looked at."""

    vector: Vectors
    middle: Floats
    classified: Floats
    rows: Floats | None
    beginnings: Floats | None
    passages: Floats | None
    proposed: Ints
    """The targets that are worth a close look."""


class EmbeddingFeatures:
    """The vectors of a content, and two classifiers over them; made once, then only read."""

    def __init__(self, content_texts: ContentTexts, vectors: Vectors, weights: Vectors | None = None) -> None:
        """`vectors` are those of all texts of the speech; `weights` those of a trained classifier."""
        number = len(content_texts.targets)
        ends = np.cumsum([len(content_texts.rows), len(content_texts.beginnings)])
        rows, beginnings, passages = np.split(vectors, ends)
        self._rows = Texts(rows, content_texts.target_of_row, number)
        self._beginnings = Texts(beginnings, content_texts.target_of_beginning, number)
        self._passages = Texts(passages, content_texts.target_of_passage, number)
        self._number, self._targets, self._target = number, content_texts.targets, content_texts.target_of_row
        self._directions, self._offsets = self._discriminant()
        self.weights = weights

    def train(self) -> None:
        """Train the classifier, where it is worth its time."""
        if affordable(len(self._target), self._number):
            self.weights = classifier.train(self._rows.vectors, self._target, self._number)

    def weights_for(self, targets: Sequence[str]) -> Vectors | None:
        """The classifier's weights for other targets; what is new among them has none yet."""
        if self.weights is None:
            return None
        number = {target: index for index, target in enumerate(self._targets)}
        columns = np.array([number.get(target, -1) for target in targets], np.int64)
        taken = np.zeros((len(self.weights), len(targets)), np.float32)
        taken[:, columns >= 0] = self.weights[:, columns[columns >= 0]]
        return taken

    def of(self, vector: Vectors) -> Meant:
        """What a question with this vector means."""
        middle, classified = np.full(self._number, LEAST / SCALE), np.zeros(self._number)
        spoken = self._rows.there
        if len(spoken) > 1:
            middle[spoken] = _shares((self._directions @ vector).astype(float) + self._offsets)
        if self.weights is not None:
            classified = _shares(classifier.values(self.weights, vector))
        rows, beginnings = self._rows.all(vector), self._beginnings.all(vector)
        passages = self._passages.all(vector)
        proposed = [
            self._rows.proposed(rows),
            self._beginnings.proposed(beginnings),
            self._passages.proposed(passages),
            *(largest(part, CANDIDATES) for part in (middle, classified)),
        ]
        together = np.unique(np.concatenate(proposed))
        return Meant(vector, middle, classified, rows, beginnings, passages, together)

    def columns(self, meant: Meant, targets: Ints) -> Floats:
        """(targets, NAMES)."""
        near = self._rows.near(meant.rows, meant.vector, targets)
        beginning = self._beginnings.near(meant.beginnings, meant.vector, targets)[:, :1]
        article = self._passages.near(meant.passages, meant.vector, targets)[:, :1]
        shares = np.stack([meant.middle[targets], meant.classified[targets]], axis=1)
        return np.hstack([near, shares, beginning, article])

    @staticmethod
    def none(columns: Floats) -> Floats:
        """(NONE_NAMES,): what speaks for no target at all, from the candidates' columns."""
        return np.asarray(columns[:, [NAMES.index(name) for name in NONE_NAMES]].max(axis=0, initial=0.0))

    def _discriminant(self) -> tuple[Vectors, Floats]:
        # Linear discriminant analysis: the spread of examples around their target's middle is shared by all
        # targets, so that ten examples of each are enough.
        rows, spoken = self._rows.vectors, self._rows.there
        size = rows.shape[1]
        if len(spoken) < 2:
            return np.zeros((0, size), np.float32), np.zeros(0)
        counts = self._rows.counts[spoken]
        sums = np.add.reduceat(rows, self._rows.first[spoken], axis=0)
        middles = (sums / counts[:, None]).astype(np.float32)
        step = max(1, len(rows) // SPREAD_ROWS)
        place = np.repeat(np.arange(len(spoken)), counts)[::step]
        apart = rows[::step] - middles[place]
        freedom = max(len(apart) - len(spoken) / step, 0.0)
        spread = (apart.T @ apart).astype(float) + USUAL_ROWS * USUAL / size * np.eye(size)
        spread /= freedom + USUAL_ROWS
        even = float(np.trace(spread)) / size
        spread = (1 - SHRUNK) * spread + SHRUNK * even * np.eye(size)
        directions = np.linalg.solve(spread, middles.T.astype(float)).T
        offsets = -0.5 * (directions * middles).sum(axis=1)
        return directions.astype(np.float32), offsets


def _shares(values: Floats) -> Floats:
    # Logarithms of a softmax; far below the best all are the same.
    values = values - values.max()
    return np.asarray(np.maximum(values - np.log(np.exp(values).sum()), LEAST) / SCALE)
