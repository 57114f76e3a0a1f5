"""Labelled questions beside the content: what is wrong with them is told, an edit is seen."""

import asyncio
import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.desk.knowledge.library import Library
from bot.domain.knowledge.content import Content
from bot.knowledge.collection import Collection
from bot.knowledge.files.source import FileSource
from bot.knowledge.labelled_questions import LARGEST, LabelledFile
from bot.matching.matcher import WordMatcher
from bot.server.content import learning, library_of
from bot.server.settings import Settings
from bot.server.training import as_line
from tests.support.patience import PATIENCE

EXAMPLES = {"vpn": "the vpn is down", "badge": "my badge is lost", "screen": "my screen is dark"}
GOOD = '{"text": "vpn again?", "expected": "vpn", "lang": "en"}\n{"text": "who cooks", "expected": null}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "kb").mkdir()
    (tmp_path / "intents").mkdir()
    for name, example in EXAMPLES.items():
        (tmp_path / "kb" / f"{name}.md").write_text(f"---\ntitle: About the {name}\n---\nAsk.\n")
        (tmp_path / "intents" / f"{name}.yaml").write_text(
            f"intent: i-{name}\narticle: {name}\nexamples: {{en: [{example}, {name} again]}}\n"
        )
    (tmp_path / "q.jsonl").write_text(GOOD)
    return tmp_path


def source(folder: Path) -> Collection:
    return Collection([FileSource(folder / "kb", folder / "intents")], LabelledFile(folder / "q.jsonl"))


def told(content: Content) -> list[tuple[int, str, bool]]:
    return [(p.line, p.message, p.error) for p in content.problems if p.file.endswith("q.jsonl")]


def test_questions_are_part_of_the_content_and_of_its_hash(folder: Path) -> None:
    content = source(folder).load()
    assert [(q.text, q.expected) for q in content.questions] == [("vpn again?", "vpn"), ("who cooks", None)]
    assert told(content) == []
    without = Collection([FileSource(folder / "kb", folder / "intents")]).load()
    assert content.hash != without.hash
    (folder / "q.jsonl").write_text(GOOD.replace('"vpn", "lang"', '"i-vpn", "lang"'))
    assert source(folder).load().hash not in (content.hash, without.hash)


def test_what_is_wrong_is_told_with_file_line_and_remedy(folder: Path) -> None:
    lines = ['{"text": "a"}', "oops", '{"text": "b", "expected": "vpnn"}', "", *["[]"] * 30]
    (folder / "q.jsonl").write_text("\n".join(lines))
    content = source(folder).load()
    found = told(content)
    assert found[0] == (
        1,
        '"expected" is missing; write the id that should answer, or null where nothing does',
        True,
    )
    assert found[1][0] == 2
    assert found[-1][0] == 3
    assert found[-1][1:] == (
        "there is no article or intent 'vpnn', and its questions are left out; did you mean 'vpn'?",
        False,
    )
    assert "12 more lines" in found[-2][1]
    assert content.questions == ()


def test_a_missing_or_huge_file_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.knowledge.labelled_questions.LARGEST", 10)
    assert told(source(folder).load()) == [(1, "the file is larger than 0 MB; split it", True)]
    assert LARGEST > 1_000_000
    (folder / "q.jsonl").unlink()
    message = "there is no such file; write it or correct FIRSTLINE_QUESTIONS"
    assert told(source(folder).load()) == [(1, message, True)]


async def test_an_edit_of_the_questions_is_seen(folder: Path) -> None:
    files = source(folder)
    files.load()
    waiting = asyncio.create_task(files.changes())
    await asyncio.sleep(0)
    with (folder / "q.jsonl").open("a") as file:
        file.write('{"text": "no badge", "expected": "badge"}\n')
    await asyncio.wait_for(waiting, PATIENCE)


def settings_of(folder: Path) -> Settings:
    return Settings(
        articles=folder / "kb",
        intents=folder / "intents",
        questions=folder / "q.jsonl",
        cache=str(folder / "cache"),
    )


def learn(settings: Settings, content: Content) -> int:
    command = learning(settings)
    assert command is not None
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:  # our own command
        assert process.stdin is not None
        process.stdin.write(as_line(content))
        process.stdin.flush()
        # Its standard input stays open: it ends when that does.
        return process.wait(PATIENCE)


def test_the_learner_learns_from_them_what_the_server_then_uses(folder: Path) -> None:
    settings = settings_of(folder)
    many = [{"text": f"who cooks meal {n}", "expected": None} for n in range(40)]
    (folder / "q.jsonl").write_text("\n".join(json.dumps(one) for one in many))
    library: Library = library_of(settings, at_once=True)
    assert library.load()
    assert library.snapshot.matcher.provisional
    content = library.snapshot.content
    assert not library.renew()
    assert learn(settings, content) == 0
    assert library.renew()
    plain = WordMatcher(replace(content, questions=(), hash="plain"))
    taught, before = (
        library.snapshot.matcher.find("who cooks meal 3").best,
        plain.find("who cooks meal 3").best,
    )
    assert taught is not None
    assert before is not None
    assert taught.confidence < before.confidence


def test_check_reads_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_ARTICLES", str(folder / "kb"))
    monkeypatch.setenv("FIRSTLINE_INTENTS", str(folder / "intents"))
    monkeypatch.setenv("FIRSTLINE_QUESTIONS", str(folder / "q.jsonl"))
    good = CliRunner().invoke(app, ["check"])
    assert good.exit_code == 0
    assert "2 labelled questions: 0 errors" in good.stdout
    (folder / "q.jsonl").write_text("oops")
    bad = CliRunner().invoke(app, ["check"])
    assert bad.exit_code == 1
    assert "q.jsonl:1: error: this is not JSON" in bad.stdout


def test_evaluating_with_what_was_learned_from_is_warned_of(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTLINE_QUESTIONS", str(folder / "q.jsonl"))
    folders = ["--articles", str(folder / "kb"), "--intents", str(folder / "intents")]
    result = CliRunner().invoke(app, ["evaluate", str(folder / "q.jsonl"), *folders])
    assert result.exit_code == 0
    assert "2 of the questions are in FIRSTLINE_QUESTIONS" in result.stderr
