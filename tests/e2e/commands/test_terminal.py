"""What is printed, in terminals and files of every kind."""

import io
import json
import sys
from collections.abc import Callable

import pytest
from rich.table import Table

from bot.cli import terminal
from bot.domain.errors import TicketNotFound


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
        (OSError("our own"), None),
        (KeyError("a defect"), None),
        (ValueError("a defect"), None),
    ],
)
def test_only_what_is_no_defect_is_a_sentence(error: Exception, sentence: str | None) -> None:
    assert terminal.told(error) == sentence
