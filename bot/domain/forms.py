"""Brings texts into one form of Unicode, in which what reads alike is written alike."""

import unicodedata

# Signs that stand for a whole phrase, each of them a letter here: spelt out, a text grows to eighteen times
# its length.
_PHRASES = dict.fromkeys((0xFDFA, 0xFDFB), "\N{ARABIC LETTER SAD}")


def decomposed(text: str) -> str:
    """Return a text with accents apart from their letters, and one way to write each letter (NFKD)."""
    return text if text.isascii() else unicodedata.normalize("NFKD", text.translate(_PHRASES))


def folded(text: str) -> str:
    """Return a text in small letters without accents, as a search compares it."""
    plain = decomposed(text.casefold())
    return plain if plain.isascii() else "".join(sign for sign in plain if not unicodedata.combining(sign))
