"""Commands that only read make nothing: no database, no folder, whatever is not there."""

import sys
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bot.__main__ import main
from bot.cli.main import app
from bot.cli.operate.setup.starter import write_starter

# What is there to write. Every other command is held to it, a new one too.
WRITES = {"demo", "serve", "init", "migrate", "restore", "manifest teams", "manifest icon"}

GATES = {"replay"}  # 1 is a closed gate: what could not be asked is 2


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command of the tree with its name."""
    children = getattr(command, "commands", None)
    if not children:
        yield " ".join(path), command
        return
    for name, child in children.items():
        yield from leaves(child, (*path, name))


READING = {name: command for name, command in leaves(get_command(app)) if name not in WRITES}
OF_DATABASE = [name for name in READING if READING[name].callback.__module__.startswith("bot.cli.data")]
OF_DATABASE.remove("backup")  # says the same in words of its own


def given(command: Any, content: Path) -> list[str]:
    """Something for each argument: a file of questions where it is one."""
    annotations = {name: str(one.annotation) for name, one in signature(command.callback).parameters.items()}
    files = {name for name, annotation in annotations.items() if "Path" in annotation}
    return [
        str(content / "questions.jsonl") if one.name in files else "1"
        for one in command.params
        if one.param_type_name == "argument" and (one.required or one.name in files)
    ]


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small content, so that what learns from it takes no time."""
    folder = tmp_path_factory.mktemp("content")
    write_starter(folder, ("en",))
    for path in (*folder.glob("kb_articles/[!f]*"), *folder.glob("intents/[!ft]*")):
        path.unlink()
    question = '{"text": "I forgot my password", "expected": "forgotten-password", "lang": "en"}\n'
    (folder / "questions.jsonl").write_text(question)
    return folder


@pytest.mark.parametrize(
    ("name", "database"),
    [(name, "firstline.db") for name in READING] + [(name, "data/firstline.db") for name in OF_DATABASE],
)
def test_it_makes_nothing(
    name: str,
    database: str,
    content: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIRSTLINE_ARTICLES", str(content / "kb_articles"))
    monkeypatch.setenv("FIRSTLINE_INTENTS", str(content / "intents"))
    monkeypatch.setenv("FIRSTLINE_DATABASE_URL", f"sqlite:///{database}")
    arguments = [*name.split(), *given(READING[name], content)]
    monkeypatch.setattr(sys, "argv", ["firstline", *arguments])

    with pytest.raises(SystemExit) as ended:
        main()

    said = "".join(capsys.readouterr())
    assert ended.value.code in ((2,) if name in GATES else (0, 1, None)), said
    assert said.strip()
    assert list(tmp_path.iterdir()) == [], said
    if name in OF_DATABASE:
        assert f"there is no database {database}" in said
        assert "`firstline serve`" in said


def test_every_command_is_one_or_the_other() -> None:
    assert {name for name, _ in leaves(get_command(app))} >= WRITES
    assert len(READING) > 12
    assert len(OF_DATABASE) > 7
