"""Divides a long text into passages that are read one by one: a part of it, or two neighbouring ones."""

import re
from collections.abc import Iterator
from itertools import pairwise

from bot.matching.text.normalise import fold, without_quotes, words_of
from bot.matching.text.wordlists import CLOSINGS, FUNCTION, GENERIC, GREETINGS

SHORTEST = 150  # characters from which a text is a story
LONGEST = 40_000  # characters
LONGEST_PART = 30  # words
SHORTEST_ALONE = 8  # words from which a part is also read without a neighbour
SIGNATURE = 6  # words that may follow a closing
# A line that goes on in lower case was only wrapped.
_SENTENCE = re.compile(r"(?<=[.!?…])[\"')\]»”]*\s+|\n+(?![^\W\d_A-ZÁÉÍÓÚÑÜ])")
_CLAUSE = re.compile(r"(?<=[,;:)])\s+|\s+[-–—]\s+")
_COURTESIES = frozenset().union(*FUNCTION.values(), GENERIC, GREETINGS)


def passages(text: str) -> list[str]:
    """The passages of a story in their order; none of a text that is none."""
    if len(text) < SHORTEST:
        return []
    parts = list(_telling(_parts(without_quotes(text[:LONGEST]))))
    if len(parts) < 2:
        return []
    pairs = [f"{first} \n{second}" for first, second in pairwise(parts)]
    alone = [part if len(part.split()) >= SHORTEST_ALONE else "" for part in parts]
    return [one for both in zip(alone, [*pairs, ""], strict=True) for one in both if one]


def _parts(text: str) -> Iterator[str]:
    for sentence in _SENTENCE.split(text):
        part: list[str] = []
        for piece in _pieces(sentence):
            if part and len(part) + len(piece) > LONGEST_PART:
                yield " ".join(part)
                part = []
            part += piece
        yield " ".join(part)


def _pieces(sentence: str) -> Iterator[list[str]]:
    # A sentence that goes on and on is divided at its commas, and one without any into equal pieces.
    whole = sentence.split()
    clauses = [whole] if len(whole) <= LONGEST_PART else [part.split() for part in _CLAUSE.split(sentence)]
    for words in clauses:
        number = -(-len(words) // LONGEST_PART)
        size = -(-len(words) // max(number, 1))
        for start in range(0, len(words), max(size, 1)):
            yield words[start : start + size]


def _telling(parts: Iterator[str]) -> Iterator[str]:
    # What greets or thanks says nothing, nor does a name or a number after that.
    closed = False
    for part in parts:
        words = words_of(part).words
        closing = len(words) <= 2 + SIGNATURE and fold(part).lstrip(" ¡¿-*_,.").startswith(CLOSINGS)
        closed = closing or (closed and len(words) <= SIGNATURE and "?" not in part)
        if not closed and not all(word in _COURTESIES or not word.isalpha() for word in words):
            yield part
