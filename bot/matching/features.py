"""Words -> features: stems, joined pairs of words, exact codes, and character n-grams within words.

A pair is joined without a space, so that "log in" and "wi-fi" meet "login" and "wifi".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.matching.normalise import Words
from bot.matching.stems import Stems
from bot.matching.wordlists import FUNCTION

PAIR_FACTOR = 0.6
FUNCTION_FACTOR = 0.6
CODE_FACTOR = 2.0
GRAM_SIZES = (3, 4)
LONGEST_WORD = 30
_ALL_FUNCTION = frozenset().union(*FUNCTION.values())


def is_function(word: str) -> bool:
    """Whether a word only binds a sentence."""
    return word in _ALL_FUNCTION


def grams(word: str) -> list[str]:
    """The character n-grams of a word with its borders."""
    padded = f" {word[:LONGEST_WORD]} "
    return [padded[i : i + size] for size in GRAM_SIZES for i in range(len(padded) - size + 1)]


@dataclass(frozen=True, slots=True)
class Features:
    """The features of one text as ids; `unseen` are the summed squared factors of those without an id."""

    words: list[int]
    grams: list[int]
    unseen_words: float = 0.0
    unseen_grams: int = 0


class Lexicon:
    """Ids of every feature of the content; made once, then only read."""

    def __init__(self) -> None:
        self.stems = Stems()
        self.words: dict[str, int] = {}
        self.grams: dict[str, int] = {}
        self._by_word: dict[tuple[str, str], tuple[int, list[int]]] = {}
        self._factor: dict[int, float] = {}

    @property
    def factors(self) -> list[float]:
        """How much each word feature counts; what is only known as a pair counts as one."""
        return [self._factor.get(index, PAIR_FACTOR) for index in range(len(self.words))]

    def learn(self, text: Words, language: str) -> Features:
        """The features of a text of the content, all of which get ids."""
        words, gram_ids = [], []
        for word in text.words:
            known = self._by_word.get((word, language))
            if known is None:
                known = self._learn_word(word, language)
            words.append(known[0])
            gram_ids += known[1]
        words += [self.words.setdefault(pair, len(self.words)) for pair in self._pairs(text.words, language)]
        words += [self._learn_key("=" + code, CODE_FACTOR) for code in text.codes]
        return Features(words, gram_ids)

    def read(self, text: Words, language: str) -> Features:
        """The features of a question."""
        stem = self.stems.known
        keys = [
            (stem(w, language, self.words), FUNCTION_FACTOR if is_function(w) else 1.0) for w in text.words
        ]
        keys += [(pair, PAIR_FACTOR) for pair in self._pairs(text.words, language)]
        keys += [("=" + code, CODE_FACTOR) for code in text.codes]
        found = [(self.words.get(key, -1), factor) for key, factor in keys]
        gram_ids = [self.grams.get(gram, -1) for word in text.words for gram in grams(word)]
        seen = [gram for gram in gram_ids if gram >= 0]
        return Features(
            [word for word, _ in found if word >= 0],
            seen,
            sum(factor * factor for word, factor in found if word < 0),
            len(gram_ids) - len(seen),
        )

    def _learn_word(self, word: str, language: str) -> tuple[int, list[int]]:
        key = self._learn_key(self.stems.learn(word, language), FUNCTION_FACTOR if is_function(word) else 1.0)
        ids = [self.grams.setdefault(gram, len(self.grams)) for gram in grams(word)]
        self._by_word[(word, language)] = key, ids
        return key, ids

    def _learn_key(self, key: str, factor: float) -> int:
        known = self.words.setdefault(key, len(self.words))
        self._factor.setdefault(known, factor)
        return known

    def _pairs(self, words: Sequence[str], language: str) -> list[str]:
        stem = self.stems.stem
        return [first + stem(second, language) for first, second in pairwise(words)]
