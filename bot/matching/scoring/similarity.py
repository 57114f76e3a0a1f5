"""The similarity of two short texts by their words; it needs no content."""

from collections.abc import Callable
from functools import cache, lru_cache

from rapidfuzz import fuzz

from bot.domain.words.loader import all_words
from bot.matching.index.vocabulary import is_function_word, is_stop_word
from bot.matching.text.normalise import NUMBER, words_of
from bot.matching.text.translations import COMPARED, Translations

_ORDINARY = all_words("stop_words", "ordinary")
SAME_WORD = 85.0  # of 100: a plural or a slip of the finger
FEWEST_SHARED = 2  # words that both must have: one alone says too little


def similarity(one: str, other: str) -> float:
    """The share, from 0 to 1, of the shorter text's words that the longer one has, in either language."""
    short, long = sorted((_words(one), _words(other)), key=len)
    found = sum(any(_is_among(said, long) for said in (word, *_translated(word))) for word in short)
    return found / len(short) if found >= FEWEST_SHARED else 0.0


def shares_words(one: str, other: str) -> bool:
    """Whether two texts share a word that says what they are about, a slip of the finger allowed."""
    first, second = (_words(text, _says_nothing) for text in (one, other))
    return any(_is_among(word, second) for word in first)


def _is_among(word: str, words: frozenset[str]) -> bool:
    return any(fuzz.ratio(word, there) >= SAME_WORD for there in words)


@lru_cache(maxsize=2000)
def _translated(word: str) -> tuple[str, ...]:
    return tuple(_translations().of(word))


@cache
def _translations() -> Translations:
    return Translations(COMPARED)


def _says_nothing(word: str) -> bool:
    return is_stop_word(word) or word in _ORDINARY  # “a new one” is said of everything


@lru_cache(maxsize=500)  # a new ticket is compared with those of the last hour, again and again
def _words(text: str, skipped: Callable[[str], bool] = is_function_word) -> frozenset[str]:
    words = words_of(text[:1000]).words
    return frozenset(word for word in words if word != NUMBER and len(word) > 1 and not skipped(word))
