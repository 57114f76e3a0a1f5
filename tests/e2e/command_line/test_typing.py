"""What people type: completion in a real bash, questions without quotes, mistyped names."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from bot.cli.main import app
from bot.cli.options import Sentence
from tests.support.e2e.commands import environment
from tests.support.paths import ROOT
from tests.support.patience import PATIENCE

FIRSTLINE = Path(sys.executable).parent / "firstline"
TYPED = {
    "tick": {"tickets"},
    "tickets ": {"list", "show", "release", "export"},
    "tickets list --status c": {"claimed"},
    "ask --ex": {"--explain"},
}
ASKING = """
source "$1"
COMP_WORDS=($2)
[ "${2: -1}" = " " ] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_firstline_completion firstline
printf '%s\\n' "${COMPREPLY[@]}"
"""


def in_bash(folder: Path, script: str, *arguments: str) -> str:
    """Run a script in bash, as whoever has a home here."""
    settings = environment(folder, {"PATH": f"{FIRSTLINE.parent}:{os.environ['PATH']}"})
    done = subprocess.run(
        ["bash", "--norc", "-c", script, "bash", *arguments],
        cwd=folder,
        env=settings,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_bash_completes_what_is_typed(tmp_path: Path) -> None:
    (tmp_path / ".bashrc").write_text("# mine\n")
    in_bash(tmp_path, "firstline --install-completion; true")
    script = tmp_path / ".bash_completions" / "firstline.sh"
    assert "# mine\n" in (tmp_path / ".bashrc").read_text()
    assert str(script) in (tmp_path / ".bashrc").read_text()
    assert in_bash(tmp_path, "firstline --show-completion; true").strip() == script.read_text().strip()
    for typed, offered in TYPED.items():
        said = in_bash(tmp_path, ASKING, str(script), f"firstline {typed}")
        assert set(said.split()) == offered, typed


@pytest.mark.parametrize(
    ("shell", "given"),
    [
        ("zsh", {"_TYPER_COMPLETE_ARGS": "firstline tickets "}),
        ("fish", {"_TYPER_COMPLETE_ARGS": "firstline tickets ", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}),
    ],
)
def test_other_shells_are_answered_too(shell: str, given: dict[str, str]) -> None:
    given = {"_FIRSTLINE_COMPLETE": f"complete_{shell}", **given}
    done = CliRunner().invoke(app, [], prog_name="firstline", env=given)
    assert {"list", "show", "release"} <= set(done.stdout.replace('"', " ").replace(":", " ").split())


# --- a question as it is said -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "question", "options"),
    [
        (["my vpn drops"], "my vpn drops", {}),
        (["my", "vpn", "keeps", "dropping"], "my vpn keeps dropping", {}),
        (["my", "vpn", "--json"], "my vpn", {"as_json": True}),
        (["--json", "my", "vpn"], "my vpn", {"as_json": True}),
        (["my", "--articles", "kb", "vpn"], "my vpn", {"articles": Path("kb")}),
        (["my", "--articles=kb", "vpn"], "my vpn", {"articles": Path("kb")}),
        (["-my", "vpn"], "-my vpn", {}),
        (["-5", "degrees", "in", "the", "office"], "-5 degrees in the office", {}),
        (["-", "the", "vpn"], "- the vpn", {}),
        (["-h is not working"], "-h is not working", {}),
        (["--json is what I get"], "--json is what I get", {}),
        (["--", "--json", "-h"], "--json -h", {}),
        (["say", "--", "--json"], "say --json", {}),
    ],
)
def test_the_words_of_a_question_need_no_quotes(
    typed: list[str], question: str, options: dict[str, Any]
) -> None:
    command = get_command(app).commands["ask"]  # type: ignore[attr-defined]  # it is a group
    assert isinstance(command, Sentence)
    with command.make_context("ask", list(typed), help_option_names=["-h", "--help"]) as context:
        assert " ".join(context.params["question"]) == question
        assert {name: value for name, value in context.params.items() if value} == {
            "question": context.params["question"],
            **options,
        }


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["tikets"], "Did you mean 'tickets'?"),
        (["tickets", "lst"], "Did you mean 'list'?"),
        (["ask", "vpn", "--jsn"], "--json"),
        (["ask"], "question"),
        (["tickets", "list", "--status", "done"], "'open', 'claimed', 'resolved', 'withdrawn'"),
    ],
)
def test_what_is_mistyped_is_suggested(typed: list[str], told: str) -> None:
    done = CliRunner().invoke(app, typed, prog_name="firstline", env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert told in done.output


def test_version_and_help_need_nothing() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout.strip().count(".") == 2
    assert str(ROOT) not in CliRunner().invoke(app, ["-h"]).stdout
