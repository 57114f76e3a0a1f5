"""Cleans and masks text before it is stored: replaces what no database stores, and hides secrets."""

import re
import unicodedata
from collections.abc import Sequence

from bot.domain.secrets.finder import find_secrets, merged
from bot.domain.secrets.values import MASK, Span

LONGEST_TEXT = 40_000  # characters
LONGEST_NAME = 200  # of a person
LONGEST_ANNOUNCEMENT = 200  # of a secret that comes in a message of its own
LONGEST_FILE_NAME = 150
LONGEST_ENDING = 5  # of a file's name


_ASCII_UNSEEN = re.compile(r"[\x00-\x20\x7f]+")


def clean(text: str) -> str:
    """Replace characters that no database stores (NUL, lone surrogates), and cut after 40,000 characters."""
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    text = re.sub(r"[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def visible(text: str) -> str:
    """Return the text without characters that show nothing: it is empty where nothing was said."""
    if text.isascii():
        return _ASCII_UNSEEN.sub("", text)
    return "".join(
        c for c in text if unicodedata.category(c) not in ("Cf", "Cc", "Zs", "Zl", "Zp", "Mn", "Cs")
    )


def without_secrets(text: str) -> str:
    """Return a name, a title or another short text cleaned, and without the secrets in it."""
    return mask(clean(text))[0]


def clean_name(name: str, external_id: str) -> str:
    """Clean and mask what a person is called; a platform's id in its place stays."""
    name = " ".join(clean(name).split())[:LONGEST_NAME]
    return name if name == external_id else mask(name)[0]


def mask_file_name(name: str) -> tuple[str, bool]:
    """Mask what a file is called, where words are joined by underscores, but for its ending."""
    stem, dot, ending = name[:LONGEST_FILE_NAME].rpartition(".")
    if not dot or not ending.isalnum() or len(ending) > LONGEST_ENDING:
        stem, dot, ending = name[:LONGEST_FILE_NAME], "", ""
    spans = [*find_secrets(stem), *find_secrets(stem.replace("_", " "))]
    return f"{_hide(stem, merged(spans))}{dot}{ending}", bool(spans)


def mask(text: str) -> tuple[str, bool]:
    """Replace secrets and people's numbers by dots; return the text, and whether there was one."""
    spans = find_secrets(text)
    return _hide(text, spans), bool(spans)


def mask_after(before: str, text: str) -> tuple[str, bool]:
    """Mask a text that may be the secret which an earlier one announced: “my password is”."""
    line = before.rstrip().rpartition("\n")[2][-LONGEST_ANNOUNCEMENT:]
    start = len(line) + 1
    found = find_secrets(f"{line}\n{text}")
    spans = [(max(begin - start, 0), end - start) for begin, end in found if end > start]
    return _hide(text, spans), bool(spans)


def _hide(text: str, spans: Sequence[Span]) -> str:
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], MASK]
        done = end
    return "".join(parts) + text[done:]
