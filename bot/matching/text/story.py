"""Divides a long text into parts, and these into passages that are read one by one."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.domain.conversations.signs import without_signs
from bot.matching.text.normalise import closes, fold, tells, without_quotes, words_of
from bot.matching.text.scripts import is_unspaced
from bot.matching.text.wordlists import FUNCTION, GENERIC, GREETINGS, SMALL_PRINT

SHORTEST = 150  # characters from which a text is a story
SHORTEST_WATCHED = 80  # characters from which its parts are looked at for what may not wait
LONGEST = 40_000  # characters
MOST_PARTS = 1_000
LONGEST_PART = 30  # words
SHORTEST_ALONE = 8  # words from which a part is also read without a neighbour
SIGNATURE = 6  # words that may follow a closing
# A line that goes on in lower case was only wrapped.
_SENTENCE = re.compile(r"(?<=[.!?…])[\"')\]»”]*\s+|(?<=[。！？])|\n+(?![^\W\d_A-ZÁÉÍÓÚÑÜ])")
_CLAUSE = re.compile(r"(?<=[,;:)])\s+|(?<!\s)\s+[-–—]\s+")
_COURTESIES = frozenset().union(*FUNCTION.values(), GENERIC, GREETINGS)


def parts(text: str) -> list[str]:
    """The parts of a text in their order, each once, without greetings, thanks and signatures.

    A part is a sentence or a line, at most `LONGEST_PART` words of one.
    """
    own = without_quotes(without_signs(text[:LONGEST]))
    found = list(dict.fromkeys(_telling(_parts(own))))
    number = -(-len(found) // MOST_PARTS)
    return found if number < 2 else [" ".join(found[at : at + number]) for at in range(0, len(found), number)]


def passages(lengths: Sequence[int], *, pairs: bool) -> list[tuple[int, ...]]:
    """The passages of parts with so many words: a part that says enough alone, two neighbours (`pairs`)."""
    alone = [(number,) for number, length in enumerate(lengths) if length >= SHORTEST_ALONE]
    return sorted([*alone, *(pairwise(range(len(lengths))) if pairs else ())])


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
    known: dict[str, tuple[tuple[str, ...], bool]] = {}  # a line that stands there again is looked at once
    for part in filter(None, parts):
        if part not in known:
            known[part] = words_of(part).words, closes(part)
        words, closing = known[part]
        if closed and SMALL_PRINT.search(fold(part)):
            return
        closed = closing or (closed and len(words) <= SIGNATURE and not tells(part))
        if not closed and not all(
            word in _COURTESIES or not (word.isalpha() or is_unspaced(word)) for word in words
        ):
            yield part
