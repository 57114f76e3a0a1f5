"""Finds PINs, one-time and recovery codes, and a person's numbers, by the words before them."""

import re
from collections.abc import Iterator
from itertools import islice

from bot.domain.secrets.numbers import is_spanish_insurance
from bot.domain.secrets.values import Span, Written
from bot.domain.words.loader import all_words, any_of

_WORDS = r"(?P<words>(?:[ \t]{1,3}[\w'’.()-]{1,20}){0,7}?)"
_SIGN = (
    r"[ \t]{0,3}(?P<sign>[:=?]|[-=]>|→)?"
    r"(?:[ \t]{0,3}\r?\n[ \t]{0,4}(?:[-*•·][ \t])?){0,2}[ \t]{0,3}[\"'`*_(]{0,2}"
)
_NO_NUMBER = r"(?![\w/:-]|[.,]\d|[ ]\d)"  # what follows must not go on with a number
_PIN = re.compile(rf"(?:['’]?s)?{_WORDS}{_SIGN}(?<![\w./:-])(?P<secret>\d{{4,8}}){_NO_NUMBER}")
_CODE = (
    r"(?<![\w./:-])(?P<secret>(?:g-)?\d{3}[ -]?\d{3,4}|\d{4}[ -]\d{4}|\d{4,8}[a-z]?|\d{2} \d{2} \d{2}"
    r"|(?=[a-z-]{0,8}\d)[a-z0-9]{4,8}(?:-[a-z0-9]{4,8}){1,7})"
)
_AFTER_CODE = re.compile(rf"(?:['’]?s)?{_WORDS}{_SIGN}{_CODE}{_NO_NUMBER}")
_NEXT_CODE = re.compile(
    rf"[\"'`*_)]{{0,2}}(?:[\s,;/•·*-]{{1,4}}|[ \t]{{1,3}}{any_of('secrets', 'more')}[ \t]{{1,3}}){{1,2}}"
    rf"{_CODE}{_NO_NUMBER}"
)
# Codes that are kept for an emergency, one a line or several: the first line of them, and one like it.
_LISTED = r"[\w-]{4,20}(?:[ ]\d{3,6}){0,3}"
_LINE_OF_CODES = re.compile(
    rf"[ \t]{{0,4}}(?:\[[ x]?\][ \t]{{0,3}}|[-*•·>][ \t]{{0,3}}|\d{{1,2}}[.):][ \t]{{1,3}})?[`\"']?"
    rf"(?P<secret>{_LISTED}(?:[ \t,;|/]{{1,4}}{_LISTED}){{0,9}})"
    r"[`\"',;]{0,2}[ \t]{0,4}(?:\r?\n|\Z)"
)
_EMPTY_LINES = re.compile(r"(?:[ \t]{0,4}\r?\n){0,2}")
_LIST_FOLLOWS = re.compile(r"s?[ \t]{0,3}:[ \t]{0,3}")
_WORD = re.compile(r"[a-z]{5}")
_FAR = 200  # characters
_MOST_NEAR = 3  # numbers after a name that are looked at
_MOST_CODES = 30  # lines of them
_SEED = re.compile(
    r"(?<![\w./=+-])(?P<secret>[A-Z2-7]{16,64}|[a-z2-7]{16,64}|[A-Za-z2-7]{4}(?:[ -][A-Za-z2-7]{4}){3,15})"
    r"(?![\w/+-])"
)
_LETTERS = r"(?:[a-z]{1,3}|(?!is |es |no |to |at |al |en |in )[a-z]{2} )?"  # before the digits of a document
_DOCUMENT = re.compile(
    rf"{_WORDS}{_SIGN}(?<![\w./:-])(?P<secret>{_LETTERS}\d(?:[ ./-]?\d){{5,22}}(?:[ -]?[a-z])?)(?![\w/-])"
)
# Whose digits no dots or strokes part: somewhere after its name.
_INSURANCE = re.compile(
    r"(?<![\w./:+-])(?P<secret>\d{12}|\d{2} \d{10}|(?!000|666|9)\d{3}[ ]?(?!00)\d{2}[ ]?(?!0000)\d{4})"
    r"(?![\w/:-]|[.,]\d|[ ]\d)"
)
_INSURED = re.compile(any_of("secrets", "insured"))
_UUID_BEGIN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-")
_CODE_BEFORE = re.compile(
    rf"{_CODE}[ \t]{{1,3}}(?:(?:is|es)[ \t]{{1,3}}{any_of('secrets', 'owners')}(?:[ \t][\w-]{{1,20}}){{0,2}}"
    rf"|{any_of('secrets', 'taken_as')}(?:[ \t]{any_of('secrets', 'owners')})?)[ \t]$"
)
_SIX = r"(?<![\w./:-])(?P<secret>\d{3}[ -]?\d{3}|\d{2} \d{2} \d{2})"
# The text with 48 19 04 as a code.
_CODE_WITHIN = re.compile(rf"(?:\b(?:con|with|says|dice|pone)[ \t]|:[ \t]?){_SIX}{_NO_NUMBER}")
# The code that they sent me, 481904, is wrong.
_BETWEEN_COMMAS = re.compile(rf"{_WORDS}(?P<sign>,)[ \t]{{1,3}}{_SIX}(?=[,;)]|[.]?[ \t]{{0,3}}(?:\r?\n|\Z))")
_AUTHENTICATOR = re.compile(rf"(?<!\w){any_of('secrets', 'authenticators')}")
_DIGIT = re.compile(r"\d")
_CHANGE = re.compile(r"\d[A-Za-z]|[A-Za-z]\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_BREAKS = all_words("secrets", "breaks")
_PARTS = all_words("secrets", "parts")
_ABOUT = all_words("secrets", "about")
_PLACES = all_words("secrets", "places")
_TELLS = frozenset(("is", "es"))
_TELL = _TELLS | all_words("secrets", "taken_as")
# Words that a wallet is made again from, where they are called so.
_SEED_WORDS = re.compile(
    r"[^\n:]{0,40}?(?:[:=]|\b(?:is|es|are|son)\b)\s{0,4}"
    r"(?P<secret>(?:(?:\d{1,2}[.)] ?)?[^\W\d_]{3,8}[ ,]{1,2}){11,23}"
    r"(?:\d{1,2}[.)] ?)?[^\W\d_]{3,8})(?![\w'’-])"
)


def find_pin(written: Written, name: Span) -> Iterator[Span]:
    """Yield the PIN after its name: four to eight digits."""
    found = _PIN.match(written.lower, name[1])
    if found is not None and _goes_on(found):
        yield found.span("secret")


def find_codes(written: Written, name: Span) -> Iterator[Span]:
    """Yield the code before its name, or after it with those in a list."""
    begin, end = max(0, name[0] - 60), name[1] + _FAR
    if _DIGIT.search(written.lower, begin, end) is None:
        return
    if (within := _CODE_WITHIN.search(written.lower, *name)) is not None:
        yield within.span("secret")
        return
    before = (
        _CODE_BEFORE.search(written.lower[begin : name[0]])
        if _is_told(written.lower, begin, name[0])
        else None
    )
    if before is not None:
        yield before.start("secret") + begin, before.end("secret") + begin
        return
    found = _AFTER_CODE.match(written.lower, name[1]) or _BETWEEN_COMMAS.match(written.lower, name[1])
    if found is None or not _goes_on(found) or _UUID_BEGIN.match(found["secret"]):
        return
    while found is not None:
        yield found.span("secret")
        found = _NEXT_CODE.match(written.lower, found.end("secret"))


def find_list(written: Written, name: Span) -> Iterator[Span]:
    """Yield the codes that are listed below their name, one a line or several."""
    line = _first_of_list(written.lower, name[1])
    if line is None or _UUID_BEGIN.match(line["secret"]) or not _are_codes(line["secret"]):
        return
    form = _form(line["secret"])
    for _ in range(_MOST_CODES):
        if line is None or not (_are_codes(line["secret"]) or _form(line["secret"]) == form):
            return
        yield line.span("secret")
        line = _LINE_OF_CODES.match(written.lower, line.end())


def _first_of_list(lower: str, end: int) -> re.Match[str] | None:
    gap = _LIST_FOLLOWS.match(lower, end)
    line = _LINE_OF_CODES.match(lower, gap.end()) if gap else None
    if line is None and (end_of_line := lower.find("\n", end, end + 150)) >= 0:
        gap = _EMPTY_LINES.match(lower, end_of_line + 1)
        line = _LINE_OF_CODES.match(lower, gap.end()) if gap else None
    return line


def _are_codes(line: str) -> bool:
    """Tell whether every word of a line has digits, and none is a word of a sentence."""
    words = re.split(r"[ \t,;|/]+", line)
    return (
        all(_DIGIT.search(word) and not _WORD.search(word) for word in words)
        and _YEAR.fullmatch(line) is None
    )


def _form(line: str) -> str:
    return re.sub(r"\w", "x", line)


def find_seeds(written: Written) -> Iterator[Span]:
    """Yield what an authenticator makes its codes from, where one is spoken of."""
    if _AUTHENTICATOR.search(written.lower) is None:
        return
    for found in _SEED.finditer(written.text):
        if len(_CHANGE.findall(found["secret"])) >= 2:
            yield found.span("secret")


def find_seed_words(written: Written, name: Span) -> Iterator[Span]:
    """Yield the twelve words or more that stand after their name."""
    if (found := _SEED_WORDS.match(written.lower, name[1])) is not None:
        yield found.span("secret")


def _is_told(lower: str, begin: int, end: int) -> bool:
    """Tell whether a verb stands before a name, so that its code may stand before that."""
    return any(lower.find(f" {word} ", begin, end) >= 0 for word in _TELL)


def find_document(written: Written, name: Span) -> Iterator[Span]:
    """Yield the number of a person, a passport or an account after its name."""
    found = _DOCUMENT.match(written.lower, name[1])
    if found is not None and _goes_on(found):
        yield found.span("secret")


def find_insurance(written: Written, name: Span) -> Iterator[Span]:
    """Yield the number of a person's insurance, which may stand at a distance from its name."""
    is_american = _INSURED.match(written.lower, name[0]) is not None
    for found in islice(_INSURANCE.finditer(written.lower, name[1], name[1] + _FAR), _MOST_NEAR):
        number = found["secret"].replace(" ", "")
        if is_spanish_insurance(number) if len(number) == 12 else is_american:
            yield found.span("secret")


def _goes_on(found: re.Match[str]) -> bool:
    """Tell whether the words between a name and a number still speak of the same."""
    words = [word.strip(".()") for word in found["words"].lower().split()]
    breaks = _BREAKS
    if found["sign"]:  # “PIN of the badge = 4711”, but “PIN 3 of 4711”
        breaks = _BREAKS - _PARTS
    elif words and words[0] in _PARTS and words[-1] in _TELLS:
        breaks = _BREAKS - _PARTS - _PLACES
    if any(word in breaks or word in _ABOUT for word in words):
        return False
    return not words or _YEAR.fullmatch(found["secret"]) is None
