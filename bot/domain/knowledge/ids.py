"""Ids of articles, intents and replies, whose letters can be written in more than one way."""

import re
import unicodedata
from collections.abc import Container, Iterable
from difflib import get_close_matches

LONGEST_ID = 60  # characters
_OTHER = re.compile(r"[^\w]+", re.UNICODE)
_UNDERSCORES = re.compile(r"_+")


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


def slug(text: str) -> str:
    """Return a text as an id: words in small letters with hyphens between them, accents left out."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return _UNDERSCORES.sub("-", _OTHER.sub("-", plain)).strip("-")[:LONGEST_ID].strip("-")


def free_id(title: str, taken: Container[str], nameless: str = "article") -> str:
    """Return an id of plain letters made of a title, with a number where it is among `taken` ones."""
    plain = slug(title).encode("ascii", "ignore").decode()
    name = "-".join(part for part in plain.split("-") if part) or nameless
    numbered = (name if number == 1 else f"{name}-{number}" for number in range(1, 10_000))
    return next(one for one in numbered if alike(one) not in taken)
