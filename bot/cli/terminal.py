"""Writes for any terminal, file or pipe, and tells in a sentence what went wrong outside of our code.

Whatever a command prints goes through here: what people wrote is no markup, and commands no terminal.
"""

import codecs
import csv
import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from typing import Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from typer.exceptions import TyperException

from bot.cli import reader
from bot.domain.errors import FirstlineError
from bot.runtime.output.printable import escaped_in_json, printable

NARROWEST = 80  # columns of a table
NARROWEST_SENTENCE = 20  # columns; what says it has fewer, or none, is mistaken
NARROWEST_COLUMN = 6  # below which nobody reads what goes on in the next line
_INSTEAD = {"•": "*", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "→": "->", "…": "..."}
YES, NO = {"y", "yes", "s", "si", "sí"}, {"", "n", "no"}
LOG_FORMAT = "FIRSTLINE_LOG_FORMAT"
# The wide ones are taken for the narrow ones.
_FORMULA = ("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠")
PLAIN = "firstline_plain"  # the name of what is done with signs that an encoding has not


class Terminal(Console):
    """Console that prints no control character of a text, and no table too narrow to be read."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print sentences as wide as the terminal is, and a table no narrower than it can be read."""
        width = self.width
        if width < NARROWEST and any(isinstance(one, Table) for one in objects):
            self.width = NARROWEST
        super().print(*objects, **options)
        self.width = width

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render, without what would command the terminal."""
        for segment in super().render(renderable, options):
            text = segment.text if segment.control else printable(segment.text)
            yield segment if text is segment.text else segment._replace(text=text)

    def tell(self, text: str, style: str = "", *, wraps: bool | None = None) -> None:
        """Print what is English in the code in the reader's language; with `wraps` as one long line."""
        self.print(reader.said(text), style=style, soft_wrap=wraps)


def prepare() -> None:
    """Let nothing that is printed fail for its signs: where one cannot be shown, its letter is, else `?`."""
    codecs.register_error(PLAIN, _plain)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123  # until we end
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=PLAIN)


def console(*, errors: bool = False, wraps: bool = False) -> Terminal:
    """The terminal, or what stands for it: what people wrote is no markup there.

    With `wraps` long lines are left to the terminal.
    """
    made = Terminal(stderr=errors, soft_wrap=wraps, markup=False, highlight=False, emoji=False)
    if made.width < NARROWEST_SENTENCE:
        made.width = NARROWEST
    return made


def table(*columns: str, title: str | None = None, whole: Sequence[str] = ()) -> Table:
    """A table that shows every cell whole: what is too long goes on in the next line, except in `whole`.

    Its title and the names of its columns are in the reader's language.
    """
    made = Table(title=reader.word(title or ""), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        heading = reader.word(name)
        narrowest = min(max(map(len, heading.split()), default=0), NARROWEST_COLUMN)
        made.add_column(heading, overflow="fold", no_wrap=name in whole, min_width=narrowest)
    return made


def confirmed(question: str) -> bool:
    """Ask whether to go on, in the reader's language, in which the answer is understood too."""
    while True:
        typed = typer.prompt(
            f"{reader.said(question)} {reader.said('[y/N]')}", "", show_default=False, err=True
        )
        if (answer := str(typed).strip().lower()) in YES | NO:
            return answer in YES


def stop_unless_confirmed(question: str) -> None:
    """End the command where the answer is no."""
    if not confirmed(question):
        fail("nothing was changed.")
        raise typer.Exit(1)


def short(moment: datetime) -> str:
    """A time to the minute, in UTC, as narrow as it can be."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def print_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str | None]]) -> None:
    """Print CSV with a line of column names; no cell of it is a formula to any spreadsheet."""
    lines = csv.writer(sys.stdout, lineterminator="\n")  # row by row: there may be a million
    lines.writerow(columns)
    for row in rows:
        lines.writerow([_cell(row[name] or "") for name in columns])


def print_text(text: str) -> None:
    """Print a whole text as it is, to be read or kept in a file."""
    print(printable(text), end="")  # noqa: T201


def print_json(data: Any, indent: int | None = None) -> None:
    """Print JSON that stays valid in the encoding of the output."""
    print(as_json(data, indent))  # noqa: T201


def as_json(data: Any, indent: int | None = None) -> str:
    """The data as JSON, in signs that the output has."""
    text = escaped_in_json(json.dumps(data, ensure_ascii=False, indent=indent))
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeError:
        return json.dumps(data, indent=indent)
    return text


def told(error: Exception) -> str | None:
    """What to tell of an error that is none of our code's: settings, content, files; None for a defect."""
    sentence = _told(error)
    return printable(sentence) if sentence is not None else None


def begin_log(arguments: Sequence[str]) -> None:
    """Let all that is written be lines of the log from now on, where the settings want it as JSON.

    Of a command that is the standard error alone, and not on a terminal, which is for people.
    """
    serving = arguments[1:2] == ["serve"]
    if reader.given(LOG_FORMAT) == "json" and (serving or not sys.stderr.isatty()):
        from bot.runtime.output.logging import configure

        configure("json", stdout=serving)


def fail(sentence: str) -> None:
    """Tell why a command failed, in the reader's language; in English on a line of a log."""
    logged = sys.modules.get("bot.runtime.output.stray_output")  # what nobody wants is not imported
    if logged is not None and isinstance(sys.stderr, logged.LoggedLines):
        logged.log.error("command_failed", reason=sentence, next_step="see the reason")
    else:
        sys.stderr.write(f"firstline: {reader.said(sentence)}\n")


def tell_misuse(error: TyperException) -> None:
    """Tell what is wrong with what was typed, and where to look; nothing after the help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return
    message = error.format_message().replace("Value error, ", "")  # pydantic's word before every sentence
    context = getattr(error, "ctx", None)
    fail(f"{message}\nSee `{context.command_path} -h`." if context is not None else message)


def silence() -> None:
    """Let nobody complain at the end that the reader of our output has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _cell(text: str) -> str:
    # A spreadsheet runs what begins like a formula, also after blanks; with the apostrophe it is a text.
    plain = " ".join(printable(text).split())
    return f"'{plain}" if plain.startswith(_FORMULA) else plain


def _told(error: Exception) -> str | None:
    if isinstance(error, FirstlineError):
        return str(error)
    if "bot.storage" in sys.modules and (trouble := sys.modules["bot.storage"].trouble_in(error)):
        return str(trouble)
    if isinstance(error, UnicodeEncodeError) and _is_half(error):
        shown = error.object.encode("utf-8", "backslashreplace").decode()
        return f"{printable(shown)}: this is no text (it is not UTF-8); type it again."
    if not isinstance(error, OSError) or error.errno is None:
        return None
    reason = error.strerror or os.strerror(error.errno)
    if error.filename is None:
        return f"the system refused it: {reason}."
    return f"{os.fsdecode(error.filename)}: {reason}; correct the path, or who may read and write it."


def _is_half(error: UnicodeEncodeError) -> bool:
    # Bytes on the command line that are no UTF-8 come as halves of a letter.
    return any("\ud800" <= sign <= "\udfff" for sign in error.object[error.start : error.end])


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(map(_nearest, signs)), error.end


def _nearest(sign: str) -> str:
    if sign in _INSTEAD:
        return _INSTEAD[sign]
    return unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode() or "?"
