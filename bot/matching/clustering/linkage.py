"""Joins what is similar, the most similar first, by the average similarity of all pairs."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bot.matching.clustering.similarity import Matrix

NEVER = -9.0  # below every similarity
_NEVER_IF_BELOW = -5.0


def join(similarities: Matrix, least: float, known: Sequence[int]) -> npt.NDArray[np.int64]:
    """The group of each text, as the place of one of its texts; spoils `similarities`.

    Groups are joined as long as their texts are similar by `least` on the average. `known`: for each text a
    number of what it belongs to already, -1 for none; what belongs to two of these is never joined.
    """
    state = _Groups(similarities)
    first: dict[int, int] = {}
    for place, number in enumerate(known):
        if number >= 0 and first.setdefault(number, place) != place:
            state.put(place, first[number])
    state.keep_apart(list(first.values()))
    state.join_all(least)
    return state.groups()


class _Groups:
    """The groups so far; a group's similarities stand in the row and column of one of its texts."""

    def __init__(self, similarities: Matrix) -> None:
        self._similar = similarities
        np.fill_diagonal(similarities, NEVER)
        number = len(similarities)
        self._sizes = np.ones(number, np.float32)
        self._in = np.arange(number)
        self._gone = np.zeros(number, bool)
        self._known = np.zeros(number, bool)

    def put(self, one: int, other: int) -> None:
        """Put a group into another one."""
        similar, sizes = self._similar, self._sizes
        together = (sizes[one] * similar[one] + sizes[other] * similar[other]) / (sizes[one] + sizes[other])
        # What one of them may never be joined with, both may not.
        together[(similar[one] < _NEVER_IF_BELOW) | (similar[other] < _NEVER_IF_BELOW)] = NEVER
        similar[other], similar[:, other] = together, together
        similar[one], similar[:, one] = NEVER, NEVER
        sizes[other] += sizes[one]
        self._in[one], self._gone[one] = other, True

    def keep_apart(self, groups: Sequence[int]) -> None:
        """Never join any two of these groups."""
        self._known[list(groups)] = True
        self._similar[np.ix_(groups, groups)] = NEVER

    def join_all(self, least: float) -> None:
        """Join the two most similar groups, again and again."""
        similar = self._similar
        best = similar.argmax(axis=1)
        how = similar[np.arange(len(best)), best]
        while how.size and how[one := int(how.argmax())] >= least:
            other = int(best[one])
            if self._known[one]:  # it keeps its place
                one, other = other, one
            self.put(one, other)
            how[one] = NEVER
            stale = ((best == one) | (best == other)) & ~self._gone
            stale[other] = True
            best[stale] = similar[stale].argmax(axis=1)
            how[stale] = similar[stale, best[stale]]
            better = (similar[:, other] > how) & ~self._gone
            best[better], how[better] = other, similar[better, other]

    def groups(self) -> npt.NDArray[np.int64]:
        """The group of each text."""
        found = self._in
        while (found != found[found]).any():
            found = found[found]
        return found
