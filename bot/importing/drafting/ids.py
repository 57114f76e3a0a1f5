"""Gives articles their ids: that of an earlier import, else the shortest that is free."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import count

from bot.domain.knowledge.ids import alike


class Ids:
    """Ids of all articles of one import.

    `own` are ids, folded, of articles that it did not bring. `earlier` are those that an earlier import gave,
    by the place in the source; as long as the place's file is among `files`, nothing else gets them.
    """

    def __init__(
        self, own: Iterable[str], earlier: Mapping[str, Sequence[str]], files: Container[str]
    ) -> None:
        self._taken = set(own)
        self._earlier = {place: ids for place, ids in earlier.items() if _is_in(place, files)}
        self._reserved = {alike(one) for ids in self._earlier.values() for one in ids}

    def give(self, place: str, names: Sequence[str], used: Container[str]) -> str:
        """Return the id of what stands at a place; `names` are those it may have, the shortest first.

        `used` are those, folded, of the same document.
        """
        for one in self._earlier.get(place, ()):
            if alike(one) not in used and alike(one) not in self._taken:
                return one
        return next(
            one
            for one in _numbered(names)
            if alike(one) not in used and alike(one) not in self._taken and alike(one) not in self._reserved
        )

    def take(self, ids: Iterable[str]) -> None:
        """Note the ids of a document: no other document gets them."""
        self._taken |= {alike(one) for one in ids}


def _numbered(names: Sequence[str]) -> Iterator[str]:
    # The names in turn, then the last one with a number that nobody has.
    yield from names
    for number in count(2):
        yield f"{names[-1]}-{number}"


def _is_in(place: str, files: Container[str]) -> bool:
    # A place is a file, or a file, `#` and a heading; either may have a `#` of its own.
    ends = [at for at, sign in enumerate(place) if sign == "#"]
    return place in files or any(place[:end] in files for end in ends)
