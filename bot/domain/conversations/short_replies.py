"""Reads short replies to an answer or about a ticket: assent, that it did not help, or nothing at all."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import takewhile

from bot.domain.errors import WordsInvalid
from bot.domain.forms import decomposed
from bot.domain.words.loader import all_words, any_of, parse

OWN_LISTS = ("assent", "solved", "dropped", "unsolved", "hesitation")
_SUBJECT = "follow_ups"
LONGEST_COMPLAINT = 5  # words of a message that begins with “still”
LONGEST = 24  # words and signs; whoever writes more says something
LONGEST_PART = 12  # words of a part that is read as a sentence
_TOKEN = re.compile(r":[+\w-]+:(?::skin-tone-\d:)?|\w+|\S")
_PARTS = re.compile(r"[.,;:!?¡¿()…—–\n]+")
_CODE = re.compile(r":[+\w-]+:(?::skin-tone-\d:)?")
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


_DECISIVE = (ShortReply.SOLVED, ShortReply.DROPPED, ShortReply.UNSOLVED)
_CAUSE = "cause"  # beside the other parts it says nothing
_UNSOLVED = re.compile(any_of(_SUBJECT, "unsolved_sentences"))
_SOLVED = re.compile(any_of(_SUBJECT, "solved_sentences"))
_DROPPED = re.compile(any_of(_SUBJECT, "dropped_sentences"))
_ASSENT = re.compile(any_of(_SUBJECT, "assent_sentences"))
_CAUSES = re.compile(any_of(_SUBJECT, "causes"))
# The first that fits counts: what did not help often names what would have helped.
_SENTENCES = {
    ShortReply.UNSOLVED: _UNSOLVED.fullmatch,
    ShortReply.SOLVED: _SOLVED.fullmatch,
    ShortReply.DROPPED: _DROPPED.fullmatch,
    ShortReply.ASSENT: _ASSENT.fullmatch,
    _CAUSE: _CAUSES.fullmatch,
}


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
        _refuse_contradictions({name: found.words for name, found in lists.items()}, place)
        return cls({name: found.words for name, found in lists.items()})

    def read(self, text: str) -> ShortReply | None:
        """Return what a whole message means as a short reply, None where it says anything else."""
        words = tokens(text)
        if not 0 < len(words) <= LONGEST:
            return None
        kind = self._of_words(text, words) or (None if "?" in text else self._of_parts(text))
        return ShortReply.UNSOLVED if self._turns_around(kind, words) else kind

    def _turns_around(self, kind: ShortReply | None, words: tuple[str, ...]) -> bool:
        """Tell whether a sign turns a kind word around: “great, thanks 🙄”."""
        if self._lists.annoyed_signs.isdisjoint(words):
            return False
        said = tuple(word for word in words if not _is_sign(word) and not word.startswith(":"))
        return kind is ShortReply.ASSENT or (bool(said) and self._lists.assent_or_filler.make(said))

    def _of_words(self, text: str, words: tuple[str, ...]) -> ShortReply | None:
        """Return what words and phrases of the lists say together, None where there are others between."""
        lists = self._lists
        if lists.unsolved.make(words):
            return ShortReply.UNSOLVED
        agrees = lists.assent_or_filler.make(words) and not self._begins_with_success(text)
        if not agrees and lists.assent_or_solved.make(words):
            return ShortReply.SOLVED
        if not agrees and lists.assent_or_over.make(words):
            return ShortReply.DROPPED
        told = words[1:] if words[:1] in lists.unsolved.entries else words
        if 1 < len(told) <= LONGEST_COMPLAINT and told[:1] in lists.unsolved_starts.entries:
            return ShortReply.UNSOLVED
        if agrees and (lists.assent.make(words) or not lists.filler.make(words)):
            return ShortReply.ASSENT
        known = lists.assent_or_filler.entries
        others = tuple(word for word in words if not _is_sign(word) or (word,) in known)
        return ShortReply.HESITATION if lists.hesitation.make(others) else None

    def _of_parts(self, text: str) -> ShortReply | None:
        """Return what the parts of a message say one by one: the last that says more than “ok” counts."""
        parts = [
            tuple(word for word in part if not _is_sign(word) and not word.startswith(":"))
            for part in map(tokens, _PARTS.split(_CODE.sub(" ", text)))
        ]
        kinds = [self._of_part(part) for part in parts if part]
        if not kinds or None in kinds:
            return None
        told = [kind for kind in kinds if kind in _DECISIVE]
        if told:
            return ShortReply(told[-1])
        return next((kind for kind in (ShortReply.ASSENT, ShortReply.HESITATION) if kind in kinds), None)

    def _of_part(self, words: tuple[str, ...]) -> str | None:
        kind = self._of_words(" ".join(words), words)
        if kind is not None or len(words) > LONGEST_PART:
            return kind
        # Kind words before and after a sentence change nothing: “ok so it works now cheers”.
        first = len(list(takewhile(self._is_aside, words)))
        last = len(words) - len(list(takewhile(self._is_aside, reversed(words))))
        spans = [
            " ".join(words[start:end])
            for start in range(first + 1)
            for end in range(len(words), max(last, start + 1) - 1, -1)
        ]
        if first < last and self._lists.unsolved.make(words[first:last]):
            return ShortReply.UNSOLVED  # “well, no”
        return next((name for name, fits in _SENTENCES.items() if any(map(fits, spans))), None)

    def _is_aside(self, word: str) -> bool:
        return (word,) in self._lists.asides

    def tells_success(self, text: str) -> bool:
        """Tell whether words that say that it helped are anywhere in a message."""
        words, solved = tokens(text), self._lists.solved
        return any(words[at:end] in solved for at in range(len(words)) for end in range(at + 1, at + 7))

    def _begins_with_success(self, text: str) -> bool:
        """Tell whether a part of a message begins with several words that say that it helped.

        Each of them alone is assent: “ya va”, “all good now”.
        """
        parts = (tokens(part) for part in _PARTS.split(text))
        return any(
            part[:length] in self._lists.solved for part in parts for length in range(2, len(part) + 1)
        )

    def small_talk(self, text: str) -> str | None:
        """Return the action that a whole message means as a greeting or a trial, None where it says more."""
        words = tokens(text)
        if not 0 < len(words) <= LONGEST:
            return None
        lists = self._lists
        if lists.addressed.make(words):
            return None
        if lists.greetings.make(words):
            return "greeting"
        return "capabilities" if lists.trials.make(words) else None

    @cached_property
    def _lists(self) -> "_Lists":
        def entries(*names: str) -> frozenset[tuple[str, ...]]:
            return frozenset(
                tokens(entry)
                for name in names
                for entry in (*all_words(_SUBJECT, name), *self._more.get(name, ()))
            )

        assent, filler, when = entries("assent", "assent_signs"), entries("filler"), entries("when")
        beside = filler | when
        solved, dropped = entries("solved"), entries("dropped")
        addressed = filler | entries("addressed")
        greetings = addressed | entries("greetings")
        return _Lists(
            unsolved=_Phrases(entries("unsolved", "unsolved_signs")),
            annoyed_signs=frozenset(sign for entry in entries("annoyed_signs") for sign in entry),
            unsolved_starts=_Phrases(entries("unsolved_starts")),
            assent=_Phrases(assent),
            filler=_Phrases(beside),
            solved=solved,
            assent_or_filler=_Phrases(assent | beside),
            assent_or_solved=_Phrases(assent | filler | solved),
            assent_or_over=_Phrases(assent | filler | solved | dropped),
            asides=assent | filler | entries("hesitation", "joins", "addressed"),
            hesitation=_Phrases(assent | filler | entries("hesitation")),
            addressed=_Phrases(addressed),
            greetings=_Phrases(greetings),
            trials=_Phrases(greetings | entries("trials")),
        )


def _refuse_contradictions(lists: Mapping[str, Iterable[str]], place: str) -> None:
    """Raise `WordsInvalid` where an entry stands in two lists: it can mean one thing alone."""
    stands: dict[tuple[str, ...], str] = {}
    for name, entries in lists.items():
        for entry in entries:
            other = stands.setdefault(tokens(entry), name)
            if other != name:
                raise WordsInvalid(
                    f"{place}: {entry!r} stands in [{other}] and in [{name}]; take it out of one of them."
                )


class _Phrases:
    """Phrases of a list, and whether a message is made of them alone."""

    def __init__(self, entries: frozenset[tuple[str, ...]]) -> None:
        self.entries = entries
        self._longest = max(map(len, entries), default=0)
        self._words = {word for entry in entries for word in entry}

    def make(self, words: tuple[str, ...]) -> bool:
        """Tell whether words are phrases one after another; the price is the words times the longest."""
        # Nearly every message has a word that no phrase has: the first one settles it.
        if not all(word in self._words or _undoubled(word) in self._words for word in words):
            return False
        reached = {0}
        for start in range(len(words)):
            if start in reached:
                ends = range(start + 1, min(start + self._longest, len(words)) + 1)
                reached |= {end for end in ends if self._has(words[start:end])}
        return len(words) in reached

    def _has(self, words: tuple[str, ...]) -> bool:
        return words in self.entries or tuple(map(_undoubled, words)) in self.entries


@dataclass(frozen=True, slots=True)
class _Lists:
    """Lists that short replies are read by."""

    unsolved: _Phrases
    annoyed_signs: frozenset[str]
    unsolved_starts: _Phrases
    assent: _Phrases
    filler: _Phrases
    solved: frozenset[tuple[str, ...]]
    assent_or_filler: _Phrases
    assent_or_solved: _Phrases
    assent_or_over: _Phrases
    asides: frozenset[tuple[str, ...]]
    hesitation: _Phrases
    addressed: _Phrases
    greetings: _Phrases
    trials: _Phrases


def tokens(text: str) -> tuple[str, ...]:
    """Return the words and signs of a text: folded, without accents, apostrophes and punctuation."""
    plain = decomposed(_SKIN.sub("", text.strip()[:1000]).casefold())
    plain = re.sub(r"[\u0300-\u036f'’´`]", "", plain)
    found = (_DRAWN_OUT.sub(r"\1\1", token) for token in _TOKEN.findall(plain))
    return tuple(token for token in found if len(token) > 1 or token.isalnum() or _is_sign(token))


def _is_sign(token: str) -> bool:
    return len(token) == 1 and unicodedata.category(token) == "So"


def _undoubled(word: str) -> str:
    return _DOUBLE_END.sub(r"\1", word)
