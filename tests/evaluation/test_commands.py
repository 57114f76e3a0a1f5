import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from bot.cli.content.labelled_questions import thresholds_of
from bot.cli.progress import Waiting
from bot.domain.knowledge.decision import Thresholds, Tolerance
from bot.server.settings import Settings
from tests.support.evaluation.commands import EXAMPLES, QUESTIONS, intent, many, run, write
from tests.support.evaluation.small_content import WrittenMatcher


def test_a_report_says_all_there_is_to_say(desk: Path) -> None:
    result = run("evaluate", "q.jsonl")

    assert result.exit_code == 0
    assert "4 articles, 4 intents; 4 questions of q.jsonl." in result.stdout
    for part in (
        "right one came first",
        "answered wrongly",
        "Wrong answers against answers given",
        "Expected calibration error",
        "Questions that no article serves",
    ):
        assert part in result.stdout
    assert "[bold]who waters the plants[/bold]" in result.stdout  # shown as it was written
    assert "\x1b" not in result.stdout


def test_json_and_predictions_agree(desk: Path) -> None:
    result = run("evaluate", "q.jsonl", "--json", "--predictions", "out.jsonl")

    data = json.loads(result.stdout)
    lines = [json.loads(line) for line in (desk / "out.jsonl").read_text().splitlines()]
    assert [question["text"] for question in data["questions"]] == [
        question["text"] for question in QUESTIONS
    ]
    assert [(line["text"], line["expected"]) for line in lines] == [
        (q["text"], q["expected"]) for q in QUESTIONS
    ]
    assert [line["predicted"] for line in lines[:3]] == ["vpn", "printer", "password"]
    assert data["figures"]["first_hit"] == 1
    for line in lines:
        assert line["decision"] in ("answer", "choose", "escalate")
        assert len(line["ranked"]) == 4
        assert sorted(line["ranked"], key=lambda pair: -pair[1]) == line["ranked"]


def test_an_intent_and_its_article_are_one_target(desk: Path) -> None:
    write(
        desk,
        [
            {**question, "expected": question["expected"] and f"i-{question['expected']}"}
            for question in QUESTIONS
        ],
    )

    result = run("evaluate", "q.jsonl", "--json", "--predictions", "out.jsonl")

    lines = [json.loads(line) for line in (desk / "out.jsonl").read_text().splitlines()]
    assert json.loads(result.stdout)["figures"]["first_hit"] == 1
    assert [line["predicted"] for line in lines[:3]] == ["i-vpn", "i-printer", "i-password"]


def test_two_way_never_offers(desk: Path) -> None:
    result = run("evaluate", "q.jsonl", "--two-way", "--json")

    outcomes = json.loads(result.stdout)["figures"]["outcomes"]
    assert {name for name, number in outcomes.items() if number} <= {
        "answered rightly",
        "answered wrongly",
        "escalated rightly",
        "escalated needlessly",
    }


def test_without_a_file_the_content_s_examples_are_asked(desk: Path) -> None:
    result = run("evaluate", "--json")

    data = json.loads(result.stdout)
    assert data["source"] == "16 examples of the content's own, each left out once (in 10 parts)"
    every = [text for texts in EXAMPLES.values() for text in texts]
    assert sorted(question["text"] for question in data["questions"]) == sorted(every)


def test_bad_lines_are_named_and_the_exit_code_is_2(desk: Path) -> None:
    (desk / "q.jsonl").write_text('{"text": "a", "expected": null}\n{"text": "b"}\noops\n')

    result = run("evaluate", "q.jsonl")

    assert result.exit_code == 2
    assert result.stdout == ""
    assert 'firstline: q.jsonl:2: "expected" is missing' in result.stderr
    assert "q.jsonl:3: this is not JSON" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.jsonl"], "none.jsonl cannot be read"),
        (["q.jsonl", "--baseline", "none.json"], "none.json cannot be read"),
        (["q.jsonl", "--predictions", "no/out.jsonl"], "no/out.jsonl cannot be written"),
        (["q.jsonl", "--plot", "out.gif"], "--plot writes .png, .svg, .pdf"),
        (["q.jsonl", "--articles", "no", "--intents", "no"], "there is no such folder"),
        (["q.jsonl", "--intents", "intents"], "give both"),
        (["--articles", "kb_articles"], "no examples of its own"),
    ],
)
def test_what_cannot_be_done_is_told_with_exit_code_2(desk: Path, words: list[str], said: str) -> None:
    result = run("evaluate", *words)

    assert result.exit_code == 2
    assert said in result.stderr


def test_unknown_ids_and_repeats_are_warnings(desk: Path) -> None:
    write(desk, [*QUESTIONS, {"text": "printer", "expected": "prntr"}, QUESTIONS[0]])

    result = run("evaluate", "q.jsonl")

    assert result.exit_code == 0
    assert "no article or intent 'prntr' (did you mean 'printer'?)" in result.stderr
    assert "questions that stood in the file before, and count again: 1 (lines 1, 6)" in result.stderr


def test_one_folder_given_is_all_there_is(desk: Path) -> None:
    data = json.loads(run("evaluate", "q.jsonl", "--articles", "kb_articles", "--json").stdout)

    assert not any(
        part.startswith("intent") for parts in data["content"]["targets"].values() for part in parts
    )


def test_the_gate_of_wrong_answers(desk: Path) -> None:
    write(desk, [{"text": "the vpn is down", "expected": "wifi"}, QUESTIONS[1]])

    closed, opened = (run("evaluate", "q.jsonl", "--max-wrong", most) for most in ("0.05", "1"))

    assert (closed.exit_code, opened.exit_code) == (1, 0)
    assert "gate: wrong answers: 1 of 2 given, 50.0%; the most is 5.0%." in closed.stderr


def test_an_edit_that_takes_a_question_is_named(desk: Path) -> None:
    (desk / "before.json").write_text(run("evaluate", "q.jsonl", "--json").stdout)
    intent(
        desk,
        "printer",
        [*EXAMPLES["printer"], "the vpn is down again", "vpn is down again", "vpn down again"],
    )
    intent(desk, "vpn", ["tunnel to the office fails"])

    result = run("evaluate", "q.jsonl", "--baseline", "before.json")

    assert result.exit_code == 1
    assert "gate: questions answered rightly before and taken by another answer now: 1." in result.stderr
    assert "“the vpn is down again” gets printer" in result.stdout
    assert ", and should get vpn" in result.stdout
    assert "edit: printer: new example “the vpn is down again” and 2 more; without it: " in result.stdout


def test_the_same_again_passes_its_own_baseline(desk: Path) -> None:
    (desk / "before.json").write_text(run("evaluate", "--json").stdout)

    assert run("evaluate", "--baseline", "before.json").exit_code == 0


def test_a_picture_needs_matplotlib(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)

    result = run("evaluate", "q.jsonl", "--plot", "out.png")

    assert result.exit_code == 2
    assert "pip install 'firstline[plot]'" in result.stderr


class PlainFigure:
    """Stands for matplotlib's, which is not installed everywhere; it takes every call and writes a file."""

    def __init__(self, **_: Any) -> None:
        self.drawn: list[str] = []

    def subplots(self, _rows: int, columns: int) -> list[Any]:
        return [
            SimpleNamespace(
                **dict.fromkeys(("set", "grid", "legend", "annotate", "bar"), self._take), plot=self._plot
            )
        ] * columns

    def _take(self, *_: Any, **__: Any) -> None:
        """Take what matplotlib would draw."""

    def _plot(self, across: Any, up: Any, *_: Any, **__: Any) -> None:
        if isinstance(across, list):  # the mark of the cut is a single point
            assert len(across) == len(up)
            self.drawn.append(f"{len(across)} points")

    def savefig(self, path: Path, **_: Any) -> None:
        path.write_text("\n".join(self.drawn))


def test_a_picture_has_both_lines(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("matplotlib.figure")
    vars(module)["Figure"] = PlainFigure
    monkeypatch.setitem(sys.modules, "matplotlib.figure", module)

    result = run("evaluate", "q.jsonl", "--plot", "out.png")

    assert result.exit_code == 0
    assert "4 points" in (desk / "out.png").read_text()  # the curve


def test_tune_writes_what_it_says(desk: Path) -> None:
    many(desk)
    (desk / ".env").write_text(
        "FIRSTLINE_LANGUAGE=en\nFIRSTLINE_ANSWER_FROM=0.99\nFIRSTLINE_CHOOSE_FROM=0.99\n"
    )

    result = run("tune", "q.jsonl", "--write", ".env")

    assert result.exit_code == 0
    lines = (desk / ".env").read_text().splitlines()
    assert lines[0] == "FIRSTLINE_LANGUAGE=en"
    assert lines[1:] == [line for line in result.stdout.splitlines() if line.startswith("FIRSTLINE_")]
    assert lines[1] != "FIRSTLINE_ANSWER_FROM=0.99"
    assert "answered rightly" in result.stdout

    again = run("tune", "q.jsonl", "--write", ".env")
    assert ".env stays as it is." in again.stdout
    assert (desk / ".env").read_text().splitlines() == lines


def test_tune_warns_of_what_makes_it_doubtful(desk: Path) -> None:
    write(desk, QUESTIONS[:3])

    result = run("tune", "q.jsonl")

    assert "3 questions are few" in result.stderr
    assert "0 of 3 questions have `expected` null" in result.stderr


def test_tune_warns_where_the_environment_wins(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many(desk)
    monkeypatch.setenv("FIRSTLINE_ANSWER_FROM", "0.99")
    monkeypatch.setenv("FIRSTLINE_CHOOSE_FROM", "0.99")

    result = run("tune", "q.jsonl", "--write", "new.env")

    assert (desk / "new.env").is_file()
    assert "FIRSTLINE_ANSWER_FROM is set in the environment, and wins over new.env" in result.stderr


def test_tune_without_a_file_also_leaves_whole_targets_out(desk: Path) -> None:
    result = run("tune")

    assert result.exit_code == 0
    assert (
        "16 examples of the content's own, each left out once (in 10 parts); 2 of them also with their"
        in result.stdout
    )


def test_tune_tells_what_it_cannot_read(desk: Path) -> None:
    result = run("tune", "none.jsonl")

    assert (result.exit_code, "none.jsonl cannot be read" in result.stderr) == (2, True)


def test_a_long_run_shows_that_it_goes_on(tmp_path: Path) -> None:
    times = iter([0.0, 1.0, 4.0, 6.0, 7.0])
    with (tmp_path / "out").open("w") as file:
        console = Console(file=file, width=80)
        with Waiting(console, 5, "questions", lambda: next(times)) as waiting:
            for _ in range(5):
                waiting.step()

    assert (tmp_path / "out").read_text() == "4/5 questions\n"


def test_a_terminal_shows_a_bar_that_goes_away(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as file:
        console = Console(file=file, width=80, force_terminal=True)
        with Waiting(console, 2, "questions") as waiting:
            waiting.step()
            waiting.step()

    assert "/2" in (tmp_path / "out").read_text()


def test_the_cuts_follow_from_the_matcher_unless_they_are_set() -> None:
    matcher = WrittenMatcher({})

    assert thresholds_of(Settings(max_wrong=0.1), matcher, None) == Thresholds(0.9, 0.2)
    assert thresholds_of(Settings(max_wrong=0.1, answer_from=0.8), matcher, None) == Thresholds(0.8, 0.2)
    assert thresholds_of(Settings(answer_from=0.8, choose_from=0.4), matcher, None) == Thresholds(0.8, 0.4)
    assert thresholds_of(Settings(answer_from=0.1), matcher, None) == Thresholds(0.1, 0.1), (
        "what is answered is never offered"
    )
    assert thresholds_of(Settings(answer_from=0.8), matcher, None, two_way=True) == Thresholds(0.4, 0.4, 0.0)


def test_a_set_cut_may_be_set_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_ANSWER_FROM", "")
    monkeypatch.setenv("FIRSTLINE_MAX_WRONG", "0.02")
    assert Settings().tolerance == Tolerance(0.02)
    monkeypatch.setenv("FIRSTLINE_ANSWER_FROM", "0.4")
    monkeypatch.setenv("FIRSTLINE_CHOOSE_FROM", "0.6")
    with pytest.raises(ValueError, match="must not be above"):
        Settings()
