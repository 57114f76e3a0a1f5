"""How near a question's meaning is to each target's, as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.matching import linear
from bot.matching.evidence import largest
from bot.matching.index import Floats, Ints
from bot.matching.semantic import dense
from bot.matching.semantic.encoder import Vectors
from bot.matching.semantic.passages import Speech

CANDIDATES = 5  # targets that each kind of evidence proposes
NEAR = 3  # rows of a target that are looked at together
SHRUNK = 0.4  # of the spread within targets: towards one that is equal in all directions
USUAL = 0.5  # squared distance of an example from its target's middle, where the content cannot tell
USUAL_ROWS = 50  # examples that this guess stands for
SPREAD_ROWS = 20_000  # rows that tell how examples of one target differ
LEAST = -20.0  # logarithm of a share: below, it is nothing
SCALE = 10.0

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
    """What one question means to every target; `rows`: how near every row is."""

    nearest: Floats
    middle: Floats
    classified: Floats
    beginning: Floats
    article: Floats
    rows: Floats

    @property
    def proposed(self) -> Ints:
        """The targets that are worth a close look."""
        parts = (self.nearest, self.middle, self.classified, self.beginning, self.article)
        return np.unique(np.concatenate([largest(part, CANDIDATES) for part in parts]))


class Meaning:
    """The vectors of a content, and two classifiers over them; made once, then only read."""

    def __init__(self, speech: Speech, vectors: Vectors, weights: Vectors | None = None) -> None:
        """`vectors` are those of all texts of the speech; `weights` those of a trained classifier."""
        number = len(speech.targets)
        ends = np.cumsum([len(speech.rows), len(speech.beginnings)])
        self._rows, beginnings, passages = np.split(vectors, ends)
        self._beginnings = _Best(beginnings, speech.target_of_beginning, number)
        self._passages = _Best(passages, speech.target_of_passage, number)
        self._number, self._targets, self._target = number, speech.targets, speech.target_of_row
        self._first = np.searchsorted(self._target, np.arange(number + 1))
        self._counts = np.diff(self._first).astype(float)
        self._spoken = np.flatnonzero(self._counts)
        self._directions, self._offsets = self._discriminant()
        self.weights = weights

    def train(self) -> None:
        """Train the classifier, where it is worth its time."""
        if linear.affordable(len(self._rows), self._number):
            self.weights = dense.train(self._rows, self._target, self._number)

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
        similar = (self._rows @ vector).astype(float)
        nearest = np.zeros(self._number)
        middle, classified = np.full(self._number, LEAST / SCALE), np.zeros(self._number)
        if len(self._spoken):
            nearest[self._spoken] = np.maximum.reduceat(similar, self._first[self._spoken])
        if len(self._spoken) > 1:
            middle[self._spoken] = _shares((self._directions @ vector).astype(float) + self._offsets)
        if self.weights is not None:
            classified = _shares(dense.values(self.weights, vector))
        return Meant(
            nearest, middle, classified, self._beginnings.of(vector), self._passages.of(vector), similar
        )

    def columns(self, meant: Meant, targets: Ints) -> Floats:
        """(targets, NAMES)."""
        near = np.array([self._near(meant.rows[self._first[t] : self._first[t + 1]]) for t in targets])
        of_all = (meant.middle, meant.classified, meant.beginning, meant.article)
        return np.stack([meant.nearest[targets], near, *(part[targets] for part in of_all)], axis=1)

    def none(self, meant: Meant) -> Floats:
        """(NONE_NAMES,): what speaks for no target at all."""
        return np.array([meant.nearest.max(initial=0.0), meant.article.max(initial=0.0)])

    def _near(self, similar: Floats) -> float:
        if len(similar) > NEAR:
            similar = np.partition(similar, len(similar) - NEAR)[-NEAR:]
        return float(similar.mean()) if len(similar) else 0.0

    def _discriminant(self) -> tuple[Vectors, Floats]:
        # Linear discriminant analysis: the spread of examples around their target's middle is shared by all
        # targets, so that ten examples of each are enough.
        size = self._rows.shape[1]
        if len(self._spoken) < 2:
            return np.zeros((0, size), np.float32), np.zeros(0)
        sums = np.add.reduceat(self._rows, self._first[self._spoken], axis=0)
        middles = (sums / self._counts[self._spoken, None]).astype(np.float32)
        step = max(1, len(self._rows) // SPREAD_ROWS)
        place = np.repeat(np.arange(len(self._spoken)), self._counts[self._spoken].astype(int))[::step]
        apart = self._rows[::step] - middles[place]
        freedom = max(len(apart) - len(self._spoken) / step, 0.0)
        spread = (apart.T @ apart).astype(float) + USUAL_ROWS * USUAL / size * np.eye(size)
        spread /= freedom + USUAL_ROWS
        even = float(np.trace(spread)) / size
        spread = (1 - SHRUNK) * spread + SHRUNK * even * np.eye(size)
        directions = np.linalg.solve(spread, middles.T.astype(float)).T
        offsets = -0.5 * (directions * middles).sum(axis=1)
        return directions.astype(np.float32), offsets


class _Best:
    """The best of each target's texts."""

    def __init__(self, vectors: Vectors, target: Ints, number: int) -> None:
        self._vectors, self._number = vectors, number
        self._there, self._first = np.unique(target, return_index=True)

    def of(self, vector: Vectors) -> Floats:
        """How near each target's best text is; 0 where there is none."""
        best = np.zeros(self._number)
        if len(self._there):
            best[self._there] = np.maximum.reduceat((self._vectors @ vector).astype(float), self._first)
        return best


def _shares(values: Floats) -> Floats:
    # Logarithms of a softmax; far below the best all are the same.
    values = values - values.max()
    return np.asarray(np.maximum(values - np.log(np.exp(values).sum()), LEAST) / SCALE)
