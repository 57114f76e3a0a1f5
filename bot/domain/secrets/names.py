"""Finds where something in a text is called a secret: a password, a key, a PIN, a code, a person's number."""

import re
from collections.abc import Iterator
from itertools import chain

from bot.domain.secrets.values import Span, Written
from bot.domain.words.loader import all_words, any_of

_KINDS = {
    "sentence": "sentences",
    "used_as": "used_as",
    "code": "codes",
    "document": "documents",
    "pair": "pairs",
    "pin": "pins",
    "name": "names",
    "vague": "vague",
    "key": "keys",
    "seed": "seeds",
}
_ANY = "|".join(f"(?P<{kind}>{any_of('secrets', words)})" for kind, words in _KINDS.items())
# More than a plural is another word, that only begins like this one.
_NAME = re.compile(rf"(?:{_ANY})(?=s?(?![a-zß-öø-ÿ])|[a-z]{{0,40}}_)")
_WITHIN_WORDS = "passw(?:or)?d|contraseña|[cx]srf"
_NAMES = re.compile(rf"(?=[a-z]|\d[ -]?[a-z])(?:(?<![^\W_])|(?={_WITHIN_WORDS})){_NAME.pattern}")
_HUMP = re.compile(r"(?<=[a-z])[A-Z]")  # where another word begins: clientSecret
# The identifier of a key is none: “the ID of the key”.
_OF_NAME = re.compile(
    rf"\b(?:{any_of('secrets', 'compounds')} |{any_of('secrets', 'belongings')} "
    rf"(?:(?:de|of|for)(?: (?:la|el|the|my|mi|tu|your))?(?: [a-z-]{{1,15}})? ))$"
)
_LIKE_A_NAME = re.compile(r"(?<![^\W_])[acopr][a-zñ]{6,11}(?![^\W_])")
_KEYS = "abcdefghijklmnñopqrstuvwxyz"


def find_names(written: Written) -> Iterator[tuple[str, Span]]:
    """Yield what kind of secret is named where, from left to right; then slips of the word for a password."""
    for found in chain(_NAMES.finditer(written.lower), _after_humps(written)):
        if not _OF_NAME.search(written.lower, max(0, found.start() - 40), found.start()):
            yield found.lastgroup or "name", found.span()
    for found in _LIKE_A_NAME.finditer(written.lower):
        if found[0] in _SLIPS:
            yield "name", found.span()


def _after_humps(written: Written) -> Iterator[re.Match[str]]:
    for hump in _HUMP.finditer(written.text):
        if found := _NAME.match(written.lower, hump.start()):
            yield found


def _slips(word: str) -> Iterator[str]:
    """Yield what a word becomes by one slip: a letter left out, put in, turned round or another."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield from (f"{before}{key}{after}" for key in _KEYS)
        yield from (f"{before}{key}{after[1:]}" for key in ("", *_KEYS) if after)
        yield f"{before}{after[1:2]}{after[:1]}{after[2:]}"


_SLIPS = frozenset(
    slip for word in all_words("secrets", "spelled") for slip in _slips(word) if _NAME.fullmatch(slip) is None
)
