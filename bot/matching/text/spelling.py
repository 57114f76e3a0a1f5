"""Spelling correction: replaces misspelt words, joined words and words of the other language."""

import re
from collections import Counter
from collections.abc import Callable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.matching.text.normalise import Words
from bot.matching.text.scripts import is_unspaced
from bot.matching.text.translations import Translations
from bot.matching.text.word_table import word_table
from bot.matching.text.wordlists import CHAT, FUNCTION, GENERIC, GREETINGS

MOST_REPAIRS = 8  # words of one question
MOST_CACHED = 5_000
MOST_PARTS = 6  # words that were typed as one
LONGEST_JOINED = 32  # letters of these
SHORTEST = 4
LONGEST_PART = 20  # letters of one of them
FEWEST_WITH_LETTER = 4  # of them, where one is a single letter
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LONG_ENOUGH = 6  # letters from which one wrong letter leaves a word recognisable
STOP_WORDS = frozenset().union(*FUNCTION.values(), GENERIC, GREETINGS)
TRANSLATIONS = Translations()
_DOUBLE = re.compile(r"(\w)\1")


class SpellingCorrector:
    """Replaces words that a content does not have by the likeliest it has; built once, then only read."""

    def __init__(self, vocabulary: Mapping[str, int], has_form: Callable[[str], bool]) -> None:
        """`vocabulary`: words with their counts; `has_form`: whether a word, or a form of it, is there."""
        self._has_form = has_form
        own = Counter({word: count for word, count in vocabulary.items() if word.isalpha()})
        common = STOP_WORDS.union(CHAT)
        self._count = own
        self._known = frozenset(own) | common
        self._found: dict[str, str | None] = {}  # a cache of what was meant by words
        # What is plausible begins alike, but for a letter left out or swapped: so few words are compared.
        self._candidates: dict[tuple[int, str], list[str]] = {}
        for word in sorted(self._known):
            if len(word) >= SHORTEST:
                self._candidates.setdefault((len(word), word[0]), []).append(word)

    def repair(self, text: Words) -> tuple[Words, dict[str, str]]:
        """The text with known words in place of unknown ones, and what was replaced by what."""
        repaired: dict[str, str] = {}
        text = self._without_seams(text)
        tried = 0
        words: list[str] = []
        for word in text.words:
            if word not in repaired and tried < MOST_REPAIRS and self._doubtful(word):
                tried += 1
                better = self._meant(word)
                if better:
                    repaired[word] = better
            words += repaired.get(word, word).split()
        return (Words(tuple(words), text.codes, text.source), repaired) if repaired else (text, {})

    def _without_seams(self, text: Words) -> Words:
        # Pairs of letters stand for words, and those between two words for nothing. An unknown pair beside a
        # known one is such a seam; of unknown ones in a row every second is.
        if text.text.isascii() or not any(map(is_unspaced, text.words)):
            return text
        known = [is_unspaced(word) and self._in_content(word) for word in text.words]
        words: list[str] = []
        beside = False
        for at, word in enumerate(text.words):
            seam = is_unspaced(word) and not known[at] and (beside or any(known[at + 1 : at + 2]))
            if not seam:
                words.append(word)
            beside = is_unspaced(word) and not seam
        return Words(tuple(words), text.codes, text.source)

    def _meant(self, word: str) -> str | None:
        if word not in self._found:
            meant = TRANSLATIONS.across(word, self._in_content) or self._nearest(word) or self._split(word)
            if len(self._found) >= MOST_CACHED:
                self._found = {}
            self._found[word] = meant
            return meant
        return self._found[word]

    def _doubtful(self, word: str) -> bool:
        return (
            word not in self._known
            and SHORTEST <= len(word) <= LONGEST_JOINED
            and word.isalpha()
            and not self._has_form(word)
        )

    def _in_content(self, word: str) -> bool:
        return word in self._count or self._has_form(word)

    def _nearest(self, word: str) -> str | None:
        allowed = 1 if len(word) < 9 else 2
        best: tuple[float, ...] = ()
        nearest = None
        for length in range(len(word) - allowed, len(word) + allowed + 1):
            words = self._candidates.get((length, word[0]), []) + self._candidates.get((length, word[1]), [])
            if length == len(word) + 1:
                words += [first + word for first in LETTERS if first + word in self._known]
            for other, distance, _ in process.extract(
                word, words, scorer=OSA.distance, score_cutoff=allowed, limit=5
            ):
                # What is no word at all is a misspelling of what begins alike.
                if not _plausible(word, other) and (word in word_table() or word[0] != other[0]):
                    continue
                rank = (-distance, other[0] == word[0], self._count[other])
                if rank > best:
                    best, nearest = rank, other
        return nearest

    def _split(self, word: str) -> str | None:
        # The fewest known words that make it up, of which one says something; "descanso" is no "scan".
        if word in word_table():
            return None
        fewest: list[list[str] | None] = [[]] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(max(end - LONGEST_PART, 0), end):
                before, part = fewest[start], word[start:end]
                if before is None or part not in self._known or (len(part) <= 2 and part not in STOP_WORDS):
                    continue
                after = fewest[end]
                if after is None or len(before) + 1 < len(after):
                    fewest[end] = [*before, part]
        parts = fewest[-1]
        if (
            parts is None
            or len(parts) > MOST_PARTS
            or all(part in STOP_WORDS or len(part) < 3 for part in parts)
        ):
            return None
        # A single letter is a word in a sentence, not before another word: "iphone" is one.
        if len(parts) < FEWEST_WITH_LETTER and any(len(part) == 1 for part in parts):
            return None
        return " ".join(parts)


def _plausible(word: str, other: str) -> bool:
    # A word that the content lacks is more often another word than a misspelt one: "quiet" is not "quit",
    # "rain" is not "train". So short words need the typical slips, and words that say little need more.
    swapped = sorted(word) == sorted(other)
    if len(word) < LONG_ENOUGH or other in STOP_WORDS:
        single = _DOUBLE.sub(r"\1", other) == word
        return (
            swapped or single or (len(word) >= LONG_ENOUGH and word[0] == other[0] and word[-1] == other[-1])
        )
    return word[0] == other[0] or swapped or word == other[1:]
