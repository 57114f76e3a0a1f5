"""A sparse inverted index in plain arrays."""

import numpy as np
import numpy.typing as npt

from bot.matching.box import Box

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FEW_GROUPS = 1_000
STEPS = 8
MOST_ENTRIES = 40_000  # that one question looks at in one index: the rarest features first


class Postings:
    """For each feature the rows that have it, and how much it counts there."""

    def __init__(
        self, start: Ints, row: npt.NDArray[np.int32], weight: npt.NDArray[np.float32], rows: int
    ) -> None:
        self.start, self.row, self.weight, self.rows = start, row, weight, rows

    @classmethod
    def of(cls, feature: Ints, row: Ints, weight: Floats, rows: int, features: int) -> "Postings":
        """From entries sorted by feature."""
        start = np.zeros(features + 1, np.int64)
        np.cumsum(np.bincount(feature, minlength=features), out=start[1:])
        return cls(start, row.astype(np.int32), weight.astype(np.float32), rows)

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
        return together((self, features, weights))

    def save(self, box: Box) -> None:
        """Put everything into a box."""
        box["start"], box["row"], box["weight"], box["rows"] = self.start, self.row, self.weight, self.rows

    @classmethod
    def load(cls, box: Box) -> "Postings":
        """From a box."""
        return cls(box["start"], box["row"], box["weight"], int(box["rows"]))


def together(*parts: tuple[Postings, Ints, Floats]) -> Floats:
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


class Groups:
    """What of some values belongs to each of a number of owners: the largest, and all together."""

    def __init__(self, owner: Ints, number: int) -> None:
        """`owner` of each value, sorted."""
        counts = np.bincount(owner, minlength=number)
        self._single = bool((counts == 1).all())
        # Numpy takes a while for each group: so of many groups the first values are taken step by step.
        steps = STEPS if np.count_nonzero(counts) > FEW_GROUPS else 1
        # First those with more than so many, then those with fewer and fewer; each part in its own order.
        order = np.argsort(-np.minimum(counts, steps + 1), kind="stable")
        self._number, self._order = number, order[: np.count_nonzero(counts)]
        self._first = np.searchsorted(owner, self._order)
        self._having = [int(np.count_nonzero(counts > step)) for step in range(steps + 1)]
        many = self._order[: self._having[-1]]
        begins = self._first[: len(many)]
        ends = np.stack([begins + steps, begins + counts[many]], axis=1).ravel()
        self._rest = ends[:-1] if len(ends) and ends[-1] == len(owner) else ends

    def largest(self, values: Floats) -> Floats:
        """Of each owner; 0 where it has none."""
        return values if self._single else self.reduced(values, np.maximum)[0]

    def reduced(self, values: Floats, *by: np.ufunc) -> list[Floats]:
        """Of each owner, by each of these; 0 where it has none."""
        found = [np.zeros(self._number) for _ in by]
        if not len(self._order):
            return found
        best = [values[self._first] for _ in by]
        for step, having in enumerate(self._having[1:-1], 1):
            part = values.take(self._first[:having] + step, mode="clip")
            for one, of in zip(best, by, strict=True):
                of(one[:having], part, out=one[:having])
        many = self._having[-1]
        for one, of, whole in zip(best, by, found, strict=True):
            if many:
                of(one[:many], of.reduceat(values, self._rest)[::2], out=one[:many])
            whole[self._order] = one
        return found


class Cosine:
    """Cosine of TF-IDF vectors; a question's unknown features make it less similar to everything."""

    def __init__(self, postings: Postings, idf: Floats, unseen: float) -> None:
        self.postings, self.idf, self.unseen = postings, idf, unseen

    @classmethod
    def of(cls, row: Ints, feature: Ints, rows: int, factors: Floats) -> "Cosine":
        """From one entry for each occurrence."""
        feature, row, count = counted(feature, row, rows)
        spread = np.bincount(feature, minlength=len(factors))
        idf = (np.log((1 + rows) / (1 + spread)) + 1) * factors
        weight = (1 + np.log(count)) * idf[feature]
        weight /= np.sqrt(np.bincount(row, weights=weight**2, minlength=rows))[row]
        postings = Postings.of(feature, row, weight, rows, len(factors))
        return cls(postings, idf, float(np.log(1 + rows) + 1) ** 2)

    def vector(self, text: list[int], unseen: float) -> tuple[Ints, Floats]:
        """A question as features and weights; `unseen` is the summed squared factor of unknown features."""
        features, counts = _distinct(text)
        weights = (1 + np.log(counts)) * self.idf[features]
        norm = float(np.sqrt((weights**2).sum() + unseen * self.unseen))
        return features, weights / norm if norm else weights

    def matrix(self) -> tuple[Ints, Ints, Floats]:
        """Every entry as row, feature and weight."""
        feature = np.repeat(np.arange(len(self.idf)), np.diff(self.postings.start))
        return self.postings.row.astype(np.int64), feature, self.postings.weight.astype(float)

    def save(self, box: Box) -> None:
        """Put everything into a box."""
        self.postings.save(box)
        box["idf"], box["unseen"] = self.idf, self.unseen

    @classmethod
    def load(cls, box: Box) -> "Cosine":
        """From a box."""
        return cls(Postings.load(box), box["idf"], float(box["unseen"]))


def _distinct(numbers: list[int]) -> tuple[Ints, Ints]:
    """Every distinct number, sorted, and how often it is there: `np.unique` takes three times as long."""
    found = np.array(numbers, np.int64)
    found.sort()
    begins = np.flatnonzero(np.concatenate(([True], found[1:] != found[:-1]))) if len(found) else found
    ends = np.append(begins[1:], len(found))
    return found[begins], ends - begins


def counted(first: Ints, second: Ints, size: int) -> tuple[Ints, Ints, Ints]:
    """Pairs, `second` below `size` -> every distinct one and how often it was there, sorted."""
    size = max(size, 1)
    keys = first * size + second
    keys.sort()
    begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else keys
    counts = np.diff(begins, append=len(keys))
    keys = keys[begins]
    first = keys // size
    keys -= first * size
    return first, keys, counts
