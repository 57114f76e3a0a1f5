"""Tells how something is said: in anger, as a question, or without saying what it is about."""

import re

from bot.domain.words.loader import any_of, pattern, together
from bot.matching.index.vocabulary import is_stop_word
from bot.matching.text.normalise import LONGEST, Words, fold

# These see lower case without accents and apostrophes.
_ANGRY = pattern("tone", "angry")
_BEGINS_AS_QUESTION = re.compile(
    rf"(?:^|[.!,;:\n]\s*|\b{any_of('tone', 'before_a_question')}\s+)"
    rf"{any_of('tone', 'question_starts')}\b"
)
_WANTS = pattern("tone", "wishes")
_FAILS = re.compile(rf"\b{together('tone', '{not} {not_happening}')}\b")
_DENIES = pattern("tone", "denials")
# These see the text as it was typed.
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
    if any(sign in text for sign in "?¿？؟"):
        return True
    plain = _plain(text).strip()
    return any(found.search(plain) for found in (_BEGINS_AS_QUESTION, _WANTS, _FAILS))


def wants_something(text: str) -> bool:
    """Whether it asks for something, or says that something is not as it should be."""
    return asks(text) or _DENIES.search(_plain(text)) is not None


def says_nothing(text: Words) -> bool:
    """Whether no word of it says what it is about."""
    return not text.codes and all(is_stop_word(word) for word in text.words)


def _plain(text: str) -> str:
    text = re.sub(r"https?://\S+", " ", fold(text))
    return re.sub(r"[ \t]+", " ", re.sub(r"['’´`]", "", text))
