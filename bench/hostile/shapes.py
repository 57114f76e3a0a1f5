"""Tells from its shape alone whether a pattern may take time by the square of a text.

It may where a search tries at many places of one run of characters, reads on to the end of that run from each
of them, and fails there: blanks and then a sign, or everything up to a sign that is not there. What stands
before the run must keep a search from beginning within it: a character that is none of the run's, a look
behind, the edge of a word.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from re import _constants as codes  # type: ignore[attr-defined]  # the library's own, stable since 3.11
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

UNBOUNDED = 1_000  # repeats from which a run is as long as a text
MOST_WAYS = 400  # of one pattern that are looked at
_LATIN = [chr(number) for number in range(0x180)]
ALPHABET = [c for c in (*_LATIN, *"\u2028‘’“”…。日") if len(c.lower()) == len(c.upper()) == 1]
_CLASSES: dict[Any, Callable[[str], bool]] = {
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_DIGIT: str.isdigit,
    codes.CATEGORY_WORD: lambda c: c.isalnum() or c == "_",
    codes.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    codes.CATEGORY_NOT_DIGIT: lambda c: not c.isdigit(),
    codes.CATEGORY_NOT_WORD: lambda c: not (c.isalnum() or c == "_"),
}
_SINGLE = (codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN)


@dataclass(frozen=True, slots=True)
class _Part:
    """Characters that stand least so often; or, without any, a look at what is before or behind."""

    of: frozenset[str] = frozenset()
    least: int = 1
    run: bool = False  # as long as a text, and given back bit by bit
    look: tuple[Any, Any] | None = None


def slow_run(pattern: re.Pattern[str]) -> str:
    """A few characters of a run in which searching takes the square of its length; "" where there is none."""
    ways = _ways(parser.parse(pattern.pattern, pattern.flags), pattern.flags)
    for begin, way in (*((0, way) for way in ways), *_looks_ahead(ways, pattern.flags)):
        for at, part in enumerate(way[begin:], begin):
            open_to = part.run and not any(_keeps_out(one, part.of, pattern.flags) for one in way[:at])
            if open_to and any(_may_fail(one, part.of, pattern.flags) for one in way[at + 1 :]):
                return "".join(sorted(part.of))[:5]
    return ""


def _looks_ahead(ways: Sequence[Sequence[_Part]], flags: int) -> Iterator[tuple[int, list[_Part]]]:
    """Each look at what is ahead, which may read on to the end of a run, and where in its way it begins."""
    for way in ways:
        for at, part in enumerate(way):
            if part.look is not None and part.look[0] in (codes.ASSERT, codes.ASSERT_NOT):
                direction, inside = part.look[1]
                found = _ways(inside, flags) if direction > 0 else []
                yield from ((at, [*way[:at], *ahead]) for ahead in found)


def _ways(nodes: Sequence[Any], flags: int) -> list[list[_Part]]:
    """The ways through a pattern, each as its parts one after the other."""
    found: list[list[_Part]] = [[]]
    for node in nodes:
        found = [[*way, *more] for way in found for more in _ways_of(node, flags)]
        if len(found) > MOST_WAYS:  # some of every branch
            found = random.Random(len(found)).sample(found, MOST_WAYS)
    return found


def _ways_of(node: tuple[Any, Any], flags: int) -> list[list[_Part]]:
    code, value = node
    if code in _SINGLE:
        return [[_Part(_characters(node, flags))]]
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, most, inner = value
        if len(inner) == 1 and inner[0][0] in _SINGLE:
            given_back = most >= UNBOUNDED and code is not codes.POSSESSIVE_REPEAT
            return [[_Part(_characters(inner[0], flags), least, given_back)]]
        return _ways(inner, flags) if least else [[]]
    if code is codes.SUBPATTERN:
        return _ways(value[3], flags)
    if code is codes.ATOMIC_GROUP:
        return _ways(value, flags)
    if code is codes.BRANCH:
        return [way for branch in value[1] for way in _ways(branch, flags)]
    return [[_Part(look=node)]]


def _characters(node: tuple[Any, Any], flags: int) -> frozenset[str]:
    return frozenset(c for c in ALPHABET if _fits(node, c, flags))


def _fits(node: tuple[Any, Any], c: str, flags: int) -> bool:
    code, value = node
    cases = {c, c.lower(), c.upper()} if flags & re.IGNORECASE else {c}
    if code is codes.LITERAL:
        return chr(value) in cases
    if code is codes.NOT_LITERAL:
        return chr(value) not in cases
    if code is codes.ANY:
        return c != "\n" or bool(flags & re.DOTALL)
    negated = value[0][0] is codes.NEGATE
    return negated != any(_is_in(one, case) for one in value for case in cases)


def _is_in(one: tuple[Any, Any], c: str) -> bool:
    code, value = one
    if code is codes.RANGE:
        return bool(value[0] <= ord(c) <= value[1])
    if code is codes.CATEGORY:
        return _CLASSES[value](c)
    return code is codes.LITERAL and ord(c) == value


def _keeps_out(part: _Part, run: frozenset[str], flags: int) -> bool:
    """Whether a search cannot begin within a run because of a part before it."""
    if part.look is None:
        return part.least > 0 and not part.of & run
    code, value = part.look
    if code is codes.AT and value in (codes.AT_BEGINNING, codes.AT_BEGINNING_STRING):
        return not flags & re.MULTILINE or "\n" not in run
    if code is codes.AT and value is codes.AT_BOUNDARY:
        return len({c.isalnum() or c == "_" for c in run}) == 1
    if code is codes.ASSERT_NOT and value[0] < 0:
        return any(len(way) == 1 and way[0].of >= run for way in _ways(value[1], flags))
    if code is codes.ASSERT and value[0] < 0:
        return all(not way[-1].of & run for way in _ways(value[1], flags) if way)
    return False


def _may_fail(part: _Part, run: frozenset[str], flags: int) -> bool:
    if part.look is None:
        return part.least > 0
    code, value = part.look
    if code is codes.ASSERT_NOT and value[0] > 0:  # a shorter run is followed by a character of its own
        return any(not way or bool(way[0].of & run) for way in _ways(value[1], flags))
    return not (code is codes.AT and value is codes.AT_BOUNDARY)


def runs_of(patterns: dict[str, re.Pattern[str]]) -> Iterator[tuple[str, str]]:
    """The names of patterns that may be slow, each with what it is slow over."""
    for name, pattern in patterns.items():
        if run := slow_run(pattern):
            yield name, run
