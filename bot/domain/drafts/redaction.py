"""Takes out of a text what no article may say: names, addresses, phone numbers and secrets.

What is taken out leaves a sign of its kind, so that it is seen where something stood. Signs are characters
for private use, and come from nowhere else: a text is cleaned of them first.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import Enum

from bot.domain.drafts.addresses import find_emails, find_network, find_phones
from bot.domain.drafts.names import KnownNames, find_names
from bot.domain.secrets.finder import find_secrets
from bot.domain.secrets.masking import LONGEST_TEXT
from bot.domain.secrets.values import MASK, Span


class Taken(Enum):
    """Kind of what is taken out; its value is the sign that is left."""

    SECRET = "\ue000"  # noqa: S105  # a sign
    EMAIL = "\ue001"
    ADDRESS = "\ue002"
    PHONE = "\ue003"
    NAME = "\ue004"


SIGNS = "".join(kind.value for kind in Taken)
_PRIVATE = re.compile(r"[\ue000-\uf8ff]")
_MASKS = re.compile(rf"(?:{re.escape(MASK)})+")
_SIGN = re.compile(f"[{SIGNS}]")
_AGAIN = re.compile(rf"([{SIGNS}])(?:[\s,;]*\1)+")


def redact(text: str, names: KnownNames) -> str:
    """Return a text with a sign in the place of everything that no article may say."""
    plain = _PRIVATE.sub("", comparable(text))
    plain = _MASKS.sub(Taken.SECRET.value, plain)
    finders: tuple[tuple[Taken, Callable[[str], Iterable[Span]]], ...] = (
        (Taken.SECRET, find_secrets),
        (Taken.EMAIL, find_emails),
        (Taken.ADDRESS, find_network),
        (Taken.PHONE, find_phones),
        (Taken.NAME, lambda said: find_names(said, names)),
    )
    for kind, find in finders:
        plain = _replaced(plain, find(plain), kind.value)
    return plain


def comparable(text: str) -> str:
    """Return a text in which what reads alike is written alike, without characters that show nothing."""
    if text.isascii():
        return text
    # One character may stand for eighteen: no text becomes longer than any that is kept.
    composed = unicodedata.normalize("NFKC", text)[: max(len(text), LONGEST_TEXT)]
    return unicodedata.normalize("NFC", "".join(c for c in composed if unicodedata.category(c) != "Cf"))


def counted(texts: Iterable[str]) -> Mapping[Taken, int]:
    """Count what was taken out of redacted texts, by kind."""
    found = Counter(sign for text in texts for sign in _SIGN.findall(text))
    return {kind: found[kind.value] for kind in Taken if found[kind.value]}


def named(text: str, words: Mapping[Taken, str]) -> str:
    """Return a redacted text with words in the place of its signs."""
    return _SIGN.sub(lambda found: words[Taken(found[0])], _AGAIN.sub(r"\1", text))


def without_signs(text: str) -> str:
    """Return a redacted text as if what was taken out had never been there, on one line."""
    left = re.sub(r"\([\s,;/&-]*\)|\[[\s,;/&-]*\]|\"\s*\"|`\s*`", " ", _SIGN.sub(" ", text))
    return re.sub(r" ([,.;:!?])", r"\1", " ".join(left.split()))


def _replaced(text: str, spans: Iterable[Span], sign: str) -> str:
    parts: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if end <= done:
            continue
        parts += [text[done : max(start, done)], *([sign] if start >= done else [])]
        done = end
    return "".join(parts) + text[done:]
