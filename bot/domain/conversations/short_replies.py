"""Reads short replies to an answer or about a ticket: assent, that it did not help, or nothing at all."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property

from bot.domain.errors import WordsInvalid
from bot.domain.words.loader import all_words, parse

OWN_LISTS = ("assent", "solved", "dropped", "unsolved", "hesitation")
_SUBJECT = "follow_ups"
LONGEST_COMPLAINT = 5  # words of a message that begins with “still”
LONGEST = 24  # words and signs; whoever writes more says something
_TOKEN = re.compile(r":[+\w-]+:(?::skin-tone-\d:)?|\w+|\S")
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff\ufe0e\ufe0f\u200d]|:skin-tone-\\d:")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")  # “okkkk”, “graciasss”
_DOUBLE_END = re.compile(r"([^\W\d_])\1$")


class ShortReply(StrEnum):
    """Kind of a short reply."""

    ASSENT = "assent"  # they heard it, agree, or go and try
    SOLVED = "solved"  # it helped
    DROPPED = "dropped"  # it is not needed any more
    UNSOLVED = "unsolved"  # it did not help
    HESITATION = "hesitation"  # “hmm”


class ShortReplies:
    """Short replies by lists of words; `more` adds an operator's own, by the name of the list."""

    def __init__(self, more: Mapping[str, Iterable[str]] | None = None) -> None:
        self._more = more or {}

    @classmethod
    def with_own(cls, text: str, place: str) -> "ShortReplies":
        """Return the lists with an operator's own words and phrases, from the text of a TOML file.

        Raises `WordsInvalid` where it has anything else; `place` is what the error calls the file.
        """
        lists = parse(text, place)
        for name, found in lists.items():
            if name not in OWN_LISTS:
                known = ", ".join(f"[{own}]" for own in OWN_LISTS)
                raise WordsInvalid(
                    f"{place}: [{name}] is no list that may be added to: write one of {known}."
                )
            if found.patterns or found.meanings:
                raise WordsInvalid(f"{place}: [{name}] takes words and phrases alone.")
            empty = next((entry for entry in found.words if not tokens(entry)), None)
            if empty is not None:
                raise WordsInvalid(f"{place}: [{name}] has {empty!r}, which has neither a word nor a sign.")
        return cls({name: found.words for name, found in lists.items()})

    def read(self, text: str) -> ShortReply | None:
        """Return what a whole message means as a short reply, None where it says anything else."""
        words = tokens(text)
        if not 0 < len(words) <= LONGEST:
            return None
        if _made_of(words, self._unsolved):
            return ShortReply.UNSOLVED
        assent = self._assent | self._filler
        if _made_of(words, assent | self._solved) and not _made_of(words, assent):
            return ShortReply.SOLVED
        over = assent | self._solved | self._dropped
        if _made_of(words, over) and not _made_of(words, assent):
            return ShortReply.DROPPED
        told = words[1:] if words[:1] in self._unsolved else words
        if 1 < len(told) <= LONGEST_COMPLAINT and told[:1] in self._unsolved_starts:
            return ShortReply.UNSOLVED
        if _made_of(words, self._assent) or (_made_of(words, assent) and not _made_of(words, self._filler)):
            return ShortReply.ASSENT
        others = tuple(word for word in words if not _is_sign(word) or (word,) in assent)
        return ShortReply.HESITATION if _made_of(others, self._hesitation | assent) else None

    @cached_property
    def _assent(self) -> frozenset[tuple[str, ...]]:
        return self._list("assent") | self._list("assent_signs")

    @cached_property
    def _solved(self) -> frozenset[tuple[str, ...]]:
        return self._list("solved")

    @cached_property
    def _dropped(self) -> frozenset[tuple[str, ...]]:
        return self._list("dropped")

    @cached_property
    def _unsolved_starts(self) -> frozenset[tuple[str, ...]]:
        return self._list("unsolved_starts")

    @cached_property
    def _unsolved(self) -> frozenset[tuple[str, ...]]:
        return self._list("unsolved") | self._list("unsolved_signs")

    @cached_property
    def _filler(self) -> frozenset[tuple[str, ...]]:
        return self._list("filler")

    @cached_property
    def _hesitation(self) -> frozenset[tuple[str, ...]]:
        return self._list("hesitation")

    def _list(self, name: str) -> frozenset[tuple[str, ...]]:
        return frozenset(tokens(entry) for entry in (*all_words(_SUBJECT, name), *self._more.get(name, ())))


def tokens(text: str) -> tuple[str, ...]:
    """Return the words and signs of a text: folded, without accents, apostrophes and punctuation."""
    plain = unicodedata.normalize("NFKD", _SKIN.sub("", text.strip()[:1000]).casefold())
    plain = re.sub(r"[\u0300-\u036f'’´`]", "", plain)
    found = (_DRAWN_OUT.sub(r"\1\1", token) for token in _TOKEN.findall(plain))
    return tuple(token for token in found if len(token) > 1 or token.isalnum() or _is_sign(token))


def _is_sign(token: str) -> bool:
    return len(token) == 1 and unicodedata.category(token) == "So"


def _made_of(words: tuple[str, ...], entries: frozenset[tuple[str, ...]]) -> bool:
    """Tell whether words are entries one after another; the price is the words times the longest entry."""
    longest = max(map(len, entries), default=0)
    reached = {0}
    for start in range(len(words)):
        if start in reached:
            ends = range(start + 1, min(start + longest, len(words)) + 1)
            reached |= {end for end in ends if _is_entry(words[start:end], entries)}
    return len(words) in reached


def _is_entry(words: tuple[str, ...], entries: frozenset[tuple[str, ...]]) -> bool:
    return words in entries or tuple(_DOUBLE_END.sub(r"\1", word) for word in words) in entries
