"""Finds the words that distinguish similar titles: “Fix the VPN on Windows” and “Fix the VPN on a Mac”."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from bot.domain.forms import decomposed
from bot.domain.words.loader import all_words

MOST_DISTINGUISHING_WORDS = 3  # of one title
SHORTEST_PREFIX = 3  # letters of a word that stand for all of it: "mac" for "macOS"
LONGEST_REPLY = 1_000  # characters; whoever writes more does not only name one of several titles
MOST_REPLY_WORDS = 8  # of a reply that names one of several titles
MOST_OTHER_WORDS = 1  # of these that are in no title
_WORD = re.compile(r"[^\W_]+(?:[-'’.+][^\W_]+)*\+*")
# Words that bind others, or say that one is meant but not which.
_BINDING = all_words("variants", "binding")


@lru_cache(maxsize=5_000)
def find_distinguishing_words(titles: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the words that differ where titles differ in a few words at one place; None for other titles."""
    parts = [_WORD.findall(title) for title in titles]
    if len(parts) < 2 or not all(parts):
        return None
    folded = [[_fold(word) for word in words] for words in parts]
    shortest = min(map(len, folded))
    before = next((i for i in range(shortest) if len({words[i] for words in folded}) > 1), shortest)
    after = next(
        (i for i in range(shortest - before) if len({words[-1 - i] for words in folded}) > 1),
        shortest - before,
    )
    own = [_without_binding_ends(words[before : len(words) - after]) for words in parts]
    shared = folded[0][:before] + folded[0][len(folded[0]) - after :]
    meaningful = [_meaningful_words(map(_fold, words)) for words in own]
    if not all(
        0 < len(words) == len(kept) <= MOST_DISTINGUISHING_WORDS
        for words, kept in zip(own, meaningful, strict=True)
    ):
        return None
    if len(_meaningful_words(shared)) < max(map(len, own)):
        return None
    labels = tuple(" ".join(words) for words in own)
    return labels if len({_fold(label) for label in labels}) == len(labels) else None


def find_named_title(reply: str, titles: Sequence[str]) -> int | None:
    """Return the index of the title that a short reply names by words of its own; None for none or several.

    So "the mac laptop" names "Fix the VPN on macOS" beside "Fix the VPN on Windows".
    """
    if len(reply) > LONGEST_REPLY:
        return None
    reply_words = _meaningful_words(map(_fold, _WORD.findall(reply)))
    title_words = [_meaningful_words(map(_fold, _WORD.findall(title))) for title in titles]
    matching = [
        [index for index, words in enumerate(title_words) if any(_same(word, other) for other in words)]
        for word in reply_words
    ]
    named = {indexes[0] for indexes in matching if len(indexes) == 1}
    # A reply with more words that no title has says more than the name of one.
    others = sum(not indexes for indexes in matching)
    short = len(reply_words) <= MOST_REPLY_WORDS and others <= MOST_OTHER_WORDS
    return named.pop() if len(named) == 1 and short else None


def mentions(words: Sequence[str], labels: Sequence[str]) -> bool:
    """Tell whether one of these labels is among the words of a question, which are folded."""
    parts = [_fold(part) for label in labels for part in label.split()]
    return any(_same(word, part) for word in words for part in parts)


def _without_binding_ends(words: list[str]) -> list[str]:
    while words and _fold(words[0]) in _BINDING:
        words = words[1:]
    while words and _fold(words[-1]) in _BINDING:
        words = words[:-1]
    return words


def _meaningful_words(words: "Sequence[str] | map[str]") -> list[str]:
    return [word for word in words if word not in _BINDING]


def _same(word: str, other: str) -> bool:
    if word == other:
        return True
    short, long = sorted((word, other), key=len)
    return len(short) >= SHORTEST_PREFIX and short.isalpha() and long.startswith(short)


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower().replace("'", "")
    plain = decomposed(word.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c) and c not in "'’")
