"""Guesses whether a text is English or Spanish; says nothing where it cannot tell."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import zip_longest

import numpy as np

from bot.domain.words.loader import any_of
from bot.matching.array_file import ArrayFile
from bot.matching.text.normalise import LONGEST, fold
from bot.matching.text.wordlists import FOREIGN, FUNCTION, GENERIC_IN

LANGUAGES = ("en", "es")
SHAPED = 1.5  # a word in the shape of another language
LEAD = 1.5  # by which the likelier one must lead
FOREIGN_LEAD = 2.0  # by which it must lead over what other languages have
ENOUGH = 0.9  # score: one word of a language counts 1, a content word that leans to it up to 0.5
# Where every word is known. English words are said in any language, Spanish ones in Spanish alone.
ENOUGH_SPANISH = 0.35
_SPANISH = re.compile(r"[ñ¿¡]")
_ACUTE = re.compile(r"[áíó]")
_FOREIGN = re.compile(r"[äöüßàèìòùâêîôûçãõåæøœëïğışłżźćń]|[^\W\d_a-zñáéíóúü]")
# What holds words of some language, and is in none: addresses and codes.
_NO_WORDS = re.compile(r"\.(?:com|net|org|es)\b|(?<!\w)\w*\d\w*", re.IGNORECASE)
# Endings, clusters and elisions of other languages, which neither English nor Spanish has.
_SHAPED = re.compile(rf"^{any_of('foreign', 'shapes')}$")
_THIRD_PERSON = re.compile(r"\w(?:a|e|an|en)$")  # what Spanish denies: “no abre”, “no funcionan”
_OTHER = re.compile(r"[^\W\d_\u0000-\u024f]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# Words of both languages tell nothing.
_COMMON = {language: FUNCTION[language] | GENERIC_IN[language] for language in LANGUAGES}


def _shares() -> dict[str, tuple[float, float, float]]:
    # Of each common word: how much of it is English, Spanish and of other languages.
    found = {}
    for word in (*_COMMON["en"], *_COMMON["es"], *FOREIGN):
        known = [word in _COMMON["en"], word in _COMMON["es"], word in FOREIGN]
        found[word] = known[0] / sum(known), known[1] / sum(known), known[2] / sum(known)
    return found


_SHARES = _shares()
_SPANISH_ALONE = (0.0, 1.0, 0.0)


def in_other_letters(text: str) -> bool:
    """Whether a text is in other letters than Latin ones; names and terms among them may be."""
    words = [fold(word) for word in _WORD.findall(text[:LONGEST])]
    return sum(len(_OTHER.findall(word)) for word in words) > sum(not _OTHER.search(word) for word in words)


class LanguageGuess:
    """Guesses by word lists, letters, and the words of the content."""

    def __init__(self, by_language: Mapping[str, Counter[str]]) -> None:
        self._lean: dict[str, float] = {}
        english, spanish = (by_language.get(lang, Counter()) for lang in LANGUAGES)
        totals = [sum(counts.values()) + 1 for counts in (english, spanish)]
        for word in english.keys() | spanish.keys():
            ratio = ((english[word] + 0.1) / totals[0]) / ((spanish[word] + 0.1) / totals[1])
            # Where only one language has content, its words do not tell the two apart.
            if english and spanish and len(word) > 2:
                self._lean[word] = max(-0.5, min(0.5, math.log(ratio) / 6))

    def save(self, arrays: ArrayFile) -> None:
        """Put what the content taught into `arrays`."""
        arrays.put_texts("words", list(self._lean))
        arrays["lean"] = np.array(list(self._lean.values()))

    @classmethod
    def load(cls, arrays: ArrayFile) -> "LanguageGuess":
        """Read a guesser from `arrays`."""
        made = cls({})
        made._lean = dict(zip(arrays.texts("words"), arrays["lean"].tolist(), strict=True))
        return made

    def guess(self, text: str) -> str | None:
        """The language of a text: `en`, `es` or None."""
        raw = _NO_WORDS.sub(" ", text[:LONGEST])
        typed = [fold(word).replace("’", "'") for word in _WORD.findall(raw)]
        words = [word.replace("'", "") for word in typed]
        if not words:
            return None
        english, spanish, foreign = self._common_words(words)
        bound = max(english, spanish)
        for word in words:
            if word not in _SHARES:
                lean = self._lean.get(word, 0.0)
                english += max(lean, 0.0)
                spanish += max(-lean, 0.0)
        lower = raw.lower()
        spanish += 1.5 * len(set(_SPANISH.findall(lower))) + 0.3 * len(_ACUTE.findall(lower))
        foreign += 1.2 * len(_FOREIGN.findall(lower))
        foreign += SHAPED * sum(self._is_unknown(word) and _SHAPED.search(word) is not None for word in typed)
        best, other = max(english, spanish), min(english, spanish)
        sure = len(words) > 1 and not foreign and not any(map(self._is_unknown, words))
        enough = ENOUGH_SPANISH if spanish > english and sure else ENOUGH
        if best < enough or best < LEAD * other or best < FOREIGN_LEAD * foreign:
            return None
        # Languages near to these two share what a desk is about, and not what binds a sentence.
        if foreign >= 1.0 and bound <= foreign:
            return None
        return "en" if english > spanish else "es"

    def _common_words(self, words: Sequence[str]) -> tuple[float, float, float]:
        # -> how many words are English, Spanish and of other languages; what several have counts in parts
        totals = [0.0, 0.0, 0.0]
        for word, following in zip_longest(words, words[1:], fillvalue=""):
            shares = _SPANISH_ALONE if word == "no" and self._is_denied(following) else _SHARES.get(word, ())
            for place, share in enumerate(shares):
                totals[place] += share
        return totals[0], totals[1], totals[2]

    def _is_denied(self, word: str) -> bool:
        # “No” is of many languages; before a Spanish verb it is Spanish.
        spanish = self._lean.get(word, 0.0) < 0 or word in _COMMON["es"]
        return spanish and _THIRD_PERSON.search(word) is not None

    def _is_unknown(self, word: str) -> bool:
        return len(word) > 2 and word not in _SHARES and word not in self._lean
