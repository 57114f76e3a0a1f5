"""Texts by what their words mean, from a table that comes with Firstline: no model, no library."""

import re
import zlib
from collections.abc import Sequence

import numpy as np

from bot.matching.encoders.base import Vectors, checked
from bot.matching.encoders.network import Network
from bot.matching.text.normalise import fold
from bot.matching.text.word_table import WordTable, word_table
from bot.matching.text.wordlists import CHAT

BATCH = 64  # texts
UNKNOWN = 0.6  # how much a word counts that the table does not have; one that tells much counts about 1
REMEMBERED = 20_000  # of these words
_WORD = re.compile(r"[^\W\d_]{2,}|\d+")


def words_in(text: str) -> list[str]:
    """The words of a text and its numbers, in order; what people write short is written out."""
    return [word for typed in _WORD.findall(fold(text)) for word in CHAT.get(typed, typed).split()]


class BuiltinEncoder:
    """A text's vector is made of its words' vectors, each read beside its neighbours by a small network.

    A word that the table does not have gets a direction by chance, always the same: names that only one
    company uses meet themselves and nothing else.
    """

    remote = False
    at_once = 1_000  # about a millisecond for each
    proof = 0.0  # made for both languages: a language with few trials proves little
    most = 20_000  # with 10,000 articles a question would take several times as long as by words alone

    def __init__(self, words: WordTable | None = None) -> None:
        """`words`: those of the package unless given."""
        self._words = words if words is not None else word_table()
        self._network = Network(self._words.network)
        self.identity = f"kindred\0{self._words.identity}"
        self._chance: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str], *, patient: bool = False) -> Vectors:  # noqa: ARG002  never waits
        """Vectors of length one, (texts, dimension)."""
        found = [self._read(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
        return checked(
            np.concatenate([np.zeros((0, self._network.dimension), np.float32), *found]), len(texts)
        )

    def _read(self, texts: Sequence[str]) -> Vectors:
        said = [words_in(text) for text in texts]
        rows = [self._words.read(words) for words in said]
        places = [self._words.strange if row is None else row for text in rows for row in text]
        vectors, gains = self._words.weighed(places)
        found = self._network.read(vectors, gains, [len(text) for text in rows])
        first = 0
        for number, (words, known) in enumerate(zip(said, rows, strict=True)):
            there = gains[first : first + len(words)]
            first += len(words)
            strange = [w for w, row in zip(words, known, strict=True) if row is None and not w.isdecimal()]
            told = [gain for gain, row in zip(there, known, strict=True) if row is not None]
            if strange or not told:  # the less else is said, the more names count
                found[number] *= max(0.0, sum(told))
            for word in strange if strange or told else [fold(texts[number])]:
                found[number] += self._by_chance(word)
        return found

    def _by_chance(self, word: str) -> Vectors:
        found = self._chance.get(word)
        if found is None:
            dice = np.random.default_rng(zlib.crc32(word.encode(errors="replace")))
            drawn = dice.standard_normal(self._network.dimension)
            found = np.asarray(drawn * (UNKNOWN / np.linalg.norm(drawn)), np.float32)
            if len(self._chance) < REMEMBERED:
                self._chance[word] = found
        return found
