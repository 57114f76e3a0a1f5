r"""Reads the lists of words that people write, by language, from the TOML files beside this module.

A file is a subject in one language, `es/tone.toml`; what belongs to no language is in `any/`. A table in it
is a list, and says by its keys how its entries are written, each key a text in '''three quotes''':

- `words`: single words, parted by white space
- `phrases`: one a line, each as it is said
- `patterns`: regular expressions, one a line; an indented line goes on with the one above it
- `meanings`: a table instead, of words and what each means
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Formatter
from textwrap import dedent
from typing import TypeAlias

from bot.domain.errors import WordsInvalid

ANY_GAP = r"\s+"  # what a space of an entry may stand for, where the text is read as it was typed
_FOLDER = files("bot.domain.words")
_GOES_ON = re.compile(r"\n[ \t]+")


@dataclass(frozen=True, slots=True)
class WordList:
    """One list in one language: words and phrases, regular expressions, words with what they mean."""

    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    meanings: Mapping[str, str] = field(default_factory=dict)


Subject: TypeAlias = Mapping[str, Mapping[str, WordList]]  # by the list's name, then by language


def words(subject: str, name: str) -> Mapping[str, tuple[str, ...]]:
    """The words and phrases of one list, by language."""
    return {language: found.words for language, found in _lists(subject, name, "words").items()}


def all_words(subject: str, name: str) -> frozenset[str]:
    """The words and phrases of one list, of all languages together."""
    return frozenset().union(*words(subject, name).values())


def meanings(subject: str, name: str) -> Mapping[str, Mapping[str, str]]:
    """The words of one list with what each means, by language."""
    return {language: found.meanings for language, found in _lists(subject, name, "meanings").items()}


def alternatives(subject: str, name: str, *, gap: str = " ") -> Mapping[str, str]:
    """A regular expression for any entry of one list, by language; `gap` matches what a space stands for."""
    lists = _lists(subject, name, "words", "patterns")
    return {language: f"(?:{'|'.join(_entries(found, gap))})" for language, found in lists.items()}


def any_of(subject: str, name: str, *, gap: str = " ") -> str:
    """A regular expression for any entry of one list in any language."""
    lists = _lists(subject, name, "words", "patterns")
    return f"(?:{'|'.join(entry for found in lists.values() for entry in _entries(found, gap))})"


def together(subject: str, template: str, *, gap: str = " ") -> str:
    """A regular expression of several lists of one language, whichever it is: "{not} {not_happening}"."""
    names = [name for _, name, _, _ in Formatter().parse(template) if name]
    lists = {name: alternatives(subject, name, gap=gap) for name in names}
    languages = [language for language in lists[names[0]] if all(language in lists[name] for name in names)]
    filled = [template.format_map({name: lists[name][language] for name in names}) for language in languages]
    return f"(?:{'|'.join(filled)})"


def pattern(subject: str, name: str, *, gap: str = " ") -> re.Pattern[str]:
    """Finds any entry of one list in any language, as whole words."""
    return re.compile(rf"\b{any_of(subject, name, gap=gap)}\b")


def read(folder: Traversable, subject: str) -> Subject:
    """The lists of one subject, from the folders of all languages."""
    found: dict[str, dict[str, WordList]] = {}
    for place in sorted(folder.iterdir(), key=lambda place: place.name):
        file = place / f"{subject}.toml"
        if file.is_file():
            for name, entries in parse(file.read_text("utf-8"), str(file)).items():
                found.setdefault(name, {})[place.name] = entries
    if not found:
        raise WordsInvalid(f"{folder} has no words of this subject: add <language>/{subject}.toml there.")
    return found


def parse(text: str, place: str) -> Mapping[str, WordList]:
    """The lists of one file by name; `place` is what an error calls it."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WordsInvalid(f"{place} is not valid TOML: {error}. Correct it there.") from error
    return {name: _word_list(table, f"{place}: [{name}]") for name, table in tables.items()}


@cache
def _subject(subject: str) -> Subject:
    return read(_FOLDER, subject)


def _lists(subject: str, name: str, *kinds: str) -> Mapping[str, WordList]:
    # One list by language; it must have entries of these kinds only.
    lists = _subject(subject).get(name)
    if lists is None:
        raise WordsInvalid(f"No {subject}.toml in {_FOLDER} has the list [{name}]: add it there.")
    for language, found in lists.items():
        if any(getattr(found, kind) for kind in ("words", "patterns", "meanings") if kind not in kinds):
            place, wanted = _FOLDER / language / f"{subject}.toml", " and ".join(kinds)
            raise WordsInvalid(f"{place}: [{name}] is read as {wanted}: write nothing else there.")
    return lists


def _word_list(table: object, place: str) -> WordList:
    if not isinstance(table, dict) or not table:
        raise WordsInvalid(f"{place} must be a table with words, phrases, patterns or meanings.")
    for key, value in table.items():
        if key not in ("words", "phrases", "patterns", "meanings"):
            raise WordsInvalid(f"{place} has {key}: write words, phrases, patterns or meanings instead.")
        if key != "meanings" and not isinstance(value, str):
            raise WordsInvalid(f"{place}: {key} must be a text in '''three quotes''', one entry a line.")
    meant = table.get("meanings", {})
    if not isinstance(meant, dict) or not all(isinstance(text, str) for text in meant.values()):
        raise WordsInvalid(f'{place}: meanings must be a table of texts, such as pls = "please".')
    said = (*table.get("words", "").split(), *_lines(table.get("phrases", "")))
    patterns = tuple(_lines(_GOES_ON.sub("", dedent(table.get("patterns", "")))))
    if not said and not patterns and not meant:
        raise WordsInvalid(f"{place} has no entries: add one, or take the list out.")
    return WordList(said, patterns, meant)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _entries(found: WordList, gap: str) -> list[str]:
    said = [gap.join(map(re.escape, phrase.split())) for phrase in found.words]
    return [*said, *(entry.replace(" ", gap) for entry in found.patterns)]
