"""Finds names of people in a text: whole, in parts, and joined as in user names.

A part of a name that is also a word is taken for the name by who it is and how it is written: that of
somebody who had to do with the ticket always, that of others where it is capitalised, and a word that binds
sentences only beside another part of the same name.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache

from bot.domain.secrets.masking import LONGEST_NAME
from bot.domain.secrets.values import Span
from bot.domain.words.loader import all_words, any_of

_LETTERS = re.compile(r"[^\W\d_]+")
_LETTERS_OF_NAMES = str.maketrans("łøđħıŧ", "lodhit")
_LATIN = re.compile(r"[\0-\u024f]*")
_NO_ACCENTS = dict.fromkeys(range(0x300, 0x370))
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa"}
_FUNCTION = all_words("everyday", "function") | all_words("drafts", "particles")
_ORDINARY = (
    all_words("everyday", "generic")
    | all_words("stop_words", "ordinary")
    | all_words("drafts", "ordinary_names")
)
_MENTIONS = re.compile(r"<@[^>\n]{0,80}>|<at>[^<\n]{0,200}</at>|(?<![\w.@])@[\w.-]*\w", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s.,_'’·-]{0,3}")
_INITIAL = re.compile(r"[ \t]+[A-Z]\.")
_CALLED = r"((?-i:[^\W\d_a-zß-öø-ÿ])[\w'’-]+(?:[ \t]+(?-i:[^\W\d_a-zß-öø-ÿ])[\w'’-]+)?)"
_GREETED = re.compile(
    rf"(?:^|[\n.!,;]\s{{0,4}}){any_of('drafts', 'before_name')}[ \t,]+{_CALLED}(?=\s{{0,4}}(?:[,!.:;\n]|$))",
    re.IGNORECASE | re.MULTILINE,
)
_PRESENTED = re.compile(rf"\b{any_of('drafts', 'introduces')}[ \t]+{_CALLED}", re.IGNORECASE)
_SIGNED = re.compile(
    rf"(?:^|\n)[ \t]*(?:(?:--?|[–—~])[ \t]*|{any_of('drafts', 'signs_off')}[ \t]*[,.!]?[ \t]*\n+[ \t]*)"
    rf"{_CALLED}[ \t]*(?=\n|$)",
    re.IGNORECASE,
)
_SHORTEST_JOINED = 4  # letters of a user name that is made of parts


class _Rule(IntEnum):
    """How a part of a name must stand to be one."""

    BESIDE = 1  # beside another part of the same name
    CAPITALISED = 2
    ALWAYS = 3


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names that may be in certain texts, by their parts: how each must stand, and whose it is."""

    rules: Mapping[str, _Rule] = field(default_factory=dict)
    owners: Mapping[str, Set[int]] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()  # without spaces between words, or ids

    @classmethod
    def among(
        cls,
        texts: Iterable[str],
        involved: Iterable[str],
        known: Iterable[str],
        about: Set[str] = frozenset(),
    ) -> "KnownNames":
        """Keep the names that these texts may have.

        `involved` had to do with the ticket, `known` are all others. A name of `known` whose parts are all
        words that the content is `about` is no person's: “Outlook Support”.
        """
        folded = " ".join(map(fold, texts))
        words = set(_LETTERS.findall(folded))
        # Nearly every name is of somebody whom nobody speaks of: it is seen at once that it is in no word.
        edges = _edges(words)
        rules: dict[str, _Rule] = {}
        owners: dict[str, set[int]] = {}
        whole: set[str] = set()
        number = 0
        for names, near in ((involved, True), (known, False)):
            for name in names:
                number += 1
                plain = _fold_name(name.partition("@")[0])
                whole |= {one for one in _unspaced(plain, name if near else "") if one in folded}
                parts = [part for part in _parts(plain, name) if len(part) > 1]
                if edges.isdisjoint(parts):
                    continue
                if words.isdisjoint(parts) and words.isdisjoint(_joined(parts)):
                    continue
                no_person = not near and all(part in about or part in _FUNCTION for part in parts)
                for part in parts:
                    rule = _Rule.BESIDE if no_person else _rule(part, near=near)
                    rules[part] = max(rule, rules.get(part, rule))
                    owners.setdefault(part, set()).add(number)
                for one in _joined(parts):
                    if not no_person and one in words and one not in _FUNCTION | _ORDINARY | about:
                        rules[one] = _Rule.ALWAYS
                        owners.setdefault(one, set()).add(number)
        return cls({part: rules[part] for part in rules if part in words}, owners, frozenset(whole))

    def joined(self, other: "KnownNames") -> "KnownNames":
        """Return these names and those of others, none joined before; of a part the stricter rule holds."""
        rules = {part: max(rule, other.rules.get(part, rule)) for part, rule in self.rules.items()}
        owners: dict[str, Set[int]] = dict(self.owners)
        for part, whose in other.owners.items():
            owners[part] = {*owners.get(part, ()), *(-number for number in whose)}
        return KnownNames({**other.rules, **rules}, owners, self.whole | other.whole)


def find_names(text: str, names: KnownNames) -> Iterator[Span]:
    """Find where names stand, and what a text itself says is one: a mention, a greeting, a signature."""
    yield from (found.span() for found in _MENTIONS.finditer(text))
    for pattern in (_GREETED, _PRESENTED, _SIGNED):
        yield from (found.span(1) for found in pattern.finditer(text) if not _is_word(found[1]))
    low = fold(text)
    for one in names.whole:
        yield from (found.span() for found in re.finditer(re.escape(one), low))
    yield from _known(text, low, names)


def fold(text: str) -> str:
    """Return a text in small letters without accents, every character at its place."""
    return text.lower() if text.isascii() else "".join(map(_folded, text))


def _fold_name(name: str) -> str:
    """Fold a name as `fold` does, faster where it is in Latin letters as most are."""
    if name.isascii() or not _LATIN.fullmatch(name):
        return fold(unicodedata.normalize("NFC", name))
    return unicodedata.normalize("NFD", name).translate(_NO_ACCENTS).lower().translate(_LETTERS_OF_NAMES)


def _known(text: str, low: str, names: KnownNames) -> Iterator[Span]:
    run: list[re.Match[str]] = []
    owners: set[int] = set()
    for word in _LETTERS.finditer(low):
        theirs = set(names.owners.get(word[0], ())) if word[0] in names.rules else set()
        near = bool(run) and _BETWEEN.fullmatch(low, run[-1].end(), word.start()) is not None
        if run and near and owners & theirs:
            run.append(word)
            owners &= theirs
            continue
        yield from _taken(text, run, names)
        run, owners = ([word], theirs) if theirs else ([], set())
    yield from _taken(text, run, names)


def _taken(text: str, run: list[re.Match[str]], names: KnownNames) -> Iterator[Span]:
    if not run:
        return
    capitalised = [text[word.start()].isupper() for word in run]
    alone = [_stands(names.rules[word[0]], big) for word, big in zip(run, capitalised, strict=True)]
    if any(alone) or (len(run) > 1 and all(capitalised)):
        end = run[-1].end()
        initial = _INITIAL.match(text, end)
        yield run[0].start(), initial.end() if initial else end


def _stands(rule: _Rule, capitalised: bool) -> bool:  # a predicate of two values
    return rule is _Rule.ALWAYS or (rule is _Rule.CAPITALISED and capitalised)


def _rule(part: str, *, near: bool) -> _Rule:
    if part in _FUNCTION:
        return _Rule.CAPITALISED if near else _Rule.BESIDE
    if part in _ORDINARY:
        return _Rule.ALWAYS if near else _Rule.CAPITALISED
    return _Rule.ALWAYS


def _parts(plain: str, name: str) -> list[str]:
    parts = _LETTERS.findall(plain)
    low = "" if name.isascii() else unicodedata.normalize("NFC", name.partition("@")[0]).lower()
    if not _UMLAUTS.keys().isdisjoint(low):
        parts += _LETTERS.findall(fold("".join(_UMLAUTS.get(sign, sign) for sign in low)))
    return list(dict.fromkeys(parts))


def _edges(words: Iterable[str]) -> set[str]:
    """Return what a part of a name must be to be in one of these words, alone or joined with another part."""
    edges: set[str] = set()
    for word in words:
        longest = min(len(word), LONGEST_NAME)  # nothing that is longer is part of a name
        edges |= {word[1 : LONGEST_NAME + 2], *(word[:end] for end in range(2, longest + 1))}
    return edges


def _joined(parts: list[str]) -> set[str]:
    # As user names are made: agarcia, anag, anagarcia, garciaana, garciaa.
    found: set[str] = set()
    if len(parts) > 1:
        first = parts[0]
        for other in parts[1:]:
            found |= {first[0] + other, first + other, other + first}
            found |= {one + two[0] for one, two in ((first, other), (other, first)) if one not in _ORDINARY}
    return {one for one in found if len(one) >= _SHORTEST_JOINED}


def _unspaced(plain: str, identifier: str) -> Iterator[str]:
    # Where words are written without spaces a name is looked for everywhere; so is an id with a digit.
    for part in () if plain.isascii() else plain.split():
        if len(part) > 1 and any(unicodedata.category(sign) == "Lo" for sign in part):
            yield part
    if "@" not in identifier and len(identifier) > 4 and any(map(str.isdigit, identifier)):
        yield fold(identifier)


def _is_word(called: str) -> bool:
    words = _LETTERS.findall(fold(called))
    return all(word in _FUNCTION or word in _ORDINARY for word in words)


@cache
def _folded(sign: str) -> str:
    if unicodedata.category(sign).startswith("M"):
        return "\u02bc"  # a letter, so that it parts no word
    base = unicodedata.normalize("NFD", sign)[0].lower()[:1]
    return base.translate(_LETTERS_OF_NAMES)
