"""The measurements run from end to end; what they measure is never asserted."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench import content, figures, report
from bench.load import share
from bench.matching.sets import separation
from bench.plan import ROOT
from bot.server.content import content_in

PATIENCE = 900  # seconds: a bound, never a wait


def smoke(*arguments: str) -> str:
    """What a smoke run prints."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.main", "--quick", *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def printed() -> str:
    """One smoke run of everything on SQLite."""
    return smoke("--databases", "sqlite")


def test_slack_is_measured(printed: str) -> None:
    assert "Slack: from an event to its acknowledgement" in printed
    assert "(2) four inserts, SQLite" in printed
    assert "SQLite, answered: 20 answered;" in printed
    assert "SQLite, tickets: 20 ticket;" in printed


def test_teams_is_measured(printed: str) -> None:
    assert "Teams, anonymous: from an event" in printed
    assert "Teams, signed: from an event" in printed
    assert printed.count("12 answered, 2 ignored, 6 ticket;") == 3


def test_the_start_is_measured(printed: str) -> None:
    assert "Start and memory, with 12 articles" in printed
    assert "Slack, SQLite: start beyond imports" in printed


@pytest.mark.postgresql
def test_postgresql_is_measured() -> None:
    printed = smoke("--only", "slack", "--databases", "postgresql")
    assert "(2) four inserts, PostgreSQL" in printed
    assert "12 answered, 2 ignored, 6 ticket;" in printed


def test_synthetic_content_is_valid_and_always_the_same(tmp_path: Path) -> None:
    made = [content_in(*content.write(tmp_path / name, 60)) for name in ("one", "two")]
    assert made[0].hash == made[1].hash
    assert [str(problem) for problem in made[0].problems if problem.error] == []
    assert len(made[0].articles) == 60
    with_article = [intent for intent in made[0].intents.values() if intent.article]
    assert {10} == {len(written) for intent in with_article for written in intent.examples.values()}


def test_a_slower_hour_of_the_machine_is_no_slower_code(tmp_path: Path) -> None:
    kept = tmp_path / "figures.json"
    figures.keep({"a message": {figures.CPU: 4.0, figures.SHARE: 0.2}}, "2026-11-30", "a machine", 100, kept)
    now = {"a message": {figures.CPU: 6.0, figures.SHARE: 0.2}}
    told = list(figures.changes(now, "a machine", 150, kept))
    assert len(told) == 1
    assert "nothing got slower" in told[0]
    told = list(figures.changes(now, "a machine", 100, kept))
    assert told[1:] == ["slower: a message: processor ms 4 before, now 6, ratio 1.50"]


def test_the_page_keeps_what_stands_around_the_tables(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    begin, end = "<!-- bench -->", "<!-- /bench -->"
    page.write_text(f"above\n{begin}\nold\n{end}\nbelow\n")
    table = report.Table("Title", ("what", "figure"), [("one", "1")], ["A note."])
    report.write(page, [table], "A machine.")
    text = page.read_text()
    assert text.startswith(f"above\n{begin}\nA machine.\n")
    assert "| what | figure |\n| --- | ---: |\n| one | 1 |" in text
    assert text.endswith(f"A note.\n{end}\nbelow\n")
    page.write_text("no markers")
    with pytest.raises(ValueError, match="no part between"):
        report.write(page, [table], "A machine.")


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(100)]
    assert share(values, 0.5) == 50.0
    assert share(values, 0.99) == 99.0
    assert share([7.0], 0.99) == 7.0


def test_sets_are_asked_of_the_sample_content_where_they_bring_none(tmp_path: Path) -> None:
    folder, empty = tmp_path / "asked", tmp_path / "empty"
    folder.mkdir()
    empty.mkdir()
    lines = [
        '{"text": "my vpn keeps dropping on my mac", "expected": "vpn-macos"}',
        '{"text": "the tulips want water", "expected": null}',
        '{"text": "help", "expected": "printer", "kind": "ambiguous"}',
        '{"text": "hello,\\nI came in and left my badge at home", "expected": "badge", "style": "long"}',
    ]
    picked = [
        '{"text": "the headset that I never saw", "expected": "zoom"}',
        '{"text": "help", "expected": "printer", "kind": "ambiguous"}',
    ]
    (folder / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "more_answerable.jsonl").write_text("\n".join(picked), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "bench.match_sets", str(empty), str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    rows = [line.split("│") for line in done.stdout.splitlines() if "│" in line]
    ours, stories, picked_too, plain = ([cell.strip() for cell in row[1:]] for row in rows)
    assert ours[:3] == ["asked", "Firstline", "100.0%"]
    assert stories[:3] == ["", "long stories", "100.0%"]
    assert picked_too[:3] == ["", "with those picked", "66.7%"], "two of the sample, and none of those picked"
    assert plain[:2] == ["", "plain BM25"]


def test_separation_is_the_share_of_pairs_in_the_right_order() -> None:
    sure, right = np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False])
    assert separation(sure, right) == (1 + 0.5 + 1 + 1) / 4
    assert separation(-sure, right) == 1 - separation(sure, right)
