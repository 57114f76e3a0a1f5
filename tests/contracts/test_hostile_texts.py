"""Every function over people's texts does work by the length of the text, never by its square.

Work is counted and not timed: the calls that a function makes, of Python and of C, over a text and over one
of four times the length. What a single pattern does is not seen so: patterns are judged by their shape.
`python -m bench.hostile_texts` times both.
"""

import ast
import re
import sys
from itertools import product
from types import FrameType

import pytest

from bench.hostile.functions import Function, functions, searched, with_more
from bench.hostile.paths import paths
from bench.hostile.shapes import runs_of, slow_run
from bench.hostile.texts import hostile_texts
from tests.support.paths import ROOT

SHORT, LONG = hostile_texts(500), hostile_texts(2_000)  # characters
MOST_TIMES = 5.5  # the work over the long text, in works over the short one: four, and a little
BY_THE_WAY = (
    2_000  # calls that come with the length at once: a piece more that is shown, caches that are filled
)
CALLABLE = {
    name: function
    for name, function in {**functions(), **paths()}.items()
    if name.rpartition(".")[2][:1] != "_"
}


def test_every_function_of_a_text_is_tried() -> None:
    assert len(functions()) > 100
    assert with_more() <= set(paths()), "bench/hostile/paths.py has no way to call these: add one for each"


@pytest.mark.parametrize("name", CALLABLE)
def test_work_grows_with_the_length(name: str) -> None:
    function = CALLABLE[name]
    function("a")
    for of, short in SHORT.items():
        most = MOST_TIMES * calls(function, short) + BY_THE_WAY
        assert calls(function, LONG[of]) <= most, f"{name} does too much for {of}"


def test_a_bound_stays_a_bound_where_a_pattern_is_put_together() -> None:
    """In an f-string `{0,40}` is what Python makes of a pair, and no pattern of ours means that."""
    found = [
        f"{path.relative_to(ROOT)}:{shown.lineno}: write {{{{{ast.unparse(shown.value).strip('()')}}}}}"
        for path in sorted((ROOT / "bot").rglob("*.py"))
        for shown in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(shown, ast.FormattedValue) and isinstance(shown.value, ast.Tuple | ast.Constant)
    ]
    assert found == []


def test_no_pattern_takes_the_square_of_a_text() -> None:
    assert len(searched()) > 60
    assert dict(runs_of(searched())) == {}


@pytest.mark.parametrize(
    "slow",
    [
        r"\s+[-–]\s+",
        r"<[@#!][^>]*>",
        r"\]\([^)]*\)",
        r"[ \t]*<@U1>",
        r"(?m)^(\s*)[-+]",
        r"(?:^|[.:\n]\s*)why",
        r"\w+@\w",
        r"(a|\s*)b",
        r"key(?=[a-z]*_)",
        r"a(?![a-z]*_)",
        rf"(?:(?<!\w)|(?=b))(?:{'|'.join(map('b'.join, product('xyz', repeat=6)))})(?=[a-z]*_)",
    ],
)
def test_a_pattern_that_does_is_found(slow: str) -> None:
    assert slow_run(re.compile(slow))


@pytest.mark.parametrize(
    "quick",
    [
        r"(?<!\s)\s+[-–]\s+",
        r"<[@#!][^<>]*>",
        r"\b\w+@",
        r"(?m)^[^\S\n]*[-+]",
        r"(?<=[.])\s+x",
        r"\w+",
        r"\s{0,3}x",
        r"a\s*b",
        r"(?<!\w)\w++@",
        r"(?<!\w)key(?=[a-z]*_)",
        r"key(?=[a-z]{0,40}_)",
        r"\n+(?![a-z])",
    ],
)
def test_a_pattern_that_does_not_is_let_be(quick: str) -> None:
    assert not slow_run(re.compile(quick))


def calls(function: Function, text: str) -> int:
    """How many calls a function makes for a text."""
    counted = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        function(text)
    finally:
        sys.setprofile(None)
    return counted
