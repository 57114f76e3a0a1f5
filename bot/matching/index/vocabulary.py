"""Words -> features: stems, joined pairs of words, exact codes, and character n-grams within words.

A pair is joined without a space, so that "log in" and "wi-fi" meet "login" and "wifi".
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias, TypeVar

import numpy as np

from bot.matching.array_file import ArrayFile
from bot.matching.index.inverted_index import Small
from bot.matching.text.normalise import Words, forget_parts
from bot.matching.text.stems import Stems, forget_stems
from bot.matching.text.wordlists import FUNCTION, GENERIC

PAIR_FACTOR = 0.6
FUNCTION_FACTOR = 0.6
CODE_FACTOR = 2.0
GRAM_SIZES = (3, 4)
LONGEST_WORD = 30
MOST_READ = 5_000  # words of questions whose n-grams are remembered
Ids: TypeAlias = "array[int]"
T = TypeVar("T")
_ALL_FUNCTION = frozenset().union(*FUNCTION.values())


def is_function(word: str) -> bool:
    """Whether a word only binds a sentence."""
    return word in _ALL_FUNCTION


def dull(word: str) -> bool:
    """Whether a word says nothing of what a question is about."""
    return word in _ALL_FUNCTION or word in GENERIC or word == "#" or len(word) < 2


def grams(word: str) -> tuple[str, ...]:
    """The character n-grams of a word with its borders."""
    padded = f" {word[:LONGEST_WORD]} "
    return tuple(padded[i : i + size] for size in GRAM_SIZES for i in range(len(padded) - size + 1))


def forget_words() -> None:
    """Let go of all that is remembered of single words; what is needed comes back."""
    forget_stems()
    forget_parts()


class Remembered(dict[str, T]):
    """What was made of each word; made when it is asked for the first time."""

    def __init__(self, make: Callable[[str], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, word: str) -> T:
        made = self[word] = self._make(word)
        return made


@dataclass(frozen=True, slots=True)
class Features:
    """The features of one question as ids; `unseen` are the summed squared factors of those without one."""

    words: list[int]
    grams: list[int]
    unseen_words: float = 0.0
    unseen_grams: int = 0


class Vocabulary:
    """Ids of words' features and of n-grams; it grows while content is read and is then only read."""

    def __init__(self) -> None:
        self.stems = Stems()
        self.words: dict[str, int] = {}
        self.grams: dict[str, int] = {}
        self.factors: list[float] = []  # how much each word feature counts
        self.single = bytearray()  # 1 for those that are not only known as a pair
        self._remember()

    def forget(self) -> None:
        """Let go of what only makes reading a content faster."""
        self.stems = Stems()
        self._remember()

    def _remember(self) -> None:
        self._read: dict[str, tuple[list[int], int]] = {}  # of words of questions, with so many n-grams known
        self._read_with = 0
        self._grams_of = Remembered(self._gram_ids)
        self._stem_ids: dict[str, Remembered[int]] = {}  # by language

    def copy(self) -> "Vocabulary":
        """Another with the same ids, that grows by itself."""
        made = Vocabulary()
        made.words, made.grams = dict(self.words), dict(self.grams)
        made._grams_of.update(self._grams_of)
        made.factors, made.single = list(self.factors), bytearray(self.single)
        return made

    def save(self, arrays: ArrayFile) -> None:
        """Put what reading needs into a box."""
        arrays.put_texts("words", list(self.words))
        arrays.put_texts("grams", list(self.grams))
        arrays["factors"] = np.array(self.factors, np.float32)
        arrays["single"] = np.frombuffer(bytes(self.single), np.uint8)

    @classmethod
    def load(cls, arrays: ArrayFile) -> "Vocabulary":
        """From a box."""
        made = cls()
        made.words = {word: number for number, word in enumerate(arrays.texts("words"))}
        made.grams = {gram: number for number, gram in enumerate(arrays.texts("grams"))}
        # Rounded, for the file has them in half the size.
        made.factors = [round(factor, 6) for factor in arrays["factors"].tolist()]
        made.single = bytearray(arrays["single"].tobytes())
        return made

    def stems_of(self, language: str) -> "Remembered[int]":
        """The ids of the stems of words of the content in one language."""
        known = self._stem_ids.get(language)
        if known is None:

            def learn(word: str) -> int:
                factor = FUNCTION_FACTOR if is_function(word) else 1.0
                return self._id(self.stems.learn(word, language), factor)

            known = self._stem_ids[language] = Remembered(learn)
        return known

    def learn_words(self, text: Words, language: str) -> Ids:
        """The ids of the stems, pairs and codes of a text of the content."""
        stems, known = self.stems_of(language), self.words
        found = [stems[word] for word in text.words]
        for pair in self._pairs(text.words, language):
            number = known.get(pair)
            found.append(self._id(pair, PAIR_FACTOR, single=False) if number is None else number)
        found += [self.code(code) for code in text.codes]
        return array("i", found)

    def learn_grams(self, words: Iterable[str]) -> Ids:
        """The ids of the n-grams of words of the content."""
        known = self._grams_of
        return array("i", b"".join([known[word] for word in words]))

    def _gram_ids(self, word: str) -> bytes:
        ids = self.grams
        return array("i", [ids.setdefault(gram, len(ids)) for gram in grams(word)]).tobytes()

    def code(self, code: str) -> int:
        """The id of a code, which matches as a whole."""
        return self._id("=" + code, CODE_FACTOR)

    def _id(self, key: str, factor: float, *, single: bool = True) -> int:
        known = self.words.get(key)
        if known is None:
            known = self.words[key] = len(self.words)
            self.factors.append(factor)
            self.single.append(single)
        elif single and not self.single[known]:
            self.factors[known], self.single[known] = factor, True
        return known

    def read(self, text: Words, language: str) -> Features:
        """The features of a question."""
        known = self.stems.known
        keys = [
            (known(w, language, self.words), FUNCTION_FACTOR if is_function(w) else 1.0) for w in text.words
        ]
        keys += [(pair, PAIR_FACTOR) for pair in self._pairs(text.words, language)]
        keys += [("=" + code, CODE_FACTOR) for code in text.codes]
        found = [(self.words.get(key, -1), factor) for key, factor in keys]
        seen: list[int] = []
        unseen = 0
        for word in text.words:
            ids, missing = self._read_grams(word)
            seen += ids
            unseen += missing
        return Features(
            [word for word, _ in found if word >= 0],
            seen,
            sum(factor * factor for word, factor in found if word < 0),
            unseen,
        )

    def _read_grams(self, word: str) -> tuple[list[int], int]:
        # -> the n-grams of a word of a question, and how many of them the content does not have
        if len(self._read) > MOST_READ or self._read_with != len(self.grams):
            self._read, self._read_with = {}, len(self.grams)
        known = self._read.get(word)
        if known is None:
            ids = [self.grams.get(gram, -1) for gram in grams(word)]
            seen = [gram for gram in ids if gram >= 0]
            known = self._read[word] = seen, len(ids) - len(seen)
        return known

    def _pairs(self, words: Sequence[str], language: str) -> list[str]:
        stem = self.stems.stem
        return [first + stem(second, language) for first, second in pairwise(words)]


def flat(texts: Sequence[Ids]) -> tuple[Small, Small]:
    """Lists of ids -> for each entry the number of its list, and the id."""
    row = np.repeat(np.arange(len(texts), dtype=np.int32), [len(text) for text in texts])
    return row, np.frombuffer(b"".join(text.tobytes() for text in texts), np.int32)
