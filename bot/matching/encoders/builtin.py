"""The encoder that comes with Firstline: a table of word vectors and a small network, without a library."""

import re
import zlib
from collections.abc import Sequence

import numpy as np

from bot.matching.encoders.base import Vectors, checked
from bot.matching.encoders.neural_network import Network
from bot.matching.text.normalise import fold
from bot.matching.text.word_table import WordTable, word_table
from bot.matching.text.wordlists import CHAT

BATCH = 64  # texts
UNKNOWN = 0.6  # how much a word counts that the table does not have; one that tells much counts about 1
MOST_CACHED = 20_000  # of these words
_WORD = re.compile(r"[^\W\d_]{2,}|\d+")


def words_in(text: str) -> list[str]:
    """The words of a text and its numbers, in order; what people write short is written out."""
    return [word for typed in _WORD.findall(fold(text)) for word in CHAT.get(typed, typed).split()]


class BuiltinEncoder:
    """Makes a text's vector of its words' vectors, which a small network reads beside their neighbours.

    A word that the table does not have gets a random direction, always the same: names that only one company
    uses meet themselves and nothing else.
    """

    remote = False
    max_edit_texts = 1_000  # about a millisecond for each
    min_standard_errors = 0.0  # made for both languages: a language with few questions proves little
    max_examples = (
        20_000  # with 10,000 articles a question would take several times as long as by words alone
    )

    def __init__(self, words: WordTable | None = None) -> None:
        """`words`: the table of the package unless given."""
        self._words = words if words is not None else word_table()
        self._network = Network(self._words.network)
        self.identity = f"kindred\0{self._words.identity}"
        self._random: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str], *, patient: bool = False) -> Vectors:  # noqa: ARG002  never waits
        """The vectors of the texts, of length one: (texts, dimension)."""
        found = [self._read(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
        return checked(
            np.concatenate([np.zeros((0, self._network.dimension), np.float32), *found]), len(texts)
        )

    def _read(self, texts: Sequence[str]) -> Vectors:
        texts_words = [words_in(text) for text in texts]
        texts_rows = [self._words.rows(words) for words in texts_words]
        rows = [self._words.unknown if row is None else row for text in texts_rows for row in text]
        used = np.array(rows, np.int64)
        said = np.arange(len(used))
        if len(texts) > 1:  # parts of one text have the same words
            used, said = np.unique(used, return_inverse=True)
        vectors, of_used = self._words.vectors_at(used)
        found = self._network.encode(vectors, of_used, said, [len(text) for text in texts_rows])
        gains = of_used[said]
        first = 0
        for number, (words, known) in enumerate(zip(texts_words, texts_rows, strict=True)):
            own = gains[first : first + len(words)]
            first += len(words)
            unknown = [w for w, row in zip(words, known, strict=True) if row is None and not w.isdecimal()]
            known_gains = [gain for gain, row in zip(own, known, strict=True) if row is not None]
            if unknown or not known_gains:  # the less else is said, the more names count
                found[number] *= max(0.0, sum(known_gains))
            for word in unknown if unknown or known_gains else [fold(texts[number])]:
                found[number] += self._random_direction(word)
        return found

    def _random_direction(self, word: str) -> Vectors:
        found = self._random.get(word)
        if found is None:
            rng = np.random.default_rng(zlib.crc32(word.encode(errors="replace")))
            drawn = rng.standard_normal(self._network.dimension)
            found = np.asarray(drawn * (UNKNOWN / np.linalg.norm(drawn)), np.float32)
            if len(self._random) < MOST_CACHED:
                self._random[word] = found
        return found
