"""Tells how something is said: in anger, as a question, or without saying what it is about."""

import re
from collections.abc import Sequence

from bot.domain.words.loader import any_of, pattern, together
from bot.matching.index.vocabulary import is_function_word, is_stop_word
from bot.matching.text.normalise import LONGEST, Words, fold

MOST_OF_A_NAME = 3  # words, an article among them
# These see lower case without accents and apostrophes.
_ANGRY = pattern("tone", "angry")
_BEGINS_AS_QUESTION = re.compile(
    rf"(?:^|[.!,;:\n][^\S\n]*|\b{any_of('tone', 'before_a_question')}\s+)"
    rf"{any_of('tone', 'question_starts')}\b"
)
_WANTS = re.compile(rf"\b(?:{any_of('tone', 'wishes')}|{any_of('tone', 'inquiries')})\b")
_FAILS = re.compile(rf"\b{together('tone', '{not} {not_happening}')}\b")
_BREAKDOWNS = pattern("tone", "breakdowns")
_DENIES = pattern("tone", "denials")
_BARE = re.compile(rf"(?:{any_of('tone', 'before_a_question')}\W+)*{any_of('tone', 'bare_failures')}")
# These see the text as it was typed.
_LINK, _SPACES, _APOSTROPHES = (re.compile(found) for found in (r"https?://\S+", r"[ \t]+", r"['’´`]"))
_SHOUTED = re.compile(r"\b[^\W\d_a-z]{4,}\b")
_FURY = re.compile(any_of("tone", "fury"))


def angry(text: str) -> bool:
    """Whether somebody has lost patience: insults, set phrases, `!!!`, shouting."""
    text = text[:LONGEST]
    if _FURY.search(text):
        return True
    letters = [c for c in text if c.isalpha()]
    if len(_SHOUTED.findall(text)) >= 3 and sum(c.isupper() for c in letters) > 0.7 * len(letters):
        return True
    return _ANGRY.search(_plain(text)) is not None


def asks(text: str) -> bool:
    """Whether it has the form of a question or a request."""
    text = text[:LONGEST]
    return any(sign in text for sign in "?¿？؟") or _asks(_plain(text))


def wants_something(text: str) -> bool:
    """Whether it asks for something, or says that something is not as it should be."""
    if "?" in text[:LONGEST] or "¿" in text[:LONGEST]:
        return True
    plain = _plain(text)
    return (
        _asks(plain if len(text) <= LONGEST else _plain(text[:LONGEST])) or _DENIES.search(plain) is not None
    )


def which_want_something(texts: Sequence[str]) -> list[bool]:
    """Which of some texts do; a line that several of them have is looked at once."""
    known: dict[str, bool] = {}
    found = []
    for text in texts:
        lines = text.split("\n")
        for line in lines:
            if line not in known:
                known[line] = wants_something(line)
        found.append(any(known[line] for line in lines))
    return found


def names_breakdown(text: str) -> bool:
    """Whether it says that something is broken."""
    return _BREAKDOWNS.search(_plain(text[:LONGEST])) is not None


def names_no_thing(text: str) -> bool:
    """Whether it says no more than that something fails, and not what: “I can't log in”."""
    return _BARE.fullmatch(" ".join(re.findall(r"\w+", _plain(text[:LONGEST])))) is not None


def names_only(text: str) -> bool:
    """Whether it names a thing, and says nothing of it: “the mouse”, “docking station”."""
    plain = _plain(text[:LONGEST])
    words = re.findall(r"\w+", plain)
    named = [word for word in words if not is_function_word(word)]
    if not named or len(words) > MOST_OF_A_NAME or any(is_stop_word(word) for word in named):
        return False
    return not (asks(text) or _DENIES.search(plain) or _BREAKDOWNS.search(plain))


def is_one_word(text: str) -> bool:
    """Whether it is one word, beside articles and the like: “chair”, “the mouse”."""
    words = re.findall(r"\w+", _plain(text[:LONGEST]))
    return sum(not is_function_word(word) for word in words) == 1


def says_nothing(text: Words) -> bool:
    """Whether no word of it says what it is about."""
    return not text.codes and all(is_stop_word(word) for word in text.words)


def _asks(plain: str) -> bool:
    plain = plain.strip()
    return any(found.search(plain) for found in (_BEGINS_AS_QUESTION, _WANTS, _FAILS))


def _plain(text: str) -> str:
    text = _LINK.sub(" ", fold(text))
    return _SPACES.sub(" ", _APOSTROPHES.sub("", text))
