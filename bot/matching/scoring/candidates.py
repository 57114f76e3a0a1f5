"""The candidates of questions: the targets that are looked at closely, and which of all these are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bot.matching.index.inverted_index import Floats, Ints

CANDIDATES = 12  # targets that are looked at closely
SOME, MANY, PARTS = 400, 2_000, 256


@dataclass(frozen=True)
class Candidates:
    """The candidates of several questions, one question after the other."""

    question: Ints  # of each candidate
    target: Ints
    parts: list[slice]  # where those of each question are

    @classmethod
    def picked(cls, promise: Floats, also: Sequence[Ints]) -> "Candidates":
        """The targets of the largest `promise`, (questions, targets), and what is `also` a candidate."""
        found = [row.tolist() for row in largest_of_each(promise, CANDIDATES)]
        for best, more in zip(found, also, strict=False):
            best += [target for target in more.tolist() if target not in best]
        return cls.of([np.array(best, np.int64) for best in found])

    @classmethod
    def of(cls, targets: Sequence[Ints]) -> "Candidates":
        """These targets, of each question its own."""
        lengths = [len(own) for own in targets]
        ends = np.cumsum([0, *lengths]).tolist()
        question = np.repeat(np.arange(len(lengths)), lengths)
        parts = [slice(begin, end) for begin, end in pairwise(ends)]
        return cls(question, np.concatenate(targets), parts)

    @property
    def at(self) -> tuple[Ints, Ints]:
        """The places of the candidates in an array of (questions, targets)."""
        return self.question, self.target


class MatchedByCandidate:
    """The words of a question that each candidate has; looked up when they are first asked for."""

    def __init__(self, look_up: Callable[[], dict[int, list[str]]]) -> None:
        self._look_up = look_up
        self._found: dict[int, list[str]] | None = None

    def __call__(self, target: int) -> list[str]:
        """The words that one candidate has."""
        if self._found is None:
            self._found = self._look_up()
        return self._found[target]


@dataclass(frozen=True)
class CandidateFeatures:
    """The candidates of one question with their features: the most promising ones first, then added ones."""

    targets: Ints
    features: Floats  # (candidates, NAMES)
    none_features: Floats  # (NONE_NAMES,): for "none of them"
    matched_words: Callable[[int], list[str]]  # words of the question that a candidate has


def largest(values: Floats, most: int) -> Ints:
    """The places of the largest values, the largest first; equal ones in their own order."""
    if len(values) > 4 * most:
        # The largest of some parts are as large as the one that is sought, or less: most values are below.
        parts = (
            values
            if len(values) < MANY
            else values[: len(values) // PARTS * PARTS].reshape(-1, PARTS).max(axis=0)
        )
        edge = np.partition(parts, len(parts) - most)[len(parts) - most]
        found = np.flatnonzero(values >= edge)
    else:
        found = np.arange(len(values))
    return found[np.argsort(-values[found], kind="stable")][:most]


def largest_of_each(values: Floats, most: int) -> list[Ints]:
    """The places of the largest values of each row, as `largest` finds them."""
    if values.shape[1] > SOME:
        return [largest(row, most) for row in values]
    return list(np.argsort(-values, axis=1, kind="stable")[:, :most])


def among_largest(values: Floats, most: int) -> npt.NDArray[np.bool_]:
    """Whether each value is among the largest of its row, as `largest` finds them."""
    size = values.shape[1]
    if size <= most:
        return np.ones(values.shape, bool)
    found = values >= np.partition(values, size - most, axis=1)[:, size - most, None]
    for row in np.flatnonzero(found.sum(axis=1) > most).tolist():  # of equal ones the first
        found[row] = False
        found[row, largest(values[row], most)] = True
    return found
