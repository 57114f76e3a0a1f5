"""What is printed, in terminals and files of every kind."""

import io
import json
import re
import sys
from collections.abc import Callable

import pytest
from rich.markdown import Markdown
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.cli import terminal
from bot.domain.errors import TicketNotFound
from tests.support.paths import ROOT

_PRINTS = re.compile(r"(?<![.\w])(?:print|Console|get_console|echo)\(|std(?:out|err)\.write")


def output(monkeypatch: pytest.MonkeyPatch, encoding: str) -> Callable[[], str]:
    """Let the commands print into a file of this encoding; return what reads it."""
    raw = io.BytesIO()
    made = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    monkeypatch.setattr(sys, "stdout", made)
    terminal.prepare()
    return lambda: raw.getvalue().decode(encoding)


def test_a_sign_that_cannot_be_shown_is_its_letter_or_a_question_mark(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    printed = output(monkeypatch, "ascii")
    terminal.console().print("“Contraseña” • Ångström → 密 👍 \udcff")
    assert printed() == '"Contrasena" * Angstrom -> ? ? ?\n'


def test_json_stays_true_in_any_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = output(monkeypatch, "ascii")
    data = {"text": "contraseña 密 \udcff"}
    terminal.print_json(data)
    assert json.loads(printed()) == data
    output(monkeypatch, "utf-8")
    assert terminal.as_json({"text": "ñ"}) == '{"text": "ñ"}'
    assert json.loads(terminal.as_json(data)) == data


def test_what_people_wrote_is_no_markup_and_a_table_keeps_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = output(monkeypatch, "ascii")
    monkeypatch.setenv("COLUMNS", "20")
    table = Table("ticket", "requester")
    table.add_row("HELP-1001", "[/b] :smile: [bold]Ana")
    terminal.console().print(table)
    (row,) = [line for line in printed().splitlines() if "HELP-1001" in line]
    assert row.split("|")[1:3] == [" HELP-1001 ", " [/b] :smile: [bold]Ana "]


@pytest.mark.parametrize(("columns", "most"), [("40", 40), ("20", 20), ("0", 80), ("", 80)])
def test_a_sentence_is_as_wide_as_the_terminal(
    monkeypatch: pytest.MonkeyPatch, columns: str, most: int
) -> None:
    printed = output(monkeypatch, "ascii")
    monkeypatch.setenv("COLUMNS", columns)
    terminal.console().print("one word more " * 30)
    assert most - len("more ") <= max(len(line.rstrip()) for line in printed().splitlines()) <= most


def test_without_an_output_nothing_is_printed_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    terminal.prepare()
    terminal.print_json({})
    terminal.console().print("Hello")
    assert sys.stdout is not None
    sys.stdout.close()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (TicketNotFound(), "There is no such ticket."),
        (
            FileNotFoundError(2, "No such file or directory", "a.json"),
            "a.json: No such file or directory; correct the path, or who may read and write it.",
        ),
        (OSError(28, "No space left on device"), "the system refused it: No space left on device."),
        (
            UnicodeEncodeError("utf-8", "caf\udce9", 3, 4, "surrogates not allowed"),
            "caf\\udce9: this is no text (it is not UTF-8); type it again.",
        ),
        (OSError("our own"), None),
        (KeyError("a defect"), None),
        (ValueError("a defect"), None),
    ],
)
def test_only_what_is_no_defect_is_a_sentence(error: Exception, sentence: str | None) -> None:
    assert terminal.told(error) == sentence


HOSTILE = "\x1b[31mAna\x1b]0;owned\x07\x9b2J\r\x08\u202egnp.exe [/b]"
COMMANDS = set(HOSTILE) & {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160), 0x202E)}


@pytest.mark.parametrize(
    "printed",
    [
        lambda: terminal.console().print(HOSTILE),
        lambda: terminal.console(wraps=True).print(HOSTILE, style="yellow"),
        lambda: terminal.console().print(Text(HOSTILE)),
        lambda: terminal.console().print(Markdown(f"# {HOSTILE}\n\n`{HOSTILE}`")),
        lambda: terminal.console().print(Panel(HOSTILE, title="Firstline")),
        lambda: terminal.console().print(Table(HOSTILE, title=HOSTILE, caption=HOSTILE)),
        lambda: terminal.print_text(HOSTILE),
        lambda: terminal.print_json({HOSTILE: HOSTILE}),
        lambda: sys.stdout.write(terminal.told(TicketNotFound(HOSTILE)) or ""),
        lambda: sys.stdout.write(terminal.told(FileNotFoundError(2, "gone", HOSTILE)) or ""),
    ],
)
def test_no_text_commands_the_terminal(
    monkeypatch: pytest.MonkeyPatch, printed: Callable[[], object]
) -> None:
    shown = output(monkeypatch, "utf-8")
    printed()
    assert len(COMMANDS) == 6
    assert not set(shown()) & COMMANDS
    assert "Ana" in shown()


def test_json_keeps_what_it_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = output(monkeypatch, "utf-8")
    terminal.print_json({HOSTILE: [HOSTILE]})
    assert json.loads(shown()) == {HOSTILE: [HOSTILE]}


def test_only_the_terminal_prints() -> None:
    by_itself = [
        path.name
        for path in sorted((ROOT / "bot" / "cli").rglob("*.py"))
        if path.name != "terminal.py" and _PRINTS.search(path.read_text(encoding="utf-8"))
    ]
    assert by_itself == []
