"""`firstline outcomes` and `firstline articles`: tables, JSON and CSV of what became of questions."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.desk.history.outcomes import OutcomeWindows
from bot.desk.knowledge.library import Library
from bot.storage import connect
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk

QUESTION = "I forgot my password"


@pytest.fixture
def told(
    sqlite_template: Path, library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., str]:
    """Run a command over two questions of last month, and one of now."""
    clock = Clock()
    clock.now = datetime.now(UTC) - timedelta(days=30)
    path = shutil.copy(sqlite_template, tmp_path)
    with closing(connect(f"sqlite:///{path}")) as database:
        helpdesk = Helpdesk(database, library, clock)
        for name, action in (("ana", "solved"), ("bob", "")):
            helpdesk.say(name, QUESTION)
            if action:
                helpdesk.click(name, helpdesk.button(helpdesk.last(name), action))
        clock.move(days=30)
        OutcomeWindows(helpdesk.begin, clock).close_lot()
        helpdesk.say("cat", QUESTION)
        helpdesk.click("cat", helpdesk.button(helpdesk.last("cat"), "not_helpful"))
        helpdesk.click("cat", helpdesk.button(helpdesk.last("cat"), "reason", "out_of_date"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def test_the_parts_and_the_deflection_are_told(told: Callable[..., str]) -> None:
    whole = json.loads(told("outcomes", "--json"))
    parts = {part["outcome"]: part["episodes"] for part in whole["parts"]}
    assert {name for name, count in parts.items() if count} == {"confirmed", "assumed", "pending"}
    assert (sum(parts.values()), whole["total"], whole["questions"]) == (3, 3, 2)
    assert (whole["deflection_confirmed"], whole["deflection_assumed"]) == (0.5, 0.5)
    rows = list(csv.DictReader(io.StringIO(told("outcomes", "--csv"))))
    assert {row["outcome"]: int(row["episodes"]) for row in rows} == parts
    assert "Deflection, confirmed, re-contacts taken off: 50.0%" in told("outcomes")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    lately = json.loads(told("outcomes", "--json", "--since", today))
    assert (lately["total"], lately["deflection_assumed"]) == (1, None), "nothing to divide by"


def test_articles_count_open_windows_too(told: Callable[..., str]) -> None:
    (row,) = json.loads(told("articles", "--json"))["articles"]
    assert row == {
        "target": "password-reset",
        "shown": 3,
        "solved": 1,
        "not_helpful": 1,
        "again": 0,
        "chosen": 0,
        "named": 0,
        "reasons": {"out_of_date": 1},
    }
    (line,) = csv.DictReader(io.StringIO(told("articles", "--csv")))
    assert line["shown"] == "3"
    assert "password-reset, why not: out of date 1" in told("articles")
    assert json.loads(told("articles", "--json", "--until", "2020-01-01"))["articles"] == []


def test_days_the_wrong_way_round_are_told(told: Callable[..., str]) -> None:
    with pytest.raises(AssertionError):
        told("outcomes", "--since", "2026-03-02", "--until", "2026-03-01")
