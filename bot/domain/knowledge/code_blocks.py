"""Finds code in Markdown, where nothing is markup."""

import re
from collections.abc import Sequence

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_BACKTICKS = re.compile(r"`+")


def code_lines(lines: Sequence[str]) -> frozenset[int]:
    """Return which lines are in a fence, where nothing is a heading or a list."""
    found, fence = set(), ""
    for at, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence:
            found.add(at)
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark:
            found.add(at)
            fence = mark[1]
    return frozenset(found)


def code_spans(line: str) -> frozenset[int]:
    """Return which places of a line are within a span of code."""
    runs = list(_BACKTICKS.finditer(line))
    next_of_length: dict[int, int] = {}
    closing: dict[int, int] = {}
    for at in range(len(runs) - 1, -1, -1):
        length = len(runs[at][0])
        if length in next_of_length:
            closing[at] = next_of_length[length]
        next_of_length[length] = at
    found: set[int] = set()
    at = 0
    while at < len(runs):
        if at in closing:
            found.update(range(runs[at].end(), runs[closing[at]].start()))
            at = closing[at]
        at += 1
    return frozenset(found)
