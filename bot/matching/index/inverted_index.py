"""A sparse inverted index in plain numpy arrays: counts, postings and the cosine of TF-IDF vectors."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.matching.array_file import ArrayFile

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

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

    def runs(self, features: Ints) -> tuple[Ints, Ints, list[slice]]:
        """Where entries of some features lie: which of them have any (positions), how many, and where."""
        begin, end = self.start[features], self.start[features + 1]
        length = end - begin
        if int(length.sum()) > MOST_ENTRIES:
            rare_first = np.argsort(length, kind="stable")
            length[rare_first[np.cumsum(length[rare_first]) > MOST_ENTRIES]] = 0
        which = np.flatnonzero(length)
        return which, length[which], list(map(slice, begin[which].tolist(), end[which].tolist()))

    def rows_of(self, features: Ints) -> tuple[Ints, Ints, npt.NDArray[np.int32]]:
        """The rows of some features, one after the other: which have any (positions), how many, the rows."""
        which, length, runs = self.runs(features)
        return which, length, np.concatenate([self.row[:0], *[self.row[run] for run in runs]])

    def total(self, features: Ints, weights: Floats) -> Floats:
        """The weighted sum of the features for every row."""
        return weighted_sum((self, features, weights))


def weighted_sum(*parts: tuple[Postings, Ints, Floats]) -> Floats:
    """The weighted sum for every row over the features of several indexes of the same rows."""
    factors, lengths, rows, weights = [], [], [parts[0][0].row[:0]], [parts[0][0].weight[:0]]
    for postings, features, factor in parts:
        which, length, runs = postings.runs(features)
        factors.append(factor[which])
        lengths.append(length)
        # Copying whole runs is several times faster than picking single entries.
        rows += [postings.row[run] for run in runs]
        weights += [postings.weight[run] for run in runs]
    weight = np.concatenate(weights)
    weight *= np.repeat(np.concatenate(factors).astype(np.float32), np.concatenate(lengths))
    return np.asarray(np.bincount(np.concatenate(rows), weights=weight, minlength=parts[0][0].rows), float)


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

    def vector(self, text: list[int], unknown: float) -> tuple[Ints, Floats]:
        """A question as features and weights; `unknown`: the summed squared factors of unknown features."""
        features, counts = _distinct(text)
        weights = (1 + np.log(counts)) * self.idf[features]
        norm = float(np.sqrt((weights**2).sum() + unknown * self.unknown_idf_squared))
        return features, weights / norm if norm else weights

    def entries(self) -> tuple[Ints, Ints, Floats]:
        """The row, feature and weight of every entry."""
        feature = np.repeat(np.arange(len(self.idf)), np.diff(self.postings.start))
        return self.postings.row.astype(np.int64), feature, self.postings.weight.astype(float)


def _distinct(numbers: list[int]) -> tuple[Ints, Ints]:
    """Every distinct number, sorted, and how often it is there: `np.unique` takes three times as long."""
    found = np.array(numbers, np.int64)
    found.sort()
    begins = np.flatnonzero(np.concatenate(([True], found[1:] != found[:-1]))) if len(found) else found
    ends = np.append(begins[1:], len(found))
    return found[begins], ends - begins


def count_pairs(first: Small | Ints, second: Small | Ints, size: int) -> tuple[Ints, Ints, Ints]:
    """Pairs, `second` below `size` -> every distinct one and how often it was there, sorted."""
    size = max(size, 1)
    keys = first.astype(np.int64)
    keys *= size
    keys += second
    keys.sort()
    begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else keys
    counts = np.diff(begins, append=len(keys))
    keys = keys[begins]
    first = keys // size
    keys -= first * size
    return first, keys, counts
