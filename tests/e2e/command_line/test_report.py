"""`firstline report`, `recount` and the exports, over a desk with some weeks of work."""

import csv
import io
import json
import re
import shutil
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len
from sqlalchemy import insert, select
from typer.testing import CliRunner

from bot.cli.data import exports
from bot.cli.main import app
from bot.desk.history.outcomes import OutcomeWindows
from bot.desk.knowledge.library import Library
from bot.domain.insights.summary import COLUMNS
from bot.storage import connect
from bot.storage.schema.tables import episodes
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk
from tests.support.paths import ROOT
from tests.support.unknown import UNKNOWN

QUESTION = "I forgot my password"
SPITEFUL = "=HYPERLINK(1)"
Told = Callable[..., str]


@pytest.fixture
def desk_file(sqlite_template: Path, library: Library, tmp_path: Path) -> Path:
    """Ten days ago a question was solved and a ticket resolved after two hours; another ticket is open."""
    clock = Clock()
    clock.now = datetime.now(UTC) - timedelta(days=10)
    path = Path(shutil.copy(sqlite_template, tmp_path))
    with closing(connect(f"sqlite:///{path}")) as database:
        helpdesk = Helpdesk(database, library, clock)
        helpdesk.say("ana", QUESTION)
        helpdesk.click("ana", helpdesk.button(helpdesk.last("ana"), "solved"))
        helpdesk.claimed("bob", text=f"{SPITEFUL} {UNKNOWN}")
        clock.move(hours=2)
        helpdesk.click(
            "eva", helpdesk.button(helpdesk.card("HELP-1001"), "resolve"), inputs={"note": "+1 done"}
        )
        clock.now = datetime.now(UTC) - timedelta(hours=1)
        OutcomeWindows(helpdesk.begin, clock).close_lot()
        helpdesk.say("cat", UNKNOWN)
    return path


@pytest.fixture
def told(desk_file: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    monkeypatch.chdir(desk_file.parent)
    monkeypatch.setenv("COLUMNS", "80")
    for name, place in (("ARTICLES", "kb_articles"), ("INTENTS", "intents")):
        monkeypatch.setenv(f"FIRSTLINE_{name}", str(ROOT / place))

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def test_nothing_is_told_as_counted_before_it_is(told: Told) -> None:
    before = json.loads(told("report", "--json"))
    assert (before["figures"]["tickets_opened"], before["uncounted"]) == (0, 4)
    assert "Tickets and questions yet to be counted: 4." in " ".join(told("report").split())
    told("recount")
    after = json.loads(told("report", "--json"))
    assert (after["figures"]["tickets_opened"], after["uncounted"]) == (2, 0)


def test_the_figures_of_a_period(told: Told) -> None:
    told("recount")
    found = json.loads(told("report", "--json", "--by", "channel"))
    figures = found["figures"]
    assert (figures["questions"], figures["deflection_confirmed"]) == (2, 0.5)
    assert (figures["tickets_opened"], figures["tickets_resolved"]) == (2, 1)
    assert figures["resolution_median_seconds"] == pytest.approx(7200, rel=0.05)
    assert (found["pending"], sum(found["backlog"]["ages"]), found["backlog"]["ages"][0]) == (1, 1, 1)
    assert [(part["value"], part["tickets_opened"]) for part in found["parts"]] == [("slack", 2)]
    (row,) = csv.DictReader(io.StringIO(told("report", "--csv")))
    assert {name: row[name] for name in ("questions", "tickets_opened", "deflection_confirmed")} == {
        "questions": "2",
        "tickets_opened": "2",
        "deflection_confirmed": "0.5000",
    }
    weeks = list(csv.DictReader(io.StringIO(told("report", "--csv", "--by", "week"))))
    assert sum(int(week["tickets_opened"]) for week in weeks) == 2
    old = json.loads(told("report", "--json", "--since", "2020-01-01", "--until", "2020-02-01"))
    assert old["figures"]["tickets_opened"] == 0
    assert set(COLUMNS) == set(figures)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Resolution, median 2 h"), ("es", "Resolución, mediana 2 h")],
)
def test_a_report_is_read_in_80_columns_in_both_languages(
    told: Told, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setenv("FIRSTLINE_LANGUAGE", language)
    told("recount")
    for by in ("week", "queue", "priority", "language", "channel", "target"):
        text = told("report", "--by", by)
        assert [line for line in text.splitlines() if cell_len(line.rstrip()) > 80] == []
        assert "insights." not in text
    assert words in re.sub(r"\s+", " ", told("report"))


def test_days_the_wrong_way_round_are_told(told: Told) -> None:
    done = CliRunner().invoke(app, ("report", "--since", "2026-03-02", "--until", "2026-03-01"))
    assert "--since" in str(done.exception)


def test_exports_have_documented_columns_no_texts_and_no_formula(told: Told) -> None:
    told("recount")
    rows = list(csv.DictReader(io.StringIO(told("tickets", "export"))))
    assert [row["status"] for row in rows] == ["resolved", "open"]
    assert [row["ticket"] for row in rows] == ["HELP-1001", "HELP-1002"]
    assert rows[0]["resolution_seconds"] == "7200"
    assert tuple(rows[0]) == exports.TICKET_COLUMNS
    assert UNKNOWN not in told("tickets", "export")
    (resolved, _) = csv.DictReader(io.StringIO(told("tickets", "export", "--texts")))
    assert resolved["question"].startswith("'=")
    assert resolved["note"].startswith("'+")
    asked = list(csv.DictReader(io.StringIO(told("episodes", "export"))))
    assert [row["outcome"] for row in asked] == ["confirmed", "ticket", "pending"]
    assert tuple(asked[0]) == exports.EPISODE_COLUMNS
    assert QUESTION not in told("episodes", "export")
    assert QUESTION in told("episodes", "export", "--texts")
    assert told("tickets", "export", "--queue", "elsewhere").count("\n") == 1
    assert told("episodes", "export", "--until", "2020-01-01").count("\n") == 1


def test_the_columns_are_those_of_the_documentation() -> None:
    page = (ROOT / "docs" / "insights.md").read_text("utf-8")
    for columns in (exports.TICKET_COLUMNS, exports.EPISODE_COLUMNS, COLUMNS):
        assert [name for name in columns if f"`{name}`" not in page] == []


def test_memory_does_not_grow_with_an_export(
    told: Told, desk_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Sink(io.StringIO):
        def write(self, text: str) -> int:
            return len(text)

    def peak() -> int:
        with monkeypatch.context() as context:
            context.setattr("sys.stdout", Sink())
            tracemalloc.start()
            exports.export_episodes(None, None, texts=False)
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return found

    told("episodes", "export")  # what is imported once is there
    monkeypatch.setattr(exports, "LOT", 200)
    with closing(connect(f"sqlite:///{desk_file}")) as database:

        def add(first: int, last: int) -> None:
            with database.transaction() as connection:
                row = dict(connection.execute(select(episodes)).mappings().first() or {})
                made = [{**row, "id": number, "token": f"t{number}"} for number in range(first, last)]
                connection.execute(insert(episodes), made)

        add(10, 1_010)
        few = peak()
        add(1_010, 11_010)
        many = peak()
    assert many < few * 1.5, "ten times as many rows"
