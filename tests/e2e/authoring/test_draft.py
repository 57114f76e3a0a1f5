"""`firstline draft`: what it prints and writes passes the check, and nothing is written over."""

import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.desk.knowledge.library import Library
from bot.server.content import content_in
from bot.storage import connect
from tests.support.clock import Clock
from tests.support.desk.claimed_tickets import card, claimed
from tests.support.desk.helpdesk import Helpdesk
from tests.support.paths import ROOT

NAME = "my-flurbostat-fizzes"


@pytest.fixture
def desk(
    sqlite_template: Path, library: Library, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Path:
    """A folder where the ticket HELP-1001 was resolved, and HELP-1002 was claimed."""
    path = shutil.copy(sqlite_template, tmp_path)
    with closing(connect(f"sqlite:///{path}")) as database:
        helpdesk = Helpdesk(database, library, clock)
        ticket = claimed(helpdesk, "Hi Eva, my flurbostat fizzes. I am at 10.0.0.5")
        note = {"note": "Turn the ring, says Ana."}
        helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "resolve"), inputs=note)
        helpdesk.claimed("bo")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIRSTLINE_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setenv("FIRSTLINE_ARTICLES", str(ROOT / "kb_articles"))
    monkeypatch.setenv("FIRSTLINE_INTENTS", str(ROOT / "intents"))
    return tmp_path


def draft(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["draft", *arguments])


def test_it_is_printed_and_nothing_is_written(desk: Path) -> None:
    done = draft("HELP-1001")
    assert done.exit_code == 0
    assert f"# --- {NAME}.md ---\n---\nid: {NAME}\ntitle: My flurbostat fizzes\nlang: en\n" in done.stdout
    assert "1. Turn the ring, says \\[name\\]" in done.stdout
    assert f"intent: {NAME}\narticle: {NAME}\nexamples:\n  en:\n  - my flurbostat fizzes." in done.stdout
    assert "Taken out: network addresses (1), names (2)." in done.stderr
    assert not Path("kb_articles").exists()


@pytest.mark.parametrize(("language", "file"), [("en", f"{NAME}.md"), ("es", f"{NAME}.es.md")])
def test_what_is_written_passes_the_check(desk: Path, language: str, file: str) -> None:
    assert draft("1001", "--language", language, "--output", "here").exit_code == 0
    content = content_in(Path("here/kb_articles"), Path("here/intents"))
    assert [problem for problem in content.problems if problem.error] == []
    assert content.articles[NAME][language].title == "My flurbostat fizzes"
    assert content.intents[NAME].article == NAME
    assert sorted(path.name for path in Path("here").rglob("*") if path.is_file()) == sorted(
        [file, f"{NAME}.yaml"]
    )


def test_nothing_is_written_over(desk: Path) -> None:
    Path("intents").mkdir()
    Path(f"intents/{NAME}.yaml").write_text("mine")
    done = draft("1001", "--output", ".")
    assert "is there already, and stays as it is" in str(done.exception)
    assert Path(f"intents/{NAME}.yaml").read_text() == "mine"
    assert not Path(f"kb_articles/{NAME}.md").exists()


def test_where_one_file_cannot_be_written_neither_is(desk: Path) -> None:
    Path("intents").write_text("no folder")
    done = draft("1001", "--output", ".")
    assert "nothing was written" in str(done.exception)
    assert list(Path("kb_articles").iterdir()) == []


def git(*arguments: str) -> str:
    own = ["-c", "user.name=a", "-c", "user.email=a@b.example", *arguments]
    return subprocess.run(["git", *own], capture_output=True, text=True, check=True).stdout.strip()


def test_a_branch_has_it_and_nothing_else_is_touched(desk: Path) -> None:
    git("init", "-q", "-b", "main")
    Path("kb_articles").mkdir()
    Path("kb_articles/one.md").write_text("mine, unsaved")
    git("commit", "-q", "--allow-empty", "-m", "first")
    Path(".git/hooks/reference-transaction").write_text("#!/bin/sh\ntouch hooked\n")
    Path(".git/hooks/reference-transaction").chmod(0o755)
    before = git("status", "--porcelain", "kb_articles", "intents")
    done = draft("1001", "--branch", "--output", ".")
    assert done.exit_code == 0
    assert f"Committed on the branch drafts/{NAME}" in done.stderr
    assert "firstline new article --translate" in done.stderr
    assert git("branch", "--show-current") == "main"
    assert git("status", "--porcelain", "kb_articles", "intents") == before
    changed = git("diff", "--name-status", f"main...drafts/{NAME}").split()
    assert changed == ["A", f"intents/{NAME}.yaml", "A", f"kb_articles/{NAME}.md"]
    assert "1. Turn the ring, says" in git("show", f"drafts/{NAME}:kb_articles/{NAME}.md")
    assert git("log", "-1", "--format=%an %s", f"drafts/{NAME}") == "Firstline Draft an article of HELP-1001"
    assert not Path("hooked").exists()
    again = draft("1001", "--branch", "--output", ".")
    assert again.exit_code == 1
    assert "no branch was made" in str(again.exception)


@pytest.mark.parametrize("where", ["nowhere", "committed", "lying there"])
def test_where_a_branch_cannot_be_it_is_said(desk: Path, where: str) -> None:
    if where != "nowhere":
        git("init", "-q")
        Path("intents").mkdir()
        Path(f"intents/{NAME}.yaml").write_text("mine")
        if where == "committed":
            git("add", "intents")
        git("commit", "-q", "--allow-empty", "-m", "first")
        if where == "committed":
            Path(f"intents/{NAME}.yaml").unlink()
    done = draft("1001", "--branch", "--output", ".")
    assert done.exit_code == 1
    assert ("git rev-parse failed" if where == "nowhere" else "is there already") in str(done.exception)
    if where != "nowhere":
        assert git("branch", "--list", "drafts/*") == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("HELP-1002",), "HELP-1002 is not resolved"),
        (("HELP-9",), "There is no ticket HELP-9"),
        (("1001", "--language", "e!"), "--language: e! is no language"),
    ],
)
def test_what_it_refuses_is_said(desk: Path, arguments: tuple[str, ...], told: str) -> None:
    done = draft(*arguments)
    assert done.exit_code == 1
    assert told in str(done.exception)
