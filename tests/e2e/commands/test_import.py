"""`firstline import` and a question, as people run them."""

import json
from pathlib import Path

from tests.support.e2e.commands import good
from tests.support.evaluation.imports import written


def test_what_was_imported_is_found(tmp_path: Path) -> None:
    pages = {
        "reset.md": "# Resetting the desk lamp\n\n1. Press the knob for a while.\n2. Wait until it is on.\n",
        "chair.md": "# Adjusting a chair\n\nTurn the lever on the left side and sit down slowly.\n",
    }
    written(tmp_path / "wiki", pages)
    good(tmp_path, "import", "wiki", "--articles", "kb", "--yes")
    folders = ("--articles", "kb", "--intents", "wiki")
    answer = json.loads(good(tmp_path, "ask", "--json", "how do I reset the desk lamp", *folders))

    assert answer["ranked"][0][0] == "reset"
