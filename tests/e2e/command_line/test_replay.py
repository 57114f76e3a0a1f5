"""`firstline replay`: what was asked, asked again of an edited content, as a person runs it."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.data.replay.command import alike
from bot.domain.knowledge.labelled_question import Question
from bot.server.authoring.replaying import Side
from bot.server.content import library_of
from bot.server.settings import Settings
from bot.storage import connect
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk
from tests.support.e2e.commands import good, run
from tests.support.evaluation.commands import EXAMPLES, intent
from tests.support.unknown import UNKNOWN

QUESTION, DAYS = "I forgot my password", 30
ARTICLE = "---\ntitle: {title}\nlang: en\n---\n\nSee there.\n"


@pytest.fixture(scope="module")
def asked(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small content in a git checkout, and a database of what was asked last month."""
    folder = tmp_path_factory.mktemp("replay")
    clock = Clock()
    clock.now = datetime.now(UTC) - timedelta(days=DAYS)
    for name in ("kb_articles", "intents"):
        (folder / name).mkdir()
    for number, (name, examples) in enumerate(EXAMPLES.items()):
        (folder / "kb_articles" / f"{name}.md").write_text(ARTICLE.format(title=f"Sheet {number}"))
        intent(folder, name, examples)
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "Begin"), ("tag", "published")):
        git(folder, *command)
    library = library_of(Settings(articles=folder / "kb_articles", intents=folder / "intents", queues=""))
    assert library.load()
    shutil.copy(sqlite_template, folder / "firstline.db")
    with closing(connect(f"sqlite:///{folder / 'firstline.db'}")) as database:
        helpdesk = Helpdesk(database, library, clock)
        for name in ("ana", "bob", "cat"):
            helpdesk.say(name, QUESTION)
        helpdesk.click("ana", helpdesk.button(helpdesk.last("ana"), "solved"))
        helpdesk.say("dan", UNKNOWN)
    return folder


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def told(folder: Path, *arguments: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(good(folder, "replay", "--json", *arguments))
    return data


@pytest.fixture
def edited(asked: Path) -> Iterator[Path]:
    """The same with an article that takes the password's questions over, which keeps another."""
    password = asked / "intents" / "password.yaml"
    before = password.read_text()
    intent(asked, "password", ["cannot log in", "the account is locked"])
    (asked / "kb_articles" / "coffee.md").write_text(ARTICLE.format(title="Where the coffee is"))
    intent(asked, "coffee", [f"{QUESTION.lower()}{end}" for end in ("", " again", " today", " please")])
    yield asked
    password.write_text(before)
    (asked / "kb_articles" / "coffee.md").unlink()
    (asked / "intents" / "coffee.yaml").unlink()


def test_content_that_was_not_edited_changes_nothing(asked: Path) -> None:
    found = told(asked, "--against", "published")
    assert (found["questions"], found["changed"], found["edits"]) == (4, 0, {})
    assert found["before"] == found["now"]
    assert found["now"]["treatments"]["answer"] == 3
    assert found["now"]["right"] == 1


def test_two_sides_with_one_content_are_asked_once(asked: Path) -> None:
    settings = Settings(articles=asked / "kb_articles", intents=asked / "intents", queues="")
    library = library_of(settings)
    assert library.load()
    content = library.snapshot.content
    elsewhere = settings.model_copy(update={"articles": asked / "elsewhere"})
    assert alike(Side(settings, content), Side(elsewhere, replace(content)))
    assert not alike(Side(settings, content), Side(settings, replace(content, hash="another")))
    question = Question("where is the coffee", "coffee")
    assert not alike(Side(settings, content), Side(settings, replace(content, questions=(question,))))


def test_what_an_edit_takes_is_named_and_closes_the_gate(edited: Path) -> None:
    found = told(edited, "--against", "published")
    assert list(found["edits"]) == ["coffee", "password"]
    [taking] = found["takings"]
    assert (taking["thief"], taking["victim"]) == ("coffee", "password")
    assert {one["text"] for one in taking["questions"]} == {QUESTION}
    assert len(taking["questions"]) == 3
    [lost] = found["lost"]
    assert lost["right"] == "password"
    closed = run(edited, "replay", "--against", "published", "--most-lost", "0")
    assert closed.returncode == 1
    assert "right answers that are lost: 1; the most is 0" in closed.stderr
    assert "coffee takes 3 from password" in closed.stdout
    assert f"“{QUESTION}”" in closed.stdout


def test_without_another_content_it_is_compared_with_what_was_decided_then(asked: Path) -> None:
    found = told(asked)
    assert (found["questions"], found["changed"]) == (4, 0)
    assert found["before"]["treatments"] == found["now"]["treatments"]


def test_what_is_not_there_is_said_and_nothing_is_replayed(asked: Path) -> None:
    for arguments, words in (
        (("--against", "no-such-revision"), "no-such-revision is no folder, and no revision"),
        (("--against", "--upload-pack=x"), "--upload-pack=x is no folder, and no revision"),
        (("--since", f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}"), "Nothing was asked since"),
    ):
        done = run(asked, "replay", *arguments)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert words in " ".join(done.stderr.split())
        assert "Traceback" not in done.stderr
