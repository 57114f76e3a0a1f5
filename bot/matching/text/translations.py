"""Translates single words, so that a question meets an article that only the other language has.

Used for words that the content does not know at all, and to compare two texts of two languages.
"""

from collections.abc import Callable, Iterator, Sequence

from bot.domain.words.loader import meanings
from bot.matching.text.normalise import fold
from bot.matching.text.stems import Stems

COMPARED = ("english", "troubles")  # the lists by which two texts are compared


class Translations:
    """For a word its translations, whichever of the two languages it is in."""

    def __init__(self, lists: Sequence[str] = ("english",)) -> None:
        self._stem = Stems().stem
        self._others: dict[str, list[str]] = {}
        for name in lists:
            for language, known in meanings("translations", name).items():
                for english, others in known.items():
                    for word in fold(others).split():
                        self._put("en", english, word)
                        self._put(language, word, english)

    def across(self, word: str, knows: Callable[[str], bool]) -> str | None:
        """The first translation of a word that the content knows."""
        return next((other for other in self.of(word) if other != word and knows(other)), None)

    def of(self, word: str) -> Iterator[str]:
        """The translations of a word, whichever of the two languages it is in."""
        for language in ("es", "en"):
            yield from self._others.get(f"{language}:{self._stem(word, language)}", ())

    def _put(self, language: str, word: str, other: str) -> None:
        self._others.setdefault(f"{language}:{self._stem(word, language)}", []).append(other)
