"""Help and tables in 80 columns, with contents that are longer than that, in a pipe and in a terminal."""

import contextlib
import io
import json
import re
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from typer.main import get_command

from bot.__main__ import main
from bot.cli.main import app
from bot.desk.knowledge.library import Library
from bot.domain.errors import DeliveryFailed
from bot.domain.people import Identity
from bot.storage import connect, migrate
from tests.support.clock import Clock
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.paths import ROOT
from tests.support.unknown import UNKNOWN

WIDTH = 80
NAMES = "anabel berta carla dora elena fatima gloria helena".split()
ANA, CODE = (" ".join(sign + name for name in NAMES) for sign in "ЖЮ")
STYLE = re.compile(r"\x1b\[[0-9;]*m")
COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7])(?:;[0-9;]*)?m")
Shown = Callable[..., str]


def paths(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command and every group of commands."""
    children = getattr(command, "commands", {})
    return [path, *(found for name, child in children.items() for found in paths(child, (*path, name)))]


def leaves(command: Any) -> list[Any]:
    """Every command that does something."""
    children = getattr(command, "commands", {})
    return [found for child in children.values() for found in leaves(child)] if children else [command]


def unexplained(command: Any) -> list[Any]:
    """The arguments and options of a command of which its help says nothing."""
    return [one for one in command.params if not getattr(one, "help", "")]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Path:
    """A folder with a database of long names, and of a delivery that failed with a long code."""
    folder = tmp_path_factory.mktemp("long")
    with closing(connect(f"sqlite:///{folder}/firstline.db")) as database:
        migrate(database)
        helpdesk = Helpdesk(database, library, Clock())
        for user in ("ana", "anna"):
            helpdesk.say(user, UNKNOWN, sender=Identity("slack", "T1", user), sender_name=ANA)
        claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
        helpdesk.click("eva", claim, conversation=ROOM)
        helpdesk.failing["Dana"] = DeliveryFailed(CODE, permanent=True)
        helpdesk.writes("eva", "Look at it")
    for kind in ("kb", "in"):
        (folder / kind).mkdir()
    for name in ("printer", "scanner"):
        target = "-".join([name] * 8)
        (folder / "kb" / f"{target}.md").write_text(f"---\ntitle: The {name} {CODE}\n---\n\nRestart it.\n")
        (folder / "in" / f"{name}.yaml").write_text(
            f"intent: {name}\narticle: {target}\nexamples: {{en: [my {name} fails, the {name} is down]}}\n"
        )
    lines = [
        json.dumps({"text": f"the {name} is broken", "expected": name}) for name in ("printer", "scanner")
    ]
    (folder / "questions.jsonl").write_text("\n".join(lines))
    return folder


class Terminal(io.StringIO):
    """An output that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(params=[io.StringIO, Terminal], ids=["pipe", "terminal"])
def shown(request: pytest.FixtureRequest, kept: Path, monkeypatch: pytest.MonkeyPatch) -> Shown:
    """Run a command; return what it printed, with its colours."""
    monkeypatch.chdir(kept)
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, place in (("ARTICLES", "kb_articles"), ("INTENTS", "intents")):
        monkeypatch.setenv(f"FIRSTLINE_{name}", str(ROOT / place))

    def run(*arguments: str) -> str:
        output: io.StringIO = request.param()
        with monkeypatch.context() as context:
            context.setattr(sys, "argv", ["firstline", *arguments])
            context.setattr(sys, "stdout", output)
            with contextlib.suppress(SystemExit):
                main()
        assert output.getvalue().strip(), arguments
        return output.getvalue()

    return run


def too_wide(text: str) -> list[str]:
    return [line for line in STYLE.sub("", text).splitlines() if cell_len(line.rstrip()) > WIDTH]


def test_the_help_of_every_command(shown: Shown) -> None:
    every = paths(get_command(app))
    assert len(every) > 25
    assert {" ".join(path): wide for path in every if (wide := too_wide(shown(*path, "-h")))} == {}


def test_no_name_in_the_help_is_cut_and_each_is_explained(shown: Shown) -> None:
    root = get_command(app)
    assert {" ".join(path) for path in paths(root) if "…" in shown(*path, "-h")} == set()
    assert [(command.name, one.name) for command in leaves(root) for one in unexplained(command)] == []


@pytest.mark.parametrize(
    ("command", "whole"),
    [
        (("tickets", "list", "--closed"), ANA + ANA),
        (("tickets", "show", "HELP-1001"), ANA),
        (("outbox", "list"), CODE),
        (("export", ANA), ANA + ANA),
        (("ask", "my", "account", "is", "locked", "--explain"), ""),
        (("evaluate", "questions.jsonl", "--articles", "kb", "--intents", "in"), ""),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "",
)
def test_tables_show_long_contents_whole(shown: Shown, command: tuple[str, ...], whole: str) -> None:
    said = STYLE.sub("", shown(*command))
    lines = [line for line in said.splitlines() if command[0] != "evaluate" or set("│┃") & set(line)]
    assert lines
    assert too_wide("\n".join(lines)) == []
    for sign in set(whole) & set("ЖЮ"):
        assert said.count(sign) >= whole.count(sign)


def test_a_terminal_has_colours_and_no_color_is_heard(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    for command in (("tickets", "-h"), ("tickets", "list"), ("ask", "vpn", "on", "linux")):
        coloured = bool(COLOUR.search(shown(*command)))
        monkeypatch.setenv("NO_COLOR", "1")
        assert not COLOUR.search(shown(*command))
        monkeypatch.delenv("NO_COLOR")
        assert not coloured or "\x1b" in shown(*command)
