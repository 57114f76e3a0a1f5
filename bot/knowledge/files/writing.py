"""Writes files of content: all or none, and nobody ever reads half of one."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bot.domain.errors import ArticleNotWritten
from bot.knowledge.files.text_files import shown

_MODE = 0o644

Files = Mapping[Path, str | None]  # the new text of each; None where it is taken away


def write_files(files: Files, *, over: bool = False) -> None:
    """Write files, whose folders are made where they are missing, over what is there only with `over`.

    Raises `ArticleNotWritten`, with everything as it was, where a file is there already or the folder cannot
    be written.
    """
    for path in () if over else files:
        if path.exists() or path.is_symlink():
            raise ArticleNotWritten(f"{shown(path)} is there already, and stays as it is; rename the draft.")
    before: dict[Path, str | None] = {}
    try:
        for path, text in files.items():
            earlier = path.read_text("utf-8") if over and path.exists() else None
            _put(path, text, over=over)
            before[path] = earlier
    except OSError as error:
        for done, earlier in before.items():
            _put(done, earlier, over=True)
        reason = error.strerror or type(error).__name__
        raise ArticleNotWritten(
            f"{shown(path)}: {reason}; nothing was written. Let Firstline write there, or put the text into "
            "the content yourself."
        ) from error


def _put(path: Path, text: str | None, *, over: bool) -> None:
    if text is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=".", delete=False
    ) as file:
        beside = Path(file.name)
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            beside.chmod(_MODE)
            if over:
                beside.replace(path)
            else:
                os.link(beside, path)  # made for a whole file or not at all, and never over another one
        finally:
            with suppress(OSError):
                beside.unlink()
