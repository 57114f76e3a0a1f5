"""Writes for any terminal, file or pipe, and tells in a sentence what went wrong outside of our code."""

import codecs
import json
import os
import sys
import unicodedata
from io import TextIOWrapper
from typing import Any

from rich.console import Console

from bot.domain.errors import FirstlineError

NARROWEST = 80  # columns
_INSTEAD = {"•": "*", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "→": "->", "…": "..."}
PLAIN = "firstline_plain"  # the name of what is done with signs that an encoding has not


def prepare() -> None:
    """Let nothing that is printed fail for its signs: where one cannot be shown, its letter is, else `?`."""
    codecs.register_error(PLAIN, _plain)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123  # until we end
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=PLAIN)


def console(*, errors: bool = False, wraps: bool = False) -> Console:
    """The terminal, or what stands for it: what people wrote is no markup there.

    With `wraps` long lines are left to the terminal. Tables keep a width in which words can be read.
    """
    made = Console(stderr=errors, soft_wrap=wraps, markup=False, highlight=False, emoji=False)
    if made.width < NARROWEST:
        made.width = NARROWEST
    return made


def print_json(data: Any, indent: int | None = None) -> None:
    """Print JSON that stays valid in the encoding of the output."""
    print(as_json(data, indent))  # noqa: T201


def as_json(data: Any, indent: int | None = None) -> str:
    """The data as JSON, in signs that the output has."""
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeError:
        return json.dumps(data, indent=indent)
    return text


def told(error: Exception) -> str | None:
    """What to tell of an error that is none of our code's: settings, content, files; None for a defect."""
    if isinstance(error, FirstlineError):
        return str(error)
    if "bot.storage" in sys.modules and (trouble := sys.modules["bot.storage"].trouble_in(error)):
        return str(trouble)
    if not isinstance(error, OSError) or error.errno is None:
        return None
    reason = error.strerror or os.strerror(error.errno)
    if error.filename is None:
        return f"the system refused it: {reason}."
    return f"{os.fsdecode(error.filename)}: {reason}; correct the path, or who may read and write it."


def silence() -> None:
    """Let nobody complain at the end that the reader of our output has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(map(_nearest, signs)), error.end


def _nearest(sign: str) -> str:
    if sign in _INSTEAD:
        return _INSTEAD[sign]
    return unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode() or "?"
