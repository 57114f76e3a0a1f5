"""The traffic that `firstline evaluate` and `firstline tune` assume."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.evaluation.commands import many, run


def traffic(*words: str) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)["traffic"]
    return found


def test_the_questions_are_the_traffic_unless_a_file_is_or_none_is_wanted(desk: Path) -> None:
    (desk / "texts.txt").write_text("".join(f"who waters plant {n} in the canteen\n" for n in range(60)))

    questions, file, none = (
        traffic("evaluate", "q.jsonl", *options)
        for options in ([], ["--traffic", "texts.txt"], ["--no-traffic"])
    )

    assert [one["questions"] for one in (questions, file, none)] == [4, 60, 0]
    assert file["unanswered"] > 0.8, "by texts that nothing answers"
    assert file["unanswered"] > none["unanswered"]
    assert sum(file["mix"].values()) == pytest.approx(1, abs=0.01)


def test_no_more_texts_than_the_desk_learns_from_are_taken(desk: Path) -> None:
    (desk / "texts.txt").write_text("".join(f"the vpn is down {n}\n" for n in range(300)))

    assert traffic("evaluate", "q.jsonl", "--traffic", "texts.txt")["questions"] == 200


def test_the_content_s_own_examples_are_no_traffic(desk: Path) -> None:
    assert traffic("evaluate")["questions"] == 0


def test_a_fixed_share_is_assumed_whatever_is_asked(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_UNANSWERED", "0.4")

    for words in (["q.jsonl"], ["q.jsonl", "--no-traffic"], []):
        assert traffic("evaluate", *words)["unanswered"] == pytest.approx(0.4)


def test_where_a_certainty_is_wanted_there_is_no_traffic(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_CERTAINTY", "0.95")

    assert json.loads(run("evaluate", "q.jsonl", "--json").stdout)["traffic"] is None
    assert "whatever the traffic" in run("evaluate", "q.jsonl").stdout


@pytest.mark.parametrize("command", ["evaluate", "tune"])
def test_a_file_of_traffic_that_cannot_be_read_is_told(desk: Path, command: str) -> None:
    result = run(command, "q.jsonl", "--traffic", "none.txt")

    assert (result.exit_code, "none.txt cannot be read" in result.stderr) == (2, True)


def test_the_report_says_what_is_assumed(desk: Path) -> None:
    (desk / "texts.txt").write_text("who waters the plants\n" * 60)

    assert "by 60 texts without labels" in run("evaluate", "q.jsonl", "--traffic", "texts.txt").stdout
    assert "before any traffic was seen" in run("evaluate", "q.jsonl", "--no-traffic").stdout


def test_tune_looks_for_thresholds_in_the_given_traffic(desk: Path) -> None:
    many(desk)
    (desk / "served.txt").write_text("".join(f"the vpn is down at place {n}\n" for n in range(60)))
    (desk / "vain.txt").write_text("".join(f"who waters plant {n} in the canteen\n" for n in range(60)))

    served, vain = (run("tune", "q.jsonl", "--traffic", f"{name}.txt").stdout for name in ("served", "vain"))

    assert served != vain
