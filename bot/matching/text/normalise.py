"""Normalises text as people type it into the words that count."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from bot.domain.conversations.signs import without_signs
from bot.domain.forms import decomposed
from bot.matching.text.scripts import MARKS, UNSPACED, is_unspaced, letter_pairs
from bot.matching.text.wordlists import (
    CHAT,
    CLOSINGS,
    GREETING_STARTS,
    GREETINGS,
    SMALL_PRINT,
    TELLING,
)

LONGEST = 4_000  # characters of a story that are looked at
MOST_WORDS = 60  # words of a question that are matched
MOST_CODES = 8
LONGEST_CLOSING = 60  # characters
LONGEST_SIGNATURE_LINE = 12  # words
LONGEST_NAME = 4  # words of who wrote, at the end of a story
STOPS = ".!?…。！？)"
STORY = 300  # characters from which a text may be a story
NUMBER = "#"

# Accents, marks of direction, zero-width characters, lone surrogates.
_SILENT = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u1ab0-\u1aff\u20d0-\u20ff\u00ad\u061c\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ud800-\udfff]+"
)
_QUOTED = re.compile(r"^[ \t]*(?:>|&gt;).*$", re.MULTILINE)
_WROTE = re.compile(r"^.{0,80}\b(?:wrote|escribi[oó]):\s*$", re.MULTILINE | re.IGNORECASE)
_LINK = re.compile(
    r"(?:https?://|www\.)\S+|<(?:https?:|mailto:)[^<>]*>|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}",
    re.IGNORECASE,
)
_MENTION = re.compile(r"<[@#!][^<>]*>")
# The look ahead only spares the rare beginnings at every other place.
_SHORT_FORM = r"(?=[wb]/)(?:\bw/o\b|\bw/|\bb/c\b)"
_CHUNK = re.compile(rf"{_SHORT_FORM}|\w+(?:[-_.'’´`/]\w+)*", re.IGNORECASE)
# Of texts in other scripts, in twice the time: a chunk is letters with their marks, or a run without spaces.
_MARKED = re.compile(f"[{UNSPACED}{MARKS}]")
_LETTERS = rf"[^\W{UNSPACED}]+(?:[{MARKS}]+[^\W{UNSPACED}]*)*"
_MARKED_CHUNK = re.compile(
    rf"{_SHORT_FORM}|{_LETTERS}(?:[-_.'’´`/]{_LETTERS})*|[{UNSPACED}][{UNSPACED}{MARKS}]*", re.IGNORECASE
)
_PART = re.compile(rf"[^\W_]+(?:[{MARKS}]+[^\W_]*)*")
_CODE = re.compile(r"(?=.*\d)(?=.*[a-z])[a-z0-9]{5,}|0x[0-9a-f]+|(?=.*[a-z]).*_.*|(?=.*[a-z])(?=.*\d).*-.*")
_TIME = re.compile(r"\d{1,2}(?:[.:h]?\d\d)?(?:am|pm|a\.m|p\.m)?")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")
_APOSTROPHE = re.compile(r"['’´`]")
_ASKING = re.compile(
    r"\?|\b(?:how|can|could|cant|cannot|wont|need|unable|error|como|puedo|puede|podeis|necesito)\b"
)
_REPEATED = re.compile(r"(\w)\1{2,}")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one text, in order, without accents and case; `codes` are kept whole as well."""

    words: tuple[str, ...]
    codes: tuple[str, ...] = ()
    source: str = ""  # of a reading: the text as it was typed, without what does not ask

    @property
    def text(self) -> str:
        """The words as one line."""
        return " ".join(self.words)


def fold(text: str) -> str:
    """Lower case without accents, compatibility forms replaced, invisible characters removed."""
    if text.isascii():
        return text.lower()
    return _SILENT.sub("", decomposed(text.casefold()))


def words_of(text: str) -> Words:
    """All words of a text of the content."""
    folded = fold(text)
    chunks = _chunk(folded).findall(folded)
    found = [_parts(chunk) for chunk in chunks]
    codes = [_without_apostrophes(chunk) for chunk, (_, code) in zip(chunks, found, strict=True) if code]
    return Words(tuple(chain.from_iterable([parts for parts, _ in found])), tuple(codes))


def _chunk(text: str) -> re.Pattern[str]:
    # What finds the chunks of a text.
    return _CHUNK if text.isascii() or not _MARKED.search(text) else _MARKED_CHUNK


def readings(text: str) -> tuple[Words, ...]:
    """The words of what a person asks, without signs, quotes, links, greetings and signatures; at most
    `MOST_WORDS`.

    A long story has two readings: the sentences that ask, and these with the one that it began with. So has a
    text with a thanks in the middle: the whole, and what follows the thanks.
    """
    text = without_signs(_short(text))
    whole = words_of(text)
    codes = tuple(dict.fromkeys(whole.codes))[:MOST_CODES]
    sections = _sections(without_quotes(text))
    parts = (*_parts_of("\n".join(sections)), *sections[1:][-1:])
    found = [_reading(part, whole if part == text else words_of(part), codes) for part in parts]
    return tuple(one for one in found if one.words) or (Words(_bounded(whole.words), codes, text),)


def reading_of_part(text: str) -> Words:
    """The words of one part of a story, which has no quotes and no signature."""
    words = words_of(text)
    codes = tuple(dict.fromkeys(words.codes))[:MOST_CODES]
    found = _reading(text, words, codes)
    return found if found.words else Words(_bounded(words.words), codes, text)


def _reading(text: str, read: Words, codes: tuple[str, ...]) -> Words:
    words = read.words
    kept = _without_greeting(words)
    greeted = len(words) - len(kept)
    if greeted:  # a word of a greeting is one chunk of the text
        text = text[[found.end() for found in _chunk(text).finditer(text)][greeted - 1] :].lstrip(" ,.!¡-\n")
    return Words(_bounded(kept), codes, text)


def _bounded(words: tuple[str, ...]) -> tuple[str, ...]:
    # The end of a long text without sentences says more than its beginning.
    if len(words) <= MOST_WORDS:
        return words
    return words[: MOST_WORDS // 3] + words[-(MOST_WORDS - MOST_WORDS // 3) :]


@lru_cache(maxsize=100_000)
def _parts(chunk: str) -> tuple[tuple[str, ...], bool]:
    # -> the words of a chunk, and whether it is a code
    if chunk in CHAT:
        return tuple(CHAT[chunk].split()), False
    if chunk.isascii() and chunk.isalpha():
        return (_REPEATED.sub(r"\1\1", chunk),), False
    if is_unspaced(chunk):
        return letter_pairs(chunk), False
    chunk = _without_apostrophes(chunk)
    words: list[str] = []
    for part in _PART.findall(chunk):
        if (part.isdigit() and len(part) <= 2) or (
            _TIME.fullmatch(part) and not (part.isdigit() and len(part) > 2)
        ):
            words.append(NUMBER)
        else:
            words.append(CHAT.get(part) or part)
    return tuple(words), _CODE.fullmatch(chunk) is not None


def clear_parts_cache() -> None:
    """Empty the cache of the words that chunks of text consist of."""
    _parts.cache_clear()


def _without_apostrophes(chunk: str) -> str:
    return _APOSTROPHE.sub("", chunk)


def _short(text: str) -> str:
    # The end of a story says more than its middle.
    return text if len(text) <= LONGEST else text[: LONGEST // 4] + "\n" + text[-3 * LONGEST // 4 :]


def without_quotes(text: str) -> str:
    """The text without quotes, links and mentions; where it is nothing but a quote, this itself."""
    bare = _WROTE.sub(" ", _QUOTED.sub(" ", text))
    text = bare if bare.strip() else re.sub(r"^[ \t]*(?:>|&gt;)", " ", text, flags=re.MULTILINE)
    return _MENTION.sub(" ", _LINK.sub(" ", text))


def closes(text: str) -> bool:
    """Whether a line only thanks or greets at the end, and tells nothing."""
    bare = fold(text).strip(" ¡¿,.!-*_")
    return len(bare) < LONGEST_CLOSING and bare.startswith(CLOSINGS) and not tells(text)


def tells(text: str) -> bool:
    """Whether a line below a closing says something, and is no part of a signature."""
    return "?" in text or not TELLING.isdisjoint(words_of(text).words)


def _sections(text: str) -> list[str]:
    """The text without closings and signatures; what a thanks in the middle parts is apart."""
    sections: list[list[str]] = [[]]
    closed = False
    for index, line in enumerate(text.split("\n")):
        if (index and line.strip() == "--") or (closed and SMALL_PRINT.search(fold(line))):
            break
        before = closed
        closing = bool(index) and closes(line)
        closed = closing or (closed and not tells(line) and len(line.split()) <= LONGEST_SIGNATURE_LINE)
        if closed:
            continue
        if before and sections[-1]:
            sections.append([])
        sections[-1].append(line)
    return ["\n".join(section) for section in sections]


def _without_greeting(words: tuple[str, ...]) -> tuple[str, ...]:
    if not words or words[0] not in GREETING_STARTS:
        return words
    start = 1
    while start < len(words) and start < 5 and words[start] in GREETINGS:
        start += 1
    return words[start:]


def _ends(before: str, last: str) -> bool:
    # Whether a last sentence thanks, or is the name of who wrote: few words without a full stop, which the
    # sentence before has.
    name = before[-1] in STOPS and last[-1] not in STOPS and len(last.split()) <= LONGEST_NAME
    return closes(last) or (name and not tells(last))


def _parts_of(text: str) -> list[str]:
    sentences = [part.strip() for part in _SENTENCE.split(text) if part.strip()] if len(text) > STORY else []
    if len(sentences) < 4:
        return [text]
    while len(sentences) > 1 and _ends(sentences[-2], sentences[-1]):
        del sentences[-1]
    asking = [sentence for sentence in sentences[1:-1] if _ASKING.search(fold(sentence))]
    ending = " \n".join([*asking[-3:], sentences[-1]])
    return [ending, f"{sentences[0]} \n{ending}"]
