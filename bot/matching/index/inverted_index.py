"""A sparse inverted index in plain numpy arrays: counts, postings and the cosine of TF-IDF vectors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from bot.matching.array_file import ArrayFile

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Number = TypeVar("Number", np.int32, np.float32)

MOST_CELLS = 2_000_000  # sums of groups of features that are kept at a time
LONG_RUNS = 100  # entries of a feature, on average
MOST_ENTRIES = 25_000  # that one question looks at in one index: the rarest features first


@dataclass(frozen=True)
class Renumbering:
    """How an edit renumbers rows: the new number of each old row (-1: removed), and those of the added rows.

    Kept rows stay in their order.
    """

    new_numbers: Ints
    added: Ints

    @classmethod
    def by_target(cls, target: Ints, added: Ints) -> "Renumbering":
        """Number rows anew, sorted by target; no target has both old and added rows.

        `target` of each old row, -1 for one that is removed; `added`: the target of each added row.
        """
        kept = np.flatnonzero(target >= 0)
        order = np.argsort(np.concatenate([target[kept], added]), kind="stable")
        numbers = np.empty(len(order), np.int64)
        numbers[order] = np.arange(len(order))
        new_numbers = np.full(len(target), -1)
        new_numbers[kept] = numbers[: len(kept)]
        return cls(new_numbers, numbers[len(kept) :])

    @property
    def rows(self) -> int:
        """The number of rows after the edit."""
        return int(np.count_nonzero(self.new_numbers >= 0)) + len(self.added)

    def merged(self, before: Ints, added: Ints) -> Ints:
        """One value for each row in the new order: `before` of the old rows, `added` of the added ones."""
        found = np.empty(self.rows, before.dtype)
        kept = self.new_numbers >= 0
        found[self.new_numbers[kept]] = before[kept]
        found[self.added] = added
        return found


class Counts:
    """A sparse matrix of counts by feature: the rows that have it, sorted, and how often each does."""

    def __init__(
        self, start: Ints, row: npt.NDArray[np.int32], count: npt.NDArray[np.unsignedinteger], rows: int
    ) -> None:
        """`start` of each feature's entries and the end of the last; `row` and `count` of each entry."""
        self.start, self.row, self.count, self.rows = start, row, count, rows

    @classmethod
    def from_entries(
        cls, feature: Small | Ints, row: Small | Ints, count: Small | Ints, rows: int, features: int
    ) -> "Counts":
        """Build the matrix from entries that are sorted by feature and row."""
        start = np.zeros(features + 1, np.int64)
        np.cumsum(np.bincount(feature, minlength=features), out=start[1:])
        small = np.uint8 if not len(count) or int(count.max()) < 256 else np.uint16
        return cls(start, row.astype(np.int32), np.minimum(count, 65_535).astype(small), rows)

    def renumbered(self, renumbering: Renumbering, added: "Counts") -> "Counts":
        """The matrix after an edit; `added` are the counts of the added rows alone."""
        features = len(added.start) - 1
        length = np.zeros(features, np.int64)
        length[: len(self.start) - 1] = np.diff(self.start)
        row = renumbering.new_numbers.astype(np.int32)[self.row]
        kept = row >= 0
        if not kept.all():
            gone = np.repeat(np.arange(features, dtype=np.int32), length)[~kept]
            length -= np.bincount(gone, minlength=features)
        row, count = row[kept], self.count[kept]
        ends = np.cumsum(length)
        fresh = renumbering.added.astype(np.int32)[added.row]
        at = np.zeros(len(fresh), np.int64)
        for feature in np.flatnonzero(np.diff(added.start)).tolist():
            run = slice(added.start[feature], added.start[feature + 1])
            begin, end = ends[feature] - length[feature], ends[feature]
            at[run] = begin + np.searchsorted(row[begin:end], fresh[run])
        start = np.zeros(features + 1, np.int64)
        np.cumsum(length + np.diff(added.start), out=start[1:])
        kind = np.result_type(count, added.count)
        count = np.insert(count.astype(kind, copy=False), at, added.count)
        return Counts(start, np.insert(row, at, fresh), count, renumbering.rows)

    def save(self, arrays: ArrayFile) -> None:
        """Put the matrix into `arrays`."""
        arrays["start"], arrays["row"], arrays["count"], arrays["rows"] = (
            self.start,
            self.row,
            self.count,
            self.rows,
        )

    @classmethod
    def load(cls, arrays: ArrayFile) -> "Counts":
        """Read the matrix from `arrays`."""
        return cls(arrays["start"], arrays["row"], arrays["count"], int(arrays["rows"]))


class Postings:
    """For each feature the rows that have it, and its weight in each."""

    def __init__(self, counts: Counts, weight: npt.NDArray[np.float32]) -> None:
        """`weight` of each entry."""
        self.counts, self.weight = counts, weight
        self.start, self.row, self.rows = counts.start, counts.row, counts.rows

    def rows_of(self, features: Ints) -> tuple[Ints, npt.NDArray[np.int32]]:
        """How many rows have each feature, and these rows, one feature after the other."""
        length, places = self._places(features)
        return length, _taken(self.row, places)

    def _places(self, features: Ints) -> tuple[Ints, Ints | list[slice]]:
        # -> how many entries each feature has, and where they are
        begin, end = self.start[features], self.start[features + 1]
        length = end - begin
        ends = np.cumsum(length)
        number = int(ends[-1]) if len(ends) else 0
        if number > LONG_RUNS * len(features):
            # Copying whole runs is several times faster than picking single entries.
            return length, list(map(slice, begin.tolist(), end.tolist()))
        return length, np.arange(number) + np.repeat(begin - (ends - length), length)

    def looked_at(self, questions: "Questions") -> npt.NDArray[np.bool_]:
        """Which features of the questions are looked at: not the most frequent where there are too many."""
        length = self.start[questions.feature + 1] - self.start[questions.feature]
        kept = np.ones(len(length), bool)
        if length.sum() <= MOST_ENTRIES:
            return kept
        sums = np.bincount(questions.number, length, questions.count)
        for number in np.flatnonzero(sums > MOST_ENTRIES).tolist():
            own = np.flatnonzero(questions.number == number)
            rare_first = own[np.argsort(length[own], kind="stable")]
            kept[rare_first[np.cumsum(length[rare_first]) > MOST_ENTRIES]] = False
        return kept

    def total(self, questions: "Questions") -> Floats:
        """The weighted sum of each question's features for every row, (questions, rows)."""
        questions = questions.only(self.looked_at(questions))
        return self._total(questions.feature, questions.weight, questions.number, questions.count)

    def total_of_alike(self, questions: "Questions") -> Floats:
        """The same for questions that share most features, each as rare in all of them.

        What is in the same questions as often is added up once.
        """
        if questions.count == 1:
            return self.total(questions)
        questions = questions.only(self.looked_at(questions))
        alike = questions.alike if questions.alike is not None else questions.find_alike()
        if len(alike.often) * self.rows > MOST_CELLS:
            return self.total(questions)
        features, rarity = questions.feature[alike.first], questions.rarity[alike.first]
        once = self._total(features, rarity, alike.group, len(alike.often))
        return np.asarray((alike.often * questions.scale).T @ once)

    def _total(self, features: Ints, weights: Floats, group: Ints, groups: int) -> Floats:
        # -> (groups, rows)
        length, places = self._places(features)
        row, weight = _taken(self.row, places), _taken(self.weight, places)
        keys = row if groups == 1 else row + np.repeat(group * self.rows, length)
        weight *= np.repeat(weights.astype(np.float32), length)
        found = np.bincount(keys, weight, groups * self.rows)
        return np.asarray(found.reshape(groups, self.rows), float)


def _taken(values: npt.NDArray[Number], places: Ints | list[slice]) -> npt.NDArray[Number]:
    return np.concatenate([values[run] for run in places]) if isinstance(places, list) else values[places]


@dataclass(frozen=True)
class Alike:
    """The distinct features of several questions, in groups of those that the same ones have, as often."""

    first: Ints  # where each feature is first
    group: Ints  # of each feature
    often: Floats  # (groups, questions): how much a group weighs in each question by how often it is there


@dataclass(frozen=True)
class Questions:
    """The distinct features of several questions, one question after the other."""

    number: Ints  # of the question that has a feature
    feature: Ints
    times: Ints  # how often it has it
    rarity: Floats  # of each feature
    scale: Floats  # of each question: by which its weights are multiplied
    alike: Alike | None = None  # where it was found already

    @classmethod
    def counted(cls, texts: Sequence[Sequence[int]]) -> "Questions":
        """The features of some texts, all equally rare."""
        number = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
        feature = np.fromiter(chain.from_iterable(texts), np.int64, len(number))
        number, feature, times = count_pairs(number, feature, int(feature.max(initial=0)) + 1)
        made = cls(number, feature, times, np.ones(len(feature)), np.ones(len(texts)))
        return replace(made, alike=made.find_alike()) if len(texts) > 1 else made

    @property
    def count(self) -> int:
        """The number of questions."""
        return len(self.scale)

    @property
    def weight(self) -> Floats:
        """The weight of each feature in its question."""
        return np.asarray((1 + np.log(self.times)) * self.rarity * self.scale[self.number])

    def scaled(self, factor: float) -> "Questions":
        """The questions with all weights so many times as large."""
        return replace(self, scale=factor * self.scale)

    def only(self, kept: npt.NDArray[np.bool_]) -> "Questions":
        """The questions with some of their features only."""
        if kept.all():
            return self
        return replace(
            self,
            number=self.number[kept],
            feature=self.feature[kept],
            times=self.times[kept],
            rarity=self.rarity[kept],
            alike=None,
        )

    def find_alike(self) -> Alike:
        """Group the features."""
        _, first, column = np.unique(self.feature, return_index=True, return_inverse=True)
        times = np.zeros((len(first), self.count), np.uint16)
        times[column, self.number] = np.minimum(self.times, np.iinfo(np.uint16).max)
        raw, size = times.tobytes(), times.itemsize * self.count
        known: dict[bytes, int] = {}
        group = [known.setdefault(raw[at : at + size], len(known)) for at in range(0, len(raw), size)]
        often = np.frombuffer(b"".join(known), np.uint16).reshape(-1, self.count).astype(float)
        often = np.where(often > 0, 1 + np.log(np.maximum(often, 1)), 0.0)
        return Alike(first, np.array(group, np.int64), often)


class Cosine:
    """The cosine of TF-IDF vectors; a question's unknown features make it less similar to everything."""

    def __init__(self, counts: Counts, factors: Floats) -> None:
        """`factors`: how much each feature counts beside its rarity."""
        rows, frequency = counts.rows, np.diff(counts.start)
        self.idf: Floats = (np.log((1 + rows) / (1 + frequency)) + 1) * factors[: len(frequency)]
        often = 1 + np.log(np.maximum(np.arange(int(counts.count.max(initial=0)) + 1), 1))
        weight = often.astype(np.float32)[counts.count]
        weight *= np.repeat(self.idf.astype(np.float32), frequency)
        norm = np.sqrt(np.bincount(counts.row, weights=weight * weight, minlength=rows))
        weight /= norm.astype(np.float32)[counts.row]
        self.postings = Postings(counts, weight)
        self.unknown_idf_squared = float(np.log(1 + rows) + 1) ** 2

    def vectors(self, counted: Questions, unknown: Sequence[float]) -> Questions:
        """Questions as vectors of length one, with what they have of unknown features.

        `unknown`: the summed squared factors of these, of each question.
        """
        rarity = self.idf[counted.feature]
        squares = np.bincount(counted.number, ((1 + np.log(counted.times)) * rarity) ** 2, counted.count)
        norm = np.sqrt(squares + np.asarray(unknown, float) * self.unknown_idf_squared)
        return replace(counted, rarity=rarity, scale=1.0 / np.where(norm > 0, norm, 1.0))

    def entries(self) -> tuple[Ints, Ints, Floats]:
        """The row, feature and weight of every entry."""
        feature = np.repeat(np.arange(len(self.idf)), np.diff(self.postings.start))
        return self.postings.row.astype(np.int64), feature, self.postings.weight.astype(float)


def count_pairs(first: Small | Ints, second: Small | Ints, size: int) -> tuple[Ints, Ints, Ints]:
    """Pairs, `second` below `size` -> every distinct one and how often it was there, sorted."""
    size = max(size, 1)
    keys = first.astype(np.int64)
    keys *= size
    keys += second
    keys.sort()
    differs = np.ones(len(keys) + 1, bool)
    np.not_equal(keys[1:], keys[:-1], out=differs[1:-1])
    edges = np.flatnonzero(differs) if len(keys) else keys
    begins, counts = edges[:-1], edges[1:] - edges[:-1]
    keys = keys[begins]
    first = keys // size
    keys -= first * size
    return first, keys, counts
