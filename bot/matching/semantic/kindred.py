"""Texts by what their words mean, from a table that comes with Firstline: no model, no library."""

import re
import zlib
from collections.abc import Sequence

import numpy as np

from bot.matching.lexicon import Lexicon, lexicon
from bot.matching.normalise import fold
from bot.matching.semantic.encoder import Vectors, checked

BATCH = 2_000  # texts
UNKNOWN = 0.5  # of the length of the rarest words: how much a word counts that the table does not have
REMEMBERED = 20_000  # of these words
_WORD = re.compile(r"[^\W\d_]{2,}")


class KindredEncoder:
    """A text's vector is the sum of its words' vectors, common words counting less.

    A word that the table does not have gets a direction by chance, always the same: names that only one
    company uses meet themselves and nothing else.
    """

    remote = False
    at_once = None  # some microseconds for each
    worth = 0.65  # trials leave texts out, which words miss most: at 1, our own content was answered worse
    most = 20_000  # with 10,000 articles a question would take three times as long as by words alone

    def __init__(self, words: Lexicon | None = None) -> None:
        """`words`: those of the package unless given."""
        self._words = words if words is not None else lexicon()
        self.identity = f"kindred\0{self._words.identity}"
        lengths = np.linalg.norm(self._words.vectors.astype(np.float32), axis=1) * self._words.steps
        self._length = UNKNOWN * float(lengths.max())
        self._chance: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str], *, patient: bool = False) -> Vectors:  # noqa: ARG002  never waits
        """Vectors of length one, (texts, dimension)."""
        found = np.zeros((len(texts), self._words.vectors.shape[1]), np.float32)
        for at in range(0, len(texts), BATCH):
            self._add(texts[at : at + BATCH], found[at : at + BATCH])
        return checked(found, len(texts))

    def _add(self, texts: Sequence[str], found: Vectors) -> None:
        known: list[int] = []
        text_of_word: list[int] = []
        for number, text in enumerate(texts):
            words = _WORD.findall(fold(text))
            rows = self._words.read(words)
            strange = [word for word, row in zip(words, rows, strict=True) if row is None]
            for word in strange if words else [fold(text)]:
                found[number] += self._by_chance(word)
            known += [row for row in rows if row is not None]
            text_of_word += [number] * (len(words) - len(strange))
        if known:
            starts = np.flatnonzero(np.diff(text_of_word, prepend=-1))
            vectors = self._words.vectors[known] * self._words.steps[known, None]
            found[np.array(text_of_word)[starts]] += np.add.reduceat(vectors, starts, axis=0)

    def _by_chance(self, word: str) -> Vectors:
        found = self._chance.get(word)
        if found is None:
            dice = np.random.default_rng(zlib.crc32(word.encode(errors="replace")))
            drawn = dice.standard_normal(self._words.vectors.shape[1])
            found = np.asarray(drawn * (self._length / np.linalg.norm(drawn)), np.float32)
            if len(self._chance) < REMEMBERED:
                self._chance[word] = found
        return found
