"""Translates single words, so that a question meets an article that only the other language has.

Used for words that the content does not know at all.
"""

from collections.abc import Callable

from bot.domain.words.loader import meanings
from bot.matching.text.normalise import fold
from bot.matching.text.stems import Stems


class Translations:
    """For a word its translations, whichever of the two languages it is in."""

    def __init__(self) -> None:
        self._stem = Stems().stem
        self._others: dict[str, list[str]] = {}
        for language, known in meanings("translations", "english").items():
            for english, others in known.items():
                for word in fold(others).split():
                    self._put("en", english, word)
                    self._put(language, word, english)

    def across(self, word: str, knows: Callable[[str], bool]) -> str | None:
        """The first translation of a word that the content knows."""
        for language in ("es", "en"):
            for other in self._others.get(f"{language}:{self._stem(word, language)}", ()):
                if other != word and knows(other):
                    return other
        return None

    def _put(self, language: str, word: str, other: str) -> None:
        self._others.setdefault(f"{language}:{self._stem(word, language)}", []).append(other)
