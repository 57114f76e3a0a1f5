"""Says in a reader's language what a command prints and what the readers of settings and content found.

What these say is English in the code, for it stands in the log too. A file of this folder, named after its
language, has each sentence with its translation, in which `{0}` stands for what a sentence has there.
"""

import re
import string
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent
WORD = "word"  # the context of what stands by itself


class Translation:
    """Translates sentences by templates; what is in none stays as it is."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        parted = [_Template(english, own) for english, own in templates.items() if "{" in english]
        self._whole = {english: own for english, own in templates.items() if "{" not in english}
        # What says most by itself is asked first: it leaves least to be guessed.
        self._parted = sorted(parted, key=lambda one: -one.said)
        self._sentence = lru_cache(4096)(self._translated)

    def say(self, text: str) -> str:
        """The text, each of its lines translated, and what stands in it too."""
        return "\n".join(map(self._sentence, text.split("\n")))

    def _translated(self, line: str) -> str:
        if line in self._whole:
            return self._whole[line]
        for template in self._parted:
            if (own := template.filled(line, self._sentence)) is not None:
                return own
        return line


class _Template:
    def __init__(self, english: str, own: str) -> None:
        parts = list(string.Formatter().parse(english))
        self.own = own
        self.said = sum(len(literal) for literal, _, _, _ in parts)
        self._longest = max((literal for literal, _, _, _ in parts), key=len)
        # What stands between quotes is quoted: a key, a name, what somebody wrote.
        after = [literal for literal, _, _, _ in parts[1:]] + [""]
        self._quoted = [
            literal.endswith(("'", "“")) and then.startswith(("'", "”"))
            for (literal, field, _, _), then in zip(parts, after, strict=True)
            if field is not None
        ]
        pattern = "".join(
            re.escape(literal) + ("" if field is None else "(.+?)") for literal, field, _, _ in parts
        )
        self._pattern = re.compile(pattern)

    def filled(self, line: str, say: Callable[[str], str]) -> str | None:
        """The translation of a line, by `say` of what stands in its places; None where it is of another."""
        if self._longest not in line:
            return None
        found = self._pattern.fullmatch(line)
        if found is None:
            return None
        values = zip(found.groups(), self._quoted, strict=True)
        return self.own.format(*(value if quoted else say(value) for value, quoted in values))


def in_language(language: str, text: str) -> str:
    """What was said in English, in this language where there is a translation."""
    return _translation(language).say(text)


def word_in_language(language: str, text: str) -> str:
    """A heading or a label, which is no word within a sentence: there it may be the key of a setting."""
    return _words(language).get(text) or in_language(language, text)


def templates_of(language: str) -> dict[str, str]:
    """Each sentence with its translation; none for a language without a file, such as English."""
    return {english: own for context, english, own in _entries(language) if not context}


def _entries(language: str) -> list[tuple[str, str, str]]:
    path = FOLDER / f"{language}.po"
    if not path.is_file():
        return []
    with path.open("rb") as file:
        return [
            (entry.context or "", str(entry.id), str(entry.string))
            for entry in read_po(file)
            if entry.id and entry.string
        ]


@cache
def _words(language: str) -> dict[str, str]:
    return {english: own for context, english, own in _entries(language) if context == WORD}


@cache
def _translation(language: str) -> Translation:
    return Translation(templates_of(language))
