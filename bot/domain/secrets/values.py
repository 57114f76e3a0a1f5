"""Judges whether a word may be a secret, and finds where a value begins and ends."""

import re
from typing import NamedTuple

from bot.domain.words.loader import all_words

Span = tuple[int, int]


class Written(NamedTuple):
    """Text as it was written, and in lower case with every character at the same place."""

    text: str
    lower: str


def read(text: str) -> Written:
    """Return a text beside itself in lower case."""
    lower = text.lower()
    if len(lower) != len(text):  # one character of some languages becomes two
        lower = "".join(low if len(low := character.lower()) == 1 else character for character in text)
    return Written(text, lower)


MASK = "•••"

# Quotes and brackets that may stand before a value.
OPENER = r"[\"'`“«‘(*_]{0,2}"
_VALUE = re.compile(r"[^\s\"`“”«»<>;&]{1,200}+(?:&(?![\w.-]{1,30}=)[^\s\"`“”«»<>;&]{0,50}+){0,3}")
_QUOTED = re.compile(
    "|".join(
        rf"{opens}[^{closes}\n]{{3,400}}{closes}" for opens, closes in ('""', "''", "``", "“”", "«»", "‘’")
    )
)
_ENDS_CLAUSE = re.compile(
    r"[\"'`”»’)*_]{0,2}(?:[.,;!?)][\s\")]|[.!?]{0,3}\s*$|\s*\n|\s+(?:and|but|y|pero|e|so)\b)"
)
_DIGIT, _LETTER = re.compile(r"\d"), re.compile(r"[^\W\d_]")
_RUN = re.compile(r"[A-Za-z0-9]{10,}")
_ONE_PIECE = re.compile(r"[\w+/=.~-]{16,}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PRODUCT_KEY = re.compile(
    r"(?:[A-Z0-9]{5}-){4}[A-Z0-9]{5}"
)  # of Windows and Office: an engineer needs to read it
_PUBLIC = ("AAAA", "SHA256:", "MD5:", "ssh-")  # how public keys and fingerprints begin
_SYMBOL = re.compile(r"[A-Za-z0-9][!#$%^&*+=~@?|]{1,5}[A-Za-z0-9]")

# Forms of what is no secret, however mixed its characters are; in lower case.
_HARMLESS = re.compile(
    r"v?\d+(?:[.,:/_x-]\d+)*[a-z%°ºª]{0,3}[.\d]*"  # numbers, dates, times, versions, sizes
    r"|0x[0-9a-f]+.*"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|[a-z][a-z0-9+.-]*://.*|www\..*|[^@\s]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?:[a-z]:)?[\\/~].*|.*\\.*"
    r"|[\w-]+(?:\.[\w-]+)*\.(?:[a-z]{2,6}|mp\d|7z)"  # files and hosts
    r"|[\w-]{1,40}[:=]|[\w-]{1,40}\([^)]{0,40}\)"
)
_CAPITAL = re.compile(  # hardly any file ends so, and no host
    r"^[^\s@/\\:]*\.(?!(?:Txt|Pdf|Docx?|Xlsx?|Pptx?|Csv|Log|Zip|Exe|Msi|Dll|Png|Jpe?g|Com|Net|Org)$)[A-Z][a-z]{2,5}$"
)
_REFERENCE = re.compile(r"[A-Z]{1,10}[-_]?\d+|(?:[A-Z]{1,6}-)+[A-Z0-9-]*\d")  # tickets, products, standards
_PLACEHOLDER = re.compile(
    r"<.*|.{0,2}(?:\$\{|\{\{|\$\(|\$[A-Za-z_]{3}|%\w{1,40}%|\[|\{|[*•#._-]{3}|([xX*])\1{2}).*|.*•.*"
)
_TELLS_STATE = re.compile(r".{2,}(?:ing|ed|able|ible|ado|ido|ada|ida|ando|iendo|ly|mente|ive|iva|ivo)")
_PARTS = re.compile(r"[^\W_]+")
_PRODUCT = re.compile(r"([a-z]+)(?:[-_]?\d{1,5}[a-z]{0,4}$|[_-][a-z]?\d{1,4}[a-z]?$|#\d+$)")

STATES = all_words("secrets", "states")  # what people write after “my password is”: no secret
CHANGES = all_words("secrets", "changes")  # states after which the new secret follows
_INSTEAD = all_words("secrets", "placeholders")
_CALLED = all_words("secrets", "called")
_ORDINARY = all_words("secrets", "ordinary")
_PRODUCTS = all_words("secrets", "products")


def bare(text: str, start: int, end: int) -> Span:
    """Return the span of a value without the punctuation around it."""
    while start < end and text[start] in "\"'`“«‘(":
        start += 1
    while start < end and text[end - 1] in ".,:)]}'’”»`\"":
        end -= 1
    return start, end


def value_at(text: str, start: int) -> Span | None:
    """Find the word at this place, without quotes and punctuation; None where it was masked already."""
    found = _VALUE.match(text, start + (text[start : start + 1] in ('"', "“", "«", "`")))
    if found is None:
        return None
    span = bare(text, *found.span())
    return span if span[0] < span[1] and MASK not in found[0] else None


def strong_at(text: str, start: int) -> Span | None:
    """Find the word at this place if it looks like a secret by itself."""
    found = value_at(text, start)
    return found if found is not None and is_strong(text[found[0] : found[1]]) else None


def quoted(text: str, start: int) -> Span | None:
    """Find a value in quotes at this place, with the blanks in it."""
    found = _QUOTED.match(text, start)
    return (start + 1, found.end() - 1) if found and not is_placeholder(found[0][1:-1]) else None


def is_placeholder(word: str) -> bool:
    """Tell whether a value only stands for one: `${TOKEN}`, `****`."""
    return _PLACEHOLDER.fullmatch(word) is not None or _stands_for_one(word.lower())


def _stands_for_one(lower: str) -> bool:
    """Tell whether words say what is to be put here: YOUR_PASSWORD, your-key-here, changeme."""
    if len(lower) > 40 or any(map(str.isdigit, lower)):
        return False
    words = _PARTS.findall(lower)
    return "".join(words) in _INSTEAD or (
        len(words) > 1
        and all(word in _INSTEAD or word in _CALLED for word in words)
        and not _INSTEAD.isdisjoint(words)
    )


def is_strong(word: str) -> bool:
    """Tell whether a word looks like a secret by itself: six mixed characters that mean nothing else."""
    if len(word) < 6 or len(set(word)) < 4:
        return False
    if _LETTER.search(word) is None:
        return False
    if _DIGIT.search(word) is None and _SYMBOL.search(word.rstrip("!?")) is None:
        return False
    lower = word.lower()
    if (
        is_placeholder(word)
        or (_HARMLESS.fullmatch(lower) and not _CAPITAL.search(word))
        or _REFERENCE.fullmatch(word)
    ):
        return False
    product = _PRODUCT.match(lower)
    return product is None or product[1] not in _PRODUCTS


def is_random(word: str) -> bool:
    """Tell whether a value looks made by a machine: 16 characters, ten or more of them mixed in one piece."""
    if len(word) < 16 or _DIGIT.search(word) is None or not word.isascii():
        return False
    if word.startswith(_PUBLIC) or is_placeholder(word):
        return False
    if _PRODUCT_KEY.fullmatch(word) or (_HARMLESS.fullmatch(word.lower()) and not _UUID.fullmatch(word)):
        return False
    return any(_DIGIT.search(run) and _LETTER.search(run) for run in _RUN.findall(word))


def is_long(word: str) -> bool:
    """Tell whether a value in a file is long and in one piece, as only what a machine made is."""
    return _ONE_PIECE.fullmatch(word) is not None and (
        is_random(word) or not _HARMLESS.fullmatch(word.lower())
    )


def is_literal(word: str) -> bool:
    """Tell whether a value in a file is none: too short, `null`, `true`, a placeholder."""
    return len(word) < 3 or is_placeholder(word) or word.lower() in _ORDINARY


def is_plain(word: str) -> bool:
    """Tell whether it could be any word of a sentence."""
    return word.replace("-", "").isalpha() and (word.islower() or word.istitle())


def may_be_secret(text: str, span: Span, *, plain_is_secret: bool) -> bool:
    """Tell whether a value that was announced may be the secret; a plain word only where its clause ends."""
    word = text[span[0] : span[1]]
    if len(word) < 4 or is_placeholder(word):
        return False
    if not is_plain(word):
        return any(map(str.isalnum, word)) and not _says_otherwise(word)
    return plain_is_secret and not tells_state(word.lower()) and _ENDS_CLAUSE.match(text, span[1]) is not None


def tells_state(word: str) -> bool:
    """Tell whether a plain word in lower case says what a password is like, and is none itself."""
    return word in _ORDINARY or _single(word) in _SINGLE or _TELLS_STATE.fullmatch(word) is not None


def _single(word: str) -> str:
    """Return a word with single letters for double ones, which people leave out: corect."""
    return re.sub(r"(.)\1", r"\1", word)


_SINGLE = frozenset(_single(word) for word in STATES | _ORDINARY if len(word) > 4)


def _says_otherwise(word: str) -> bool:
    """Tell whether a word that is not plain is still a part of a sentence: a date, an address."""
    lower = word.lower()
    if re.fullmatch(r"\d{4,16}", word):
        return False
    return "'" in word or "’" in word or _HARMLESS.fullmatch(lower) is not None or lower in STATES
