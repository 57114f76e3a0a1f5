"""Every command of the tree, in whatever it finds: a sentence and an exit code, and nothing of Python's."""

import io
import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bot.__main__ import INTERRUPTED, main
from bot.cli.main import app
from bot.storage import connect, migrate
from tests.support.unreadable import open_folder, without_rights

ARTICLE = "---\ntitle: {name}\nquestions:\n  - how do I mend the {name}\n---\n\n1. Restart the {name}.\n"
INTENT = "intent: {name}-fails\narticle: {name}\nexamples:\n  en: [my {name} fails, the {name} is down]\n"
ENDS = {0, 1, 2, INTERRUPTED}
Leaf = tuple[tuple[str, ...], Any]


def leaves(command: Any, path: tuple[str, ...] = ()) -> list[Leaf]:
    """Every command that has no commands of its own."""
    children = getattr(command, "commands", None)
    if not children:
        return [(path, command)]
    return [found for name, child in children.items() for found in leaves(child, (*path, name))]


LEAVES = leaves(get_command(app))
each_command = pytest.mark.parametrize("leaf", LEAVES, ids=[" ".join(path) for path, _ in LEAVES])


def typed(leaf: Leaf, busy: int, path: str = "questions.jsonl") -> list[str]:
    """A command with its arguments; what would listen is given a port that is in use, so that it ends."""
    words, command = leaf
    found = list(words)
    for one in command.params:
        if "--port" in one.opts:
            found += ["--port", str(busy)]
        if not one.opts[0].startswith("-") and (one.required or is_path(one)):
            found.append(path if is_path(one) else "x")
    return found


def is_path(parameter: Any) -> bool:
    return bool(parameter.type_descriptor.is_path)


def options_of(leaf: Leaf) -> list[str]:
    """The options that take a file or a folder."""
    return [one.opts[0] for one in leaf[1].params if is_path(one) and one.opts[0].startswith("--")]


@pytest.fixture(scope="module")
def busy() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a little content and a database."""
    folder = tmp_path_factory.mktemp("desk")
    for kind in ("kb_articles", "intents"):
        (folder / kind).mkdir()
    for name in ("printer", "scanner"):
        (folder / "kb_articles" / f"{name}.md").write_text(ARTICLE.format(name=name))
        (folder / "intents" / f"{name}.yaml").write_text(INTENT.format(name=name))
    (folder / "questions.jsonl").write_text(
        '{"text": "my printer fails", "expected": "printer", "lang": "en"}\n'
    )
    with closing(connect(f"sqlite:///{folder}/firstline.db")) as database:
        migrate(database)
    return folder


@pytest.fixture
def ends(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Run a command to its end, whatever that is; return what it said."""
    monkeypatch.chdir(desk)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))

    def run(*arguments: str, silent: bool = False) -> str:
        monkeypatch.setattr(sys, "argv", ["firstline", *arguments])
        code: object = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        said = "".join(capfd.readouterr())
        assert code in ENDS, said
        assert "Traceback" not in said
        assert said.strip() or silent or code == 0
        return said

    return run


def test_the_tree_is_walked_whole() -> None:
    assert len(LEAVES) > 20
    assert {path[0] for path, _ in LEAVES} >= {"serve", "tickets", "new", "preview", "manifest"}


@each_command
def test_help_by_both_names(leaf: Leaf, ends: Callable[..., str]) -> None:
    assert ends(*leaf[0], "-h") == ends(*leaf[0], "--help") != ""


@pytest.fixture
def latin(desk: Path) -> Iterator[None]:
    (desk / ".env").write_bytes("FIRSTLINE_LANGUAGE=español\n".encode("latin-1"))
    yield
    (desk / ".env").unlink()


@pytest.fixture
def folder_of_settings(desk: Path) -> Iterator[None]:
    (desk / ".env").mkdir()
    yield
    (desk / ".env").rmdir()


@each_command
@pytest.mark.usefixtures("latin")
def test_settings_in_another_encoding(leaf: Leaf, ends: Callable[..., str], busy: int) -> None:
    ends(*typed(leaf, busy))


@each_command
@pytest.mark.usefixtures("folder_of_settings")
def test_a_folder_in_the_place_of_the_settings(leaf: Leaf, ends: Callable[..., str], busy: int) -> None:
    ends(*typed(leaf, busy))


@each_command
def test_settings_that_are_wrong(
    leaf: Leaf, ends: Callable[..., str], busy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTLINE_LANGUAGE", "tlh")
    monkeypatch.setenv("FIRSTLINE_MAX_WRONG", "much")
    said = ends(*typed(leaf, busy))
    assert ("FIRSTLINE_LANGUAGE" in said) == ("FIRSTLINE_MAX_WRONG" in said), "all mistakes at once"


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as database:
        database.execute("CREATE TABLE notes (text TEXT)")
        database.commit()
    (tmp_path / "binary.db").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "folder.db").mkdir()
    return tmp_path


@each_command
@pytest.mark.parametrize("name", ["absent.db", "foreign.db", "binary.db", "folder.db"])
def test_a_database_that_is_none_of_ours(
    leaf: Leaf,
    name: str,
    ends: Callable[..., str],
    busy: int,
    foreign: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FIRSTLINE_DATABASE_URL", f"sqlite:///{foreign / name}")
    ends(*typed(leaf, busy))


@each_command
def test_a_database_that_is_locked(
    leaf: Leaf,
    ends: Callable[..., str],
    busy: int,
    foreign: Path,
    sqlite_template: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = Path(shutil.copy(sqlite_template, foreign))
    monkeypatch.setenv("FIRSTLINE_DATABASE_URL", f"sqlite:///{path}?timeout=0.01")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        ends(*typed(leaf, busy))


@contextmanager
def output(stream: io.TextIOBase) -> Iterator[None]:
    before = sys.stdout
    sys.stdout = stream
    try:
        yield
    finally:
        sys.stdout = before


@each_command
def test_a_reader_that_has_gone(leaf: Leaf, ends: Callable[..., str], busy: int) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone, output(gone):
        ends(*typed(leaf, busy), silent=True)


class Interrupting(io.StringIO):
    """An output at which somebody presses Ctrl+C."""

    def write(self, text: str) -> int:
        raise KeyboardInterrupt


@each_command
def test_ctrl_c_while_it_prints(leaf: Leaf, ends: Callable[..., str]) -> None:
    with output(Interrupting()):
        assert ends(*leaf[0], "-h") == "firstline: stopped by Ctrl+C.\n"


@each_command
def test_an_output_that_knows_ascii_alone(leaf: Leaf, ends: Callable[..., str], busy: int) -> None:
    raw = io.BytesIO()
    plain = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    with output(plain):
        ends(*typed(leaf, busy), silent=True)
    raw.getvalue().decode("ascii")


def texts_of(leaf: Leaf) -> list[Any]:
    """The options that take a value, whatever it is, and the arguments that are no paths."""
    asked = [one for one in leaf[1].params if not getattr(one, "is_flag", False) and "--port" not in one.opts]
    return [one for one in asked if not is_path(one) or one.opts[0].startswith("--")]


@each_command
def test_what_is_typed_is_no_text(leaf: Leaf, ends: Callable[..., str], busy: int) -> None:
    for one in texts_of(leaf):
        if one.opts[0].startswith("-"):
            ends(*typed(leaf, busy), f"{one.opts[0]}=\udcff")
        else:
            ends(*(word if word != "x" else "\udcff" for word in typed(leaf, busy)))
            ends(*leaf[0], "\udcff")


OF_PATHS = [leaf for leaf in LEAVES if any(map(is_path, leaf[1].params))]
each_with_paths = pytest.mark.parametrize("leaf", OF_PATHS, ids=[" ".join(path) for path, _ in OF_PATHS])


@each_with_paths
def test_a_path_to_something_else(leaf: Leaf, ends: Callable[..., str], busy: int, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "empty").touch()
    for name in ("folder", "binary", "missing", "loop", "empty/x"):
        path = str(tmp_path / name)
        ends(*typed(leaf, busy, path))
        for option in options_of(leaf):
            ends(*typed(leaf, busy), option, path)


@each_with_paths
def test_a_path_that_nobody_may_read(
    leaf: Leaf, ends: Callable[..., str], busy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTLINE_CACHE", "off")
    with open_folder() as folder:
        (folder / "closed").mkdir(mode=0)
        (folder / "closed.md").touch(mode=0)
        with without_rights():
            for path in map(str, (folder / "closed", folder / "closed.md", folder / "closed" / "x")):
                ends(*typed(leaf, busy, path))
                for option in options_of(leaf):
                    ends(*typed(leaf, busy), option, path)
