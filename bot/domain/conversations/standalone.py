"""Tells whether a message stands alone, or goes on with what was said before."""

import re

from bot.domain.conversations.short_replies import tokens
from bot.domain.words.loader import any_of, pattern, together

FEWEST_WORDS = 3  # “my laptop” and “is dead” are parts of a sentence

_JOINS = re.compile(rf"^(?:{any_of('follow_ups', 'joins')} )+")
_CONTINUES = re.compile(rf"^{any_of('follow_ups', 'continues')}\b")
_REFERS = pattern("follow_ups", "refers")
_TROUBLES = re.compile(any_of("follow_ups", "troubles"))
_ANNOUNCES = pattern("follow_ups", "announces")
_THEIRS = re.compile(rf"^{any_of('follow_ups', 'theirs')} \w+ \w")
_SYMPTOMS = pattern("follow_ups", "symptoms")
_DETAILS = re.compile(rf"^{any_of('follow_ups', 'details')}")
_CIRCUMSTANCES = re.compile(rf"^{any_of('follow_ups', 'circumstances')}\b")
_DENIES = pattern("tone", "denials")
_FAILS = re.compile(rf"\b{together('tone', '{not} {not_happening}')}\b")


def stands_alone(text: str) -> bool:
    """Tell whether a message is a sentence of its own: no fragment, and no going on with the one before."""
    plain = _JOINS.sub("", " ".join(tokens(text)))
    return plain.count(" ") + 1 >= FEWEST_WORDS and not _CONTINUES.search(plain)


def refers_back(text: str) -> bool:
    """Tell whether a word in a message stands for something that was said before."""
    return _REFERS.search(" ".join(tokens(text))) is not None


def gives_detail(text: str) -> bool:
    """Tell whether a message says no more than what they have, use or are called."""
    plain = _JOINS.sub("", " ".join(tokens(text)))
    return _DETAILS.search(plain) is not None and not (_DENIES.search(plain) or _SYMPTOMS.search(plain))


def goes_on(text: str) -> bool:
    """Tell whether a message begins as the rest of a sentence: “with my old headset”."""
    return _CONTINUES.search(_JOINS.sub("", " ".join(tokens(text)))) is not None


def tells_when(text: str) -> bool:
    """Tell whether a message says when something happens, where, or what was tried: “only when”."""
    return _CIRCUMSTANCES.search(" ".join(tokens(text))) is not None


def tells_trouble(text: str) -> bool:
    """Tell whether a message surely says that something does not work."""
    plain = _JOINS.sub("", " ".join(tokens(text)))
    return _TROUBLES.search(plain) is not None or _FAILS.search(plain) is not None


def names_own_trouble(text: str) -> bool:
    """Tell whether a message surely says that a thing of theirs does not work, and names the thing."""
    return tells_trouble(text) and _THEIRS.search(_JOINS.sub("", " ".join(tokens(text)))) is not None


def announces(text: str) -> bool:
    """Tell whether a message announces something to everybody, whatever it is about."""
    return _ANNOUNCES.search(" ".join(tokens(text))) is not None


def may_be_trouble(text: str) -> bool:
    """Tell whether a message may speak of a trouble: by what it denies or names, or as about their things."""
    plain = " ".join(tokens(text))
    return any(found.search(plain) for found in (_DENIES, _SYMPTOMS, _THEIRS))
