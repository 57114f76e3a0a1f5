"""`firstline gaps`: what was asked in vain, as text in both languages within 80 columns, and as JSON."""

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.desk.knowledge.library import Library
from bot.storage import connect
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk
from tests.support.matching.gaps import GREENHOUSE, SPECTROMETER, ask_all


@pytest.fixture(scope="module")
def asked(sqlite_template: Path, library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with questions of yesterday, and some of last year."""
    clock = Clock()
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("gaps")))
    with closing(connect(f"sqlite:///{path}")) as database:
        helpdesk = Helpdesk(database, library, clock)
        clock.now = datetime.now(UTC) - timedelta(days=365)
        ask_all(helpdesk, GREENHOUSE, "inv")
        clock.now = datetime.now(UTC) - timedelta(days=1)
        ask_all(helpdesk, SPECTROMETER, "lab")
        helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1006"), "claim"))
        clock.move(minutes=90)
        helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1006"), "resolve"), inputs={"note": "Done"})
    return path


@pytest.fixture
def told(asked: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command over these questions, which it only reads."""
    monkeypatch.chdir(asked.parent)
    return lambda *arguments: CliRunner().invoke(app, arguments)


def printed(done: Result) -> str:
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_gap_is_told_in_the_peoples_words_with_what_it_costs(told: Callable[..., Result]) -> None:
    text = printed(told("gaps"))

    assert "that were not answered: 5. Gaps: 1." in text
    assert any(f"1. {sentence}" in text for sentence in SPECTROMETER)
    assert "People: 5. Engineers' time: 1 h 30 min. Tickets: 5," in text
    assert "at most 4 hours of a ticket" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80


def test_the_report_is_in_the_desks_language(
    told: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTLINE_LANGUAGE", "es")
    text = printed(told("gaps", "--since", "2020-01-01"))

    assert "Huecos: 2." in text
    assert "Personas: 5. Tiempo del equipo técnico: 1 h 30 min." in text
    assert max(map(len, text.splitlines())) <= 80


def test_json_has_all_of_it(told: Callable[..., Result]) -> None:
    whole = json.loads(printed(told("gaps", "--json", "--since", "2020-01-01", "--limit", "1")))

    first, second = whole["gaps"]
    assert (whole["questions"], first["people"], first["ticket"], first["minutes"]) == (10, 5, 5, 90)
    assert (second["minutes"], second["languages"]) == (0, ["es"])
    assert set(first["sentences"]) == set(SPECTROMETER)
    assert whole["left_out"]["alone"] == 0


def test_what_is_not_shown_is_counted(told: Callable[..., Result]) -> None:
    assert "--limit 2" in printed(told("gaps", "--since", "2020-01-01", "--limit", "1"))
    assert "There is no gap: no 6 people" in printed(told("gaps", "--people", "6"))
    assert "Gaps: 0." in printed(told("gaps", "--until", "2020-01-01", "--since", "2019-01-01"))


def test_a_queue_that_is_none_is_told(told: Callable[..., Result]) -> None:
    done = told("gaps", "--queue", "nowhere")

    assert done.exit_code == 1
    assert "there is no queue nowhere" in str(done.exception)
