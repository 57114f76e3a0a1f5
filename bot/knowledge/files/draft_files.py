"""Writes a draft as files of content: an article and its intent, both or neither, and over nothing."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bot.domain.drafts.draft import ArticleDraft
from bot.domain.errors import ArticleNotWritten
from bot.knowledge.files.rendering import article_name, article_text, intent_name, intent_text
from bot.knowledge.files.text_files import shown

_MODE = 0o644


def draft_files(draft: ArticleDraft) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the name and the text of the article's file, and of the intent's."""
    article, intent = draft.article, draft.intent
    return (article_name(article), article_text(article)), (intent_name(intent), intent_text(intent))


def write_draft(draft: ArticleDraft, articles: Path, intents: Path) -> tuple[Path, Path]:
    """Write both files into their folders; return their paths. Raises `ArticleNotWritten`."""
    (name, text), (intent, asked) = draft_files(draft)
    written = write_new({articles / name: text, intents / intent: asked})
    return written[0], written[1]


def write_new(files: Mapping[Path, str]) -> tuple[Path, ...]:
    """Write new files, whose folders are made where they are missing: all or none; return their paths.

    Nobody ever reads half of one. Raises `ArticleNotWritten`, with nothing written, where a file is there
    already or the folder cannot be written.
    """
    for path in files:
        if path.exists() or path.is_symlink():
            raise ArticleNotWritten(f"{shown(path)} is there already, and stays as it is; rename the draft.")
    written: list[Path] = []
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            _create(path, content)
            written.append(path)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        reason = error.strerror or type(error).__name__
        raise ArticleNotWritten(
            f"{shown(path)}: {reason}; nothing was written. Let the server write there, or take the draft "
            "into the content yourself."
        ) from error
    return tuple(written)


def _create(path: Path, content: str) -> None:
    # A link is made for a whole file or not at all, and never over another one.
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=".", delete=False
    ) as file:
        beside = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            beside.chmod(_MODE)
            os.link(beside, path)
        finally:
            with suppress(OSError):
                beside.unlink()
