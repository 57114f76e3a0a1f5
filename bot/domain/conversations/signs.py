"""Reads signs: emoji as Unicode, and the codes by which people and platforms write them (`:tada:`)."""

import re
import unicodedata
from functools import cache

from bot.domain.words.loader import meanings

# A code, with or without a sign of its own: a workspace may have signs that Unicode has not.
_CODE = re.compile(r":((?:[^\WA-Z]|[+'-]){1,100}):")
# Codes that stand together, and are no part of a word, a time or an address.
_CODES = re.compile(rf"(?<![\w:])(?:{_CODE.pattern})+(?!\w)")
# In a hurry they are written right behind a word.
_BEHIND_A_WORD = re.compile(rf"(?<=[^\W\d_])(?:{_CODE.pattern})+(?!\w)")
_FIRST_TONE, _TONES = 0x1F3FB, ("skin-tone-2", "skin-tone-3", "skin-tone-4", "skin-tone-5", "skin-tone-6")
_AS_PICTURE = "\N{VARIATION SELECTOR-16}"
# Signs that would be read as letters and digits: keycaps, letters in circles and squares.
_READ_AS_WORDS = re.compile("[0-9#*]\ufe0f?\u20e3|[©®™ℹⓂ㊗㊙\U0001f100-\U0001f2ff]\ufe0f?")
_OF_SIGNS = frozenset(("So", "Sm", "Sk", "Mn", "Me", "Cf", "Cc", "Zs", "Zl", "Zp"))


def with_signs(text: str) -> str:
    """Return a text with the signs that its codes mean; a code that means none stays as it is."""
    return _CODES.sub(lambda run: _signs_of(run[0]), text) if ":" in text else text


def toned(sign: str, tone: str) -> str:
    """Return a sign in a tone of skin, given as the name of its code."""
    shade = chr(_FIRST_TONE + _TONES.index(tone))
    return sign[0] + shade + sign[1:].removeprefix(_AS_PICTURE)


def without_signs(text: str) -> str:
    """Return a text without the signs that could be read as words, be they codes or Unicode."""
    if ":" in text:
        text = _CODES.sub(lambda run: " " if _are_codes(run[0]) else run[0], text)
        text = _BEHIND_A_WORD.sub(lambda run: " " if _are_known(run[0]) else run[0], text)
    return text if text.isascii() else _READ_AS_WORDS.sub(" ", text)


def is_only_signs(text: str) -> bool:
    """Tell whether a text is a sign or several, and says nothing in words."""
    rest = without_signs(text)
    kinds = {unicodedata.category(char) for char in rest}
    has_sign = rest != text or not kinds.isdisjoint(("So", "Sk"))
    return has_sign and all(kind in _OF_SIGNS or kind.startswith("P") for kind in kinds)


@cache
def _known() -> dict[str, str]:
    return {code: sign for found in meanings("signs", "codes").values() for code, sign in found.items()}


def _signs_of(run: str) -> str:
    found: list[str] = []
    for name in _CODE.findall(run):
        if name in _TONES and found and not found[-1].startswith(":"):
            found[-1] = toned(found[-1], name)
        else:
            found.append(_known().get(name) or f":{name}:")
    return "".join(found)


def _are_known(run: str) -> bool:
    return all(name in _known() or name in _TONES for name in _CODE.findall(run))


def _are_codes(run: str) -> bool:
    # Numbers between colons are no code, but for the few that are.
    return all(name in _known() or any(map(str.isalpha, name)) for name in _CODE.findall(run))
