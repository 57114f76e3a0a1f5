"""A sparse inverted index in plain arrays."""

import numpy as np
import numpy.typing as npt

from bot.matching.box import Box

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

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

    def entries(self, features: Ints) -> tuple[Ints, npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """The entries of some features: which of them (its position), the row, the weight there."""
        begin, end = self.start[features], self.start[features + 1]
        length = end - begin
        if int(length.sum()) > MOST_ENTRIES:
            rare_first = np.argsort(length, kind="stable")
            length[rare_first[np.cumsum(length[rare_first]) > MOST_ENTRIES]] = 0
        which = np.flatnonzero(length)
        # Copying whole runs is several times faster than picking single entries.
        runs = list(map(slice, begin[which].tolist(), end[which].tolist()))
        if not runs:
            return which, self.row[:0], self.weight[:0]
        rows = np.concatenate([self.row[run] for run in runs])
        weights = np.concatenate([self.weight[run] for run in runs])
        return np.repeat(which, length[which]), rows, weights

    def total(self, features: Ints, weights: Floats) -> Floats:
        """The weighted sum of the features for every row."""
        which, row, weight = self.entries(features)
        weight *= weights.astype(np.float32)[which]
        return np.asarray(np.bincount(row, weights=weight, minlength=self.rows), float)

    def save(self, box: Box) -> None:
        """Put everything into a box."""
        box["start"], box["row"], box["weight"], box["rows"] = self.start, self.row, self.weight, self.rows

    @classmethod
    def load(cls, box: Box) -> "Postings":
        """From a box."""
        return cls(box["start"], box["row"], box["weight"], int(box["rows"]))


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
