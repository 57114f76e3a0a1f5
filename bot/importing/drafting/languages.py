"""Tells in which language each document is, and which documents are versions of one."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from bot.importing.documents import Document
from bot.knowledge.articles import LANGUAGE, SUFFIXES
from bot.matching.text.language import LANGUAGES, LanguageGuess

READ = 3_000  # characters of a page by which its language is guessed
PIECE = 300  # characters that are guessed at once
_MARKER = re.compile(r"[._-]([a-z]{2}(?:-[A-Za-z]{2})?)$")
# Where Docusaurus keeps the translations of what is in `docs`.
_TRANSLATED = re.compile(r"(?:^|(?<=/))i18n/([^/]+)/docusaurus-plugin-content-docs(?:-[^/]+)?/current/")


def set_languages(documents: Sequence[Document], fallback: str) -> dict[int, str]:
    """Give each document its language; return by place the path that all its versions share.

    What says the language, in this order: the document itself, its path where the text does not contradict,
    the text, and what most of the others are in, else `fallback`.
    """
    guessed = [guess_language(document) for document in documents]
    paths: dict[int, str] = {}
    for at, document in enumerate(documents):
        code, path = _of_path(document.file, guessed[at])
        paths[at] = path
        document.language = _valid(document.language) or code or guessed[at]
    counts = Counter(document.language for document in documents if document.language)
    usual = counts.most_common(1)[0][0] if counts else fallback
    for document in documents:
        document.language = document.language or usual
    return paths


def guess_language(document: Document) -> str | None:
    """Return the language of a document's text, None where it cannot be told."""
    return language_of_text(f"{document.title}. {document.body.text}")


def language_of_text(text: str) -> str | None:
    """Return the language in which most of a text is, None where it cannot be told."""
    text, guess = text[:READ], LanguageGuess({})
    pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    votes = Counter(found for piece in pieces if (found := guess.guess(piece)))
    if not votes:
        return None
    best, count = votes.most_common(1)[0]
    return best if count * 2 > len(pieces) - (len(pieces) > 3) else None


def _valid(written: str | None) -> str | None:
    if not written or not LANGUAGE.fullmatch(written.replace("_", "-")):
        return None
    base = written.lower().replace("_", "-").partition("-")[0]
    return base if base in SUFFIXES else None


def _of_path(name: str, guessed: str | None) -> tuple[str | None, str]:
    # -> the language that a folder or the name's end says, and the path without it
    parts = list(PurePosixPath(_TRANSLATED.sub(r"docs/\1/", name)).parts)
    for at, part in enumerate(parts[:-1]):
        code = _believed(part, guessed)
        if code:
            return code, "/".join(parts[:at] + parts[at + 1 :])
    stem, dot, ending = parts[-1].rpartition(".")
    marker = _MARKER.search(stem)
    code = _believed(marker[1], guessed) if marker else None
    if marker and code:
        return code, "/".join([*parts[:-1], stem[: marker.start()] + dot + ending])
    return None, "/".join(parts)


def _believed(part: str, guessed: str | None) -> str | None:
    # A folder `it` or `hr` is a department more often than a language: the text must not contradict.
    code = _valid(part) if len(part) == 2 or re.fullmatch(r"[a-z]{2}[-_][A-Za-z]{2}", part) else None
    if code is None:
        return None
    if guessed is None:
        return code
    return code if guessed == code or (code in LANGUAGES and guessed not in LANGUAGES) else None
