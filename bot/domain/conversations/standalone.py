"""Tells whether a message stands alone, or goes on with what was said before."""

import re
from itertools import takewhile

from bot.domain.conversations.short_replies import tokens
from bot.domain.words.loader import all_words, any_of, pattern, together

FEWEST_NAMED = 2  # words of a thing’s name that say which one it is
FEWEST_WORDS = 3  # “my laptop” and “is dead” are parts of a sentence

_JOINS = re.compile(rf"^(?:{any_of('follow_ups', 'joins')} )+")
_CONTINUES = re.compile(rf"^{any_of('follow_ups', 'continues')}\b")
_REFERS = pattern("follow_ups", "refers")
_AS_WELL = pattern("follow_ups", "as_well")
_TROUBLES = re.compile(any_of("follow_ups", "troubles"))
_ANNOUNCES = pattern("follow_ups", "announces")
_THEIRS = re.compile(rf"^{any_of('follow_ups', 'theirs')} \w+ \w")
_SYMPTOMS = pattern("follow_ups", "symptoms")
_DETAILS = re.compile(rf"^{any_of('follow_ups', 'details')}")
_CIRCUMSTANCES = re.compile(rf"^{any_of('follow_ups', 'circumstances')}\b")
_DENIES = pattern("tone", "denials")
_WISHES = pattern("tone", "wishes")
_WHEN = pattern("follow_ups", "when")
_THE = all_words("follow_ups", "the")
_PARTS = all_words("follow_ups", "parts")
_SHOWN = re.compile(rf"^{any_of('follow_ups', 'the')} {any_of('follow_ups', 'shown')}\b")
_OF = all_words("follow_ups", "of")
_ENDS_A_NAME = (
    all_words("everyday", "function") | all_words("everyday", "generic") | all_words("follow_ups", "verbs")
) - _OF
_FAILS = re.compile(rf"\b{together('tone', '{not} {not_happening}')}\b")


def stands_alone(text: str) -> bool:
    """Tell whether a message is a sentence of its own: no fragment, and no going on with the one before."""
    plain = _JOINS.sub("", " ".join(tokens(text)))
    return plain.count(" ") + 1 >= FEWEST_WORDS and not _CONTINUES.search(plain)


def refers_back(text: str) -> bool:
    """Tell whether a word in a message stands for something that was said before."""
    plain = " ".join(tokens(text))
    if _REFERS.search(plain) is not None:
        return True
    return _AS_WELL.search(plain) is not None and not names_own_trouble(text)  # “my chair is broken, too”


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


def names_shown_part(text: str) -> bool:
    """Tell whether a message speaks of what a screen shows, and not of which program: “the icon is grey”."""
    return _SHOWN.search(_JOINS.sub("", " ".join(tokens(text)))) is not None


def tells_time(text: str) -> bool:
    """Tell whether a message names a time or a place: “it starts on Monday”."""
    return _WHEN.search(" ".join(tokens(text))) is not None


def tells_trouble(text: str) -> bool:
    """Tell whether a message surely says that something does not work."""
    plain = _JOINS.sub("", " ".join(tokens(text)))
    return _TROUBLES.search(plain) is not None or _FAILS.search(plain) is not None


def names_own_trouble(text: str) -> bool:
    """Tell whether a message surely says that a thing of theirs does not work, and names the thing."""
    return tells_trouble(text) and _THEIRS.search(_JOINS.sub("", " ".join(tokens(text)))) is not None


def names_a_trouble(text: str) -> bool:
    """Tell whether a message surely says that a thing does not work, and names it.

    It is theirs, or one with a name of several words that is no part of what a computer shows: “the coffee
    robot”, and neither “the login page” nor “the tap”, which may be what was answered.
    """
    if names_own_trouble(text):
        return True
    named = _named_thing(text)
    return len(named) >= FEWEST_NAMED and not named <= _PARTS and tells_trouble(text)


def _named_thing(text: str) -> set[str]:
    # The words between “the” and what is said of it.
    first, *others = _JOINS.sub("", " ".join(tokens(text))).split() or [""]
    if first not in _THE:
        return set()
    return {word for word in takewhile(lambda word: word not in _ENDS_A_NAME, others) if word not in _OF}


def announces(text: str) -> bool:
    """Tell whether a message announces something to everybody, whatever it is about."""
    return _ANNOUNCES.search(" ".join(tokens(text))) is not None


def asks_for_help(text: str) -> bool:
    """Tell whether a message names a trouble or asks for something to be done, and not only a question."""
    return tells_trouble(text) or _WISHES.search(" ".join(tokens(text))) is not None


def may_be_trouble(text: str) -> bool:
    """Tell whether a message may speak of a trouble: by what it denies or names, or as about their things."""
    plain = " ".join(tokens(text))
    return any(found.search(plain) for found in (_DENIES, _SYMPTOMS, _THEIRS))
