"""`firstline examples`: what is proposed is shown in full, written when it is approved, and taken back."""

import json
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.cli.operate.setup.starter import write_starter
from bot.desk.knowledge.library import Library
from bot.server.content import content_in
from bot.storage import connect
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk
from tests.support.desk.outcomes import press

TARGET = "password-reset"
ASKED = "I forgot my password after the holidays"


@pytest.fixture
def desk(
    sqlite_template: Path, library: Library, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Path:
    """A folder with a small content, and a desk where two questions were solved."""
    path = shutil.copy(sqlite_template, tmp_path)
    with closing(connect(f"sqlite:///{path}")) as database:
        helpdesk = Helpdesk(database, library, clock)
        helpdesk.say("ana", ASKED)
        press(helpdesk, "ana", "solved")
        helpdesk.say("bob", "forgot my windows password over the weekend")
        press(helpdesk, "bob", "solved")
    write_starter(tmp_path, ("en",))
    for old in (*tmp_path.glob("kb_articles/*"), *tmp_path.glob("intents/*")):
        old.unlink()
    (tmp_path / "kb_articles/password-reset.md").write_text(
        f"---\nid: {TARGET}\ntitle: Reset a password\nlang: en\n---\nPress the button.\n"
    )
    (tmp_path / "intents/reset.yaml").write_text(
        f"intent: reset\narticle: {TARGET}\nqueue: it\nexamples:\n  en:\n  - new password\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIRSTLINE_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setenv("FIRSTLINE_ARTICLES", "kb_articles")
    monkeypatch.setenv("FIRSTLINE_INTENTS", "intents")
    return tmp_path


def run(*arguments: str, says: str | None = None) -> Result:
    return CliRunner().invoke(app, ["examples", *arguments], input=says)


def propose() -> None:
    # The clock of these desks stands in the past.
    assert run("propose", "--since", "2020-01-01").exit_code == 0


def learned() -> tuple[str, ...]:
    content = content_in(Path("kb_articles"), Path("intents"))
    assert [one for one in content.problems if one.error] == []
    assert content.intents["reset"].queue == "it"
    return content.intents["reset"].examples["en"][1:]


def test_a_list_is_shown_approved_and_taken_back_one_by_one(desk: Path) -> None:
    propose()
    shown = run("list").stdout
    assert "List 1, examples: 2" in shown
    assert f"- {ASKED} (solved, people: 1)" in shown
    assert learned() == ()

    done = run("approve", "1", "--yes")
    assert done.exit_code == 0, done.output
    assert f"- {ASKED}" in done.stdout
    assert sorted(learned()) == sorted([ASKED, "forgot my windows password over the weekend"])
    assert "Nothing is proposed" in run("list").stdout

    approved = {one["text"]: one for one in json.loads(run("list", "--approved", "--json").stdout)}
    assert approved[ASKED]["approved_by"]
    assert run("take-back", str(approved[ASKED]["number"])).exit_code == 0
    assert learned() == ("forgot my windows password over the weekend",)
    again = run("take-back", str(approved[ASKED]["number"]))
    assert "No approved example" in str(again.exception)
    propose()
    assert "Nothing is proposed" in run("list").stdout


def test_who_says_no_changes_nothing(desk: Path) -> None:
    propose()
    assert run("approve", TARGET, says="n\n").exit_code == 1
    assert learned() == ()
    assert len(json.loads(run("list", "--json").stdout)) == 2
    assert run("approve", TARGET, says="y\n").exit_code == 0
    assert len(learned()) == 2


def test_where_nothing_can_be_written_nothing_is_approved(desk: Path) -> None:
    propose()
    Path("intents/learned").write_text("no folder")
    done = run("approve", "1", "--yes")
    assert "nothing was written" in str(done.exception)
    Path("intents/learned").unlink()
    assert len(json.loads(run("list", "--json").stdout)) == 2


def test_what_is_not_there_is_said(desk: Path) -> None:
    for arguments in (("approve", "7"), ("approve", "vpn", "--yes"), ("take-back", "7")):
        done = run(*arguments)
        assert done.exit_code == 1
        assert "firstline examples list" in str(done.exception)


def test_an_edited_example_is_left_to_whoever_edited_it(desk: Path) -> None:
    propose()
    assert run("approve", "1", "--yes").exit_code == 0
    (file,) = Path("intents/learned").iterdir()
    file.write_text(file.read_text().replace(ASKED, "I forgot it"))
    approved = {one["text"]: one["number"] for one in json.loads(run("list", "--approved", "--json").stdout)}
    assert "as it was approved" in str(run("take-back", str(approved[ASKED])).exception)
    assert "I forgot it" in learned()


def git(*arguments: str) -> str:
    own = ["-c", "user.name=a", "-c", "user.email=a@b.example", *arguments]
    return subprocess.run(["git", *own], capture_output=True, text=True, check=True).stdout.strip()


def test_a_branch_has_them_and_the_files_stay_as_they_are(desk: Path) -> None:
    git("init", "-q", "-b", "main")
    git("add", "kb_articles", "intents")
    git("commit", "-q", "-m", "content")
    propose()
    done = run("approve", "1", "--yes", "--branch")
    assert done.exit_code == 0, done.output
    (branch,) = [one.strip("* ") for one in git("branch").splitlines() if "drafts/" in one]
    assert ASKED in git("show", f"{branch}:intents/learned/{TARGET}.yaml")
    assert learned() == ()
    git("merge", "-q", branch)
    assert len(learned()) == 2
    for one in json.loads(run("list", "--approved", "--json").stdout):
        assert run("take-back", str(one["number"]), "--branch").exit_code == 0
    assert len(learned()) == 2
    assert len([one for one in git("branch").splitlines() if "take-back-" in one]) == 2
