"""Writes settings into a `.env` file; only the lines that name them change."""

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bot.domain.errors import FirstlineError


class EnvNotWritten(FirstlineError):
    """The file of settings cannot be written."""


def write_settings(path: Path, values: Mapping[str, str]) -> None:
    """Set each name to its value; other lines stay as they are. The file is replaced in whole.

    Raises `EnvNotWritten`.
    """
    path = path.resolve()  # a link stays a link
    try:
        before = path.read_bytes().decode() if path.exists() else ""
        _replace(path, edited(before, values))
    except UnicodeDecodeError as error:
        raise EnvNotWritten(f"{path} is not UTF-8; save it as UTF-8 and try again.") from error
    except OSError as error:
        raise EnvNotWritten(f"{path} cannot be written ({error.strerror}); correct the path.") from error


def edited(text: str, values: Mapping[str, str]) -> str:
    """The text of a `.env` file with these values; a name that stands twice is set in the last place."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    end = "\r\n" if "\r\n" in text else "\n"
    for name, value in values.items():
        pattern = re.compile(rf"(\ufeff?\s*(?:export\s+)?{re.escape(name)}\s*=\s*)", re.IGNORECASE)
        places = [place for place, line in enumerate(lines) if pattern.match(line)]
        if places:
            lines[places[-1]] = _line(lines[places[-1]], pattern, value)
            continue
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += end
        lines.append(f"{name}={value}{end}")
    return "".join(lines)


def _line(line: str, pattern: re.Pattern[str], value: str) -> str:
    # the name as it was written, the new value, the comment and the line's end as they were
    start = pattern.match(line)
    assert start is not None  # noqa: S101  # only lines that match come here
    rest = line[start.end() :]
    body = rest.rstrip("\r\n")
    comment = re.search(r"\s+#.*$", body)
    return start[1] + value + (comment[0] if comment else "") + rest[len(body) :]


def _replace(path: Path, text: str) -> None:
    # Never half a file: it holds the secrets of the whole installation.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        if path.exists():
            shutil.copymode(path, name)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
