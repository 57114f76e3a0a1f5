"""Tells versions of one thing apart by a few words: “Fix the VPN on Windows” and “Fix the VPN on a Mac”."""

import re
import unicodedata
from collections.abc import Sequence

from bot.domain.words.loader import all_words

LONGEST = 3  # words that tell one from the others
SHORTEST_PART = 3  # letters of a word that stand for all of it: "mac" for "macOS"
MOST_WORDS = 8  # of a reply that names one of several
MOST_OTHER = 1  # of these that are in no title
_WORD = re.compile(r"[^\W_]+(?:[-'’.+][^\W_]+)*\+*")
# They bind words, or say that one is meant, and not which.
_BINDING = all_words("variants", "binding")


def find_distinguishing_words(titles: Sequence[str]) -> tuple[str, ...] | None:
    """For titles that differ in a few words at one place, these words; None for other titles."""
    parts = [_WORD.findall(title) for title in titles]
    if len(parts) < 2 or not all(parts):
        return None
    folded = [[_fold(word) for word in words] for words in parts]
    shortest = min(map(len, folded))
    first = next((i for i in range(shortest) if len({words[i] for words in folded}) > 1), shortest)
    last = next(
        (i for i in range(shortest - first) if len({words[-1 - i] for words in folded}) > 1), shortest - first
    )
    own = [_trimmed(words[first : len(words) - last]) for words in parts]
    shared = folded[0][:first] + folded[0][len(folded[0]) - last :]
    if not all(0 < len(words) == len(_telling(map(_fold, words))) <= LONGEST for words in own):
        return None
    if len(_telling(shared)) < max(map(len, own)):
        return None
    labels = tuple(" ".join(words) for words in own)
    return labels if len({_fold(label) for label in labels}) == len(labels) else None


def find_named_title(reply: str, titles: Sequence[str]) -> int | None:
    """Which of several titles a short reply names, by words that only this one has; None for none or several.

    So "the mac laptop" names "Fix the VPN on macOS" beside "Fix the VPN on Windows".
    """
    said = _telling(map(_fold, _WORD.findall(reply)))
    has = [_telling(map(_fold, _WORD.findall(title))) for title in titles]
    found = [[at for at, words in enumerate(has) if any(_same(one, word) for word in words)] for one in said]
    only = {places[0] for places in found if len(places) == 1}
    # More words that no title has are more than the name of one.
    other = sum(not places for places in found)
    return only.pop() if len(only) == 1 and len(said) <= MOST_WORDS and other <= MOST_OTHER else None


def mentions(words: Sequence[str], labels: Sequence[str]) -> bool:
    """Whether one of these labels is named among the words of a question, which are folded."""
    parts = [_fold(part) for label in labels for part in label.split()]
    return any(_same(word, part) for word in words for part in parts)


def _trimmed(words: list[str]) -> list[str]:
    while words and _fold(words[0]) in _BINDING:
        words = words[1:]
    while words and _fold(words[-1]) in _BINDING:
        words = words[:-1]
    return words


def _telling(words: "Sequence[str] | map[str]") -> list[str]:
    return [word for word in words if word not in _BINDING]


def _same(word: str, other: str) -> bool:
    if word == other:
        return True
    short, long = sorted((word, other), key=len)
    return len(short) >= SHORTEST_PART and short.isalpha() and long.startswith(short)


def _fold(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c) and c not in "'’")
