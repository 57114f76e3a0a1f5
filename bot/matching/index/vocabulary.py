"""The vocabulary: ids of stems, joined pairs of words, exact codes and character n-grams within words.

A pair is joined without a space, so that "log in" and "wi-fi" meet "login" and "wifi".
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TypeAlias, TypeVar

import numpy as np

from bot.matching.array_file import ArrayFile
from bot.matching.index.inverted_index import Small
from bot.matching.text.normalise import Words, clear_parts_cache
from bot.matching.text.stems import Stems, clear_stem_cache
from bot.matching.text.wordlists import FUNCTION, GENERIC

PAIR_FACTOR = 0.6
FUNCTION_FACTOR = 0.6
CODE_FACTOR = 2.0
NGRAM_SIZES = (3, 4)
LONGEST_WORD = 30
MOST_CACHED = 5_000  # words of questions that are kept
Ids: TypeAlias = "array[int]"
T = TypeVar("T")
_ALL_FUNCTION = frozenset().union(*FUNCTION.values())


def is_function_word(word: str) -> bool:
    """Whether a word only binds a sentence."""
    return word in _ALL_FUNCTION


def is_stop_word(word: str) -> bool:
    """Whether a word says nothing of what a question is about."""
    return word in _ALL_FUNCTION or word in GENERIC or word == "#" or len(word) < 2


def char_ngrams(word: str) -> tuple[str, ...]:
    """The character n-grams of a word with its borders."""
    padded = f" {word[:LONGEST_WORD]} "
    return tuple(padded[i : i + size] for size in NGRAM_SIZES for i in range(len(padded) - size + 1))


def clear_word_caches() -> None:
    """Empty the caches of single words; what is needed is worked out again."""
    clear_stem_cache()
    clear_parts_cache()


class LazyDict(dict[str, T]):
    """A dict by word that computes a missing value when it is first looked up, and keeps it."""

    def __init__(self, make: Callable[[str], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, word: str) -> T:
        made = self[word] = self._make(word)
        return made


@dataclass(frozen=True, slots=True)
class QueryFeatures:
    """The features of one question as ids, and the summed squared factors of those that have no id."""

    words: list[int]
    ngrams: list[int]
    unknown_words: float = 0.0
    unknown_ngrams: int = 0


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of a question: its stem and n-grams as ids."""

    key: str  # the stem that the content has, else its own
    id: int  # of this; -1: the content does not have it
    factor: float
    stem: str
    ngrams: list[int]
    unknown_ngrams: int


class Vocabulary:
    """The ids of words' features and of n-grams; it grows while content is read and is then only read."""

    def __init__(self) -> None:
        self.stems = Stems()
        self.words: dict[str, int] = {}
        self.ngrams: dict[str, int] = {}
        self.factors: list[float] = []  # how much each word feature counts
        self.is_word = bytearray()  # 0 for those that are only known as a pair of words
        self._start_caches()

    def clear_caches(self) -> None:
        """Drop what only makes reading a content faster."""
        self.stems = Stems()
        self._start_caches()

    def _start_caches(self) -> None:
        # Words of questions by language, and how many words and n-grams were known then.
        self._query_words: dict[tuple[str, str], QueryWord] = {}
        self._query_words_with = (0, 0)
        self._word_ngrams = LazyDict(self._add_word_ngrams)
        self._stem_ids_by_language: dict[str, LazyDict[int]] = {}

    def copy(self) -> "Vocabulary":
        """A copy with the same ids, that grows independently."""
        made = Vocabulary()
        made.words, made.ngrams = dict(self.words), dict(self.ngrams)
        made._word_ngrams.update(self._word_ngrams)
        made.factors, made.is_word = list(self.factors), bytearray(self.is_word)
        return made

    def save(self, arrays: ArrayFile) -> None:
        """Put what reading questions needs into `arrays`."""
        arrays.put_texts("words", list(self.words))
        arrays.put_texts("grams", list(self.ngrams))
        arrays["factors"] = np.array(self.factors, np.float32)
        arrays["single"] = np.frombuffer(bytes(self.is_word), np.uint8)

    @classmethod
    def load(cls, arrays: ArrayFile) -> "Vocabulary":
        """Read a vocabulary from `arrays`."""
        made = cls()
        made.words = {word: number for number, word in enumerate(arrays.texts("words"))}
        made.ngrams = {ngram: number for number, ngram in enumerate(arrays.texts("grams"))}
        # Rounded, for the file has them in half the size.
        made.factors = [round(factor, 6) for factor in arrays["factors"].tolist()]
        made.is_word = bytearray(arrays["single"].tobytes())
        return made

    def stem_ids(self, language: str) -> "LazyDict[int]":
        """The ids of the stems of words of the content in one language; new stems get one."""
        known = self._stem_ids_by_language.get(language)
        if known is None:

            def add(word: str) -> int:
                factor = FUNCTION_FACTOR if is_function_word(word) else 1.0
                return self._id(self.stems.learn(word, language), factor)

            known = self._stem_ids_by_language[language] = LazyDict(add)
        return known

    def add_words(self, text: Words, language: str) -> Ids:
        """The ids of the stems, pairs and codes of a text of the content; new ones get one."""
        stems, known = self.stem_ids(language), self.words
        found = [stems[word] for word in text.words]
        for pair in self._pairs(text.words, language):
            number = known.get(pair)
            found.append(self._id(pair, PAIR_FACTOR, is_word=False) if number is None else number)
        found += [self.code_id(code) for code in text.codes]
        return array("i", found)

    def add_ngrams(self, words: Iterable[str]) -> Ids:
        """The ids of the n-grams of words of the content; new ones get one."""
        known = self._word_ngrams
        return array("i", b"".join([known[word] for word in words]))

    def _add_word_ngrams(self, word: str) -> bytes:
        ids = self.ngrams
        return array("i", [ids.setdefault(ngram, len(ids)) for ngram in char_ngrams(word)]).tobytes()

    def code_id(self, code: str) -> int:
        """The id of a code of the content, which matches as a whole."""
        return self._id("=" + code, CODE_FACTOR)

    def _id(self, key: str, factor: float, *, is_word: bool = True) -> int:
        known = self.words.get(key)
        if known is None:
            known = self.words[key] = len(self.words)
            self.factors.append(factor)
            self.is_word.append(is_word)
        elif is_word and not self.is_word[known]:
            self.factors[known], self.is_word[known] = factor, True
        return known

    def query_features(self, text: Words, read: Sequence["QueryWord"]) -> QueryFeatures:
        """The features of a question; `read`: its words, as they are looked up."""
        found = [(word.id, word.factor) for word in read]
        ids = self.words
        pairs = [first + second.stem for first, second in zip(text.words, read[1:], strict=False)]
        found += [(ids.get(pair, -1), PAIR_FACTOR) for pair in pairs]
        found += [(ids.get("=" + code, -1), CODE_FACTOR) for code in text.codes]
        return QueryFeatures(
            [word for word, _ in found if word >= 0],
            list(chain.from_iterable([word.ngrams for word in read])),
            sum(factor * factor for word, factor in found if word < 0),
            sum(word.unknown_ngrams for word in read),
        )

    def query_words(self, text: Words, language: str) -> list["QueryWord"]:
        """The words of a question, as they are looked up."""
        if len(self._query_words) > MOST_CACHED or self._query_words_with != (
            len(self.words),
            len(self.ngrams),
        ):
            self._query_words, self._query_words_with = {}, (len(self.words), len(self.ngrams))
        cache = self._query_words
        found = []
        for word in text.words:
            known = cache.get((word, language))
            if known is None:
                known = cache[word, language] = self._query_word(word, language)
            found.append(known)
        return found

    def _query_word(self, word: str, language: str) -> "QueryWord":
        key = self.stems.known(word, language, self.words)
        ids = [self.ngrams.get(ngram, -1) for ngram in char_ngrams(word)]
        known = [ngram for ngram in ids if ngram >= 0]
        return QueryWord(
            key,
            self.words.get(key, -1),
            FUNCTION_FACTOR if is_function_word(word) else 1.0,
            self.stems.stem(word, language),
            known,
            len(ids) - len(known),
        )

    def _pairs(self, words: Sequence[str], language: str) -> list[str]:
        stem = self.stems.stem
        return [first + stem(second, language) for first, second in pairwise(words)]


def flatten(texts: Sequence[Ids]) -> tuple[Small, Small]:
    """Lists of ids -> for each entry the number of its list, and the id."""
    row = np.repeat(np.arange(len(texts), dtype=np.int32), [len(text) for text in texts])
    return row, np.frombuffer(b"".join(text.tobytes() for text in texts), np.int32)
