"""A linear classifier over the rows: kernel ridge regression, with rows left out in closed form."""

import numpy as np

from bot.matching.index import Floats, Ints

MOST_ROWS = 1_500  # the solution costs the cube of this: some tenths of a second
FEWEST = 3  # rows a target should have at least, where not all rows fit
PENALTY = 1.0


def chosen_rows(target_of_row: Ints) -> Ints:
    """Which rows the classifier learns from: all, or as many of each target as fit; none if too few fit."""
    if len(target_of_row) <= MOST_ROWS:
        return np.arange(len(target_of_row))
    first = np.searchsorted(target_of_row, target_of_row, side="left")
    count = np.searchsorted(target_of_row, target_of_row, side="right") - first
    place = np.arange(len(target_of_row)) - first
    for most in range(64, FEWEST - 1, -1):
        # Spread over the target's rows, which are ordered by language.
        taken = (place * most) // np.maximum(count, most) != ((place - 1) * most) // np.maximum(count, most)
        if taken.sum() <= MOST_ROWS:
            return np.flatnonzero(taken)
    return np.zeros(0, np.int64)


class Ridge:
    """One weight for each (row, target); a target's value is a weighted sum of similarities to rows."""

    def __init__(self, kernel: Floats, rows: Ints, target: Ints, targets: int) -> None:
        self.rows = rows
        self._place = {int(row): index for index, row in enumerate(rows)}
        labels = np.zeros((len(rows), targets))
        labels[np.arange(len(rows)), target] = 1.0
        # Half the digits are enough beside the penalty, and half the work.
        inverse = np.linalg.inv((kernel + PENALTY * np.eye(len(rows))).astype(np.float32))
        self._inverse = inverse.astype(np.float64)
        self._weights = self._inverse @ labels

    def values(self, similarity: Floats, without: Ints | None = None) -> Floats:
        """A value for each target, as if the rows `without` had never been there."""
        near = similarity[self.rows]
        places = (
            [self._place[int(r)] for r in without if int(r) in self._place] if without is not None else []
        )
        if not places:
            return np.asarray(near @ self._weights)
        near = near.copy()
        near[places] = 0.0
        block = self._inverse[np.ix_(places, places)]
        gone = np.linalg.solve(block, self._weights[places])
        return np.asarray(near @ self._weights - (near @ self._inverse[:, places]) @ gone)

    def forget(self) -> None:
        """Drop what only leaving out needs."""
        self._inverse = np.zeros((0, 0))
