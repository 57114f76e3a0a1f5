"""Values that are grouped by target, reduced to one value for each target."""

import numpy as np

from bot.matching.index.inverted_index import Floats, Ints

FEW = 1_000
STEPS = 8


class Groups:
    """Reduces values by group, like a group-by over sorted keys: the largest of each group, or its sum."""

    def __init__(self, group: Ints, number: int) -> None:
        """`group` of each value, sorted; `number` of groups."""
        counts = np.bincount(group, minlength=number)
        self._single = bool((counts == 1).all())
        # Numpy takes a while for each group: so of many groups the first values are taken step by step.
        steps = STEPS if np.count_nonzero(counts) > FEW else 1
        # First those with more than so many, then those with fewer and fewer; each part in its own order.
        order = np.argsort(-np.minimum(counts, steps + 1), kind="stable")
        self._number, self._order = number, order[: np.count_nonzero(counts)]
        self._in_order = np.array_equal(self._order, np.arange(number))
        self._first = np.searchsorted(group, self._order)
        self._having = [int(np.count_nonzero(counts > step)) for step in range(steps + 1)]
        many = self._order[: self._having[-1]]
        begins = self._first[: len(many)]
        ends = np.stack([begins + steps, begins + counts[many]], axis=1).ravel()
        self._rest = ends[:-1] if len(ends) and ends[-1] == len(group) else ends

    def largest(self, values: Floats) -> Floats:
        """The largest value of each group in each row of values; 0 where it has none."""
        return values if self._single else self.reduced(values, np.maximum)[0]

    def reduced(self, values: Floats, *by: np.ufunc) -> list[Floats]:
        """The values of each group in each row reduced by each of these functions; 0 where it has none."""
        if not len(self._order):
            return [np.zeros((*values.shape[:-1], self._number)) for _ in by]
        first = values.take(self._first, axis=-1)
        results = [first, *(first.copy() for _ in by[1:])]
        for step, having in enumerate(self._having[1:-1], 1):
            part = values.take(self._first[:having] + step, axis=-1, mode="clip")
            for one, function in zip(results, by, strict=True):
                function(one[..., :having], part, out=one[..., :having])
        many = self._having[-1]
        if many:
            for one, function in zip(results, by, strict=True):
                rest = function.reduceat(values, self._rest, axis=-1)[..., ::2]
                function(one[..., :many], rest, out=one[..., :many])
        return results if self._in_order else [self._by_group(one) for one in results]

    def _by_group(self, values: Floats) -> Floats:
        found = np.zeros((*values.shape[:-1], self._number))
        found[..., self._order] = values
        return found
