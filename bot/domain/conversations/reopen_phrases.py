"""Recognises phrases that say that a problem came back, in English and Spanish, before any matching."""

import re

from bot.domain.words.loader import ANY_GAP, alternatives, any_of

BEFORE = 60  # characters before such a phrase in which the words stand that reverse it
_BACK = tuple(
    re.compile(rf"\b{back}\b", re.IGNORECASE)
    for back in alternatives("reopening", "back", gap=ANY_GAP).values()
)
# Words before such a phrase, in the same clause, that reverse its meaning.
_UNLESS = re.compile(rf"\b{any_of('reopening', 'unless', gap=ANY_GAP)}\b[^.!?,;\n]{{0,30}}$", re.IGNORECASE)


def says_it_came_back(text: str) -> bool:
    """Tell whether a message says that a solved problem is back, or was never gone."""
    found = (match for back in _BACK for match in back.finditer(text))
    return any(not _UNLESS.search(text, max(0, match.start() - BEFORE), match.start()) for match in found)
