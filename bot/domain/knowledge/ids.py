"""Ids of articles, intents and replies, whose letters can be written in more than one way."""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches


def composed(name: str) -> str:
    """Return an id in its composed form: “ñ” is one character, and some systems name files with two."""
    return unicodedata.normalize("NFC", name)


def alike(name: str) -> str:
    """Return what ids have in common that differ in letter case or width alone."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the id that was probably meant; None where none is near."""
    known = {alike(one): one for one in names}
    close = get_close_matches(alike(name), known, n=1, cutoff=0.6)
    return known[close[0]] if close else None
