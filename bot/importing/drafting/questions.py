"""Says a heading as somebody would ask for it: “Deleting your account” as “How do I delete my account?”."""

import re
from functools import cache

from bot.matching.text.word_table import word_table

MOST_WORDS = 12  # of a heading that can be said as a question
_DETERMINERS = frozenset("a an the your my one multiple all another new up".split())
_THINGS = frozenset(
    """accounting banking billing building engineering evening everything funding heading housing marketing
    meeting morning nothing parking pricing something string thing training warning wedding""".split()
)
_YOURS = {"en": (re.compile(r"\b[Yy]our\b"), "my"), "es": (re.compile(r"\b(?:[Tt]u|[Ss]u)\b"), "mi")}
_NOUN_OF_ACTION = re.compile(r"([a-záéíóú]+a)ción de(l)?\b(?: )?")
_INFINITIVE = re.compile(r"[a-záéíóúñ]{2,}(?:ar|er|ir)(?:se|la|lo|las|los)?")
_NO_VERBS = frozenset("servidor lugar ayer primer tercer mujer taller alquiler".split())


def asked(heading: str, language: str) -> str | None:
    """Return the heading as a question in English or Spanish; None where it names no action, or is one."""
    aside = heading.rstrip().endswith(")")
    plain = (heading.rpartition(" (")[0] if aside else heading).strip(" :.")
    words = plain.split()
    if not words or len(words) > MOST_WORDS or plain.endswith("?") or language not in _YOURS:
        return None
    done = _english(words) if language == "en" else _spanish(plain)
    if done is None:
        return None
    yours, mine = _YOURS[language]
    done = yours.sub(mine, done)
    return f"How do I {done}?" if language == "en" else f"¿Cómo puedo {done}?"


def _english(words: list[str]) -> str | None:
    first = words[0].lower()
    if first.endswith("ing") and len(words) > 1:
        verb = None if first in _THINGS else _base(first)
        return " ".join([verb, *_after_conjunctions(words[1:])]) if verb else None
    if len(words) > 1 and words[1].lower() in _DETERMINERS and _known(first):
        return " ".join([first, *words[1:]])
    return None


def _after_conjunctions(words: list[str]) -> list[str]:
    # "Closing or deleting": the second is an action too.
    pairs = zip(["", *words], words, strict=False)
    return [
        _base(word) or word if before in ("and", "or") and word.endswith("ing") else word
        for before, word in pairs
    ]


def _spanish(heading: str) -> str | None:
    text = heading[:1].lower() + heading[1:]
    if match := _NOUN_OF_ACTION.match(text):
        return f"{match[1]}r {'el ' if match[2] else ''}{text[match.end() :]}".strip()
    first = text.split()[0]
    return text if _INFINITIVE.fullmatch(first) and first not in _NO_VERBS and " " in text else None


def _base(gerund: str) -> str | None:
    # Of the words that it may come from, the most usual one.
    stem = gerund[:-3]
    forms = [stem, f"{stem}e", *([stem[:-1]] if len(stem) > 2 and stem[-1] == stem[-2] else [])]
    known = [form for form in forms if len(form) > 2 and _known(form)]
    return min(known, key=lambda form: _places()[form]) if known else None


def _known(word: str) -> bool:
    return word in _places()


@cache
def _places() -> dict[str, int]:
    return {word: place for place, word in enumerate(word_table().common("en"))}
