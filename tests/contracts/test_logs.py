"""Every loud line of the log says what to do."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.paths import ROOT

LOUD = ("warning", "error", "exception")


def silent_lines(path: Path) -> Iterator[str]:
    """Where a line of the log is loud and has no next step."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=how), keywords=fields):
                if how in LOUD and "next_step" not in {field.arg for field in fields}:
                    yield f"{path.name}:{node.lineno}"


def test_each_says_what_to_do() -> None:
    found = [line for path in (ROOT / "bot").rglob("*.py") for line in silent_lines(path)]
    assert found == [], "add next_step: what an operator does about it, or why nothing"


def test_a_line_without_a_next_step_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text('log.info("a")\nlog.warning("b", next_step="c")\nlog.error(\n    "d"\n)\n')
    assert list(silent_lines(path)) == ["module.py:3"]
