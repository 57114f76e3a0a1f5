"""Finds in what was written about a ticket what shows the trouble, what helped, and how people ask for it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.domain.conversations.short_replies import ShortReplies, tokens
from bot.domain.drafts.redaction import SIGNS, Taken, without_signs
from bot.domain.words.loader import all_words, any_of

MOST_SYMPTOMS = 8
MOST_STEPS = 30
MOST_EXAMPLES = 12
MOST_SENTENCES = 100  # of one question that are looked at
LONGEST_EXAMPLE = 300  # characters
LONGEST_WHOLE = 40  # words of a question that is an example as a whole
FEWEST_WORDS = 2  # of a sentence that says something; one is enough where it is all that was said
_FENCE = re.compile(r"^[ \t]*```")
_QUOTED = re.compile(r"^[ \t]*>")
_FILES = re.compile(r"^📎 \d+$")
_MARKER = re.compile(
    r"^[ \t]*(?:[-*+•·◦]|\(?\d{1,2}[.):]|(?:step|paso)[ \t]+\d{1,2}[.:)]?)[ \t]+", re.IGNORECASE
)
# After an abbreviation, which is short, no sentence ends; nor is “no. 5” the end of one.
_ENDS = re.compile(
    rf"(?<=[\w\])\"'”»{SIGNS}][\w\])\"'”»{SIGNS}][\w\])\"'”»{SIGNS}][.…])\s+|(?<=[!?])\s+|(?<=[{SIGNS}][.])\s+"
    rf"|(?<=\W(?:{'|'.join(sorted(all_words('drafts', 'short_ends')))})[.…])\s+(?!\d)",
    re.IGNORECASE,
)
_GREETING = re.compile(
    rf"^(?:{any_of('drafts', 'before_name')}\b[ \t]*[{SIGNS}]?[ \t]*[,.!:;–—-]+[ \t]*"
    rf"|{any_of('drafts', 'before_name')}\b[ \t]*[{SIGNS}][ \t]*[,.!:;–—-]*[ \t]*)+",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    rf"(?:^|(?<=[\s,.;!-]))(?:{any_of('drafts', 'before_name')}|{any_of('drafts', 'signs_off')})\b"
    rf"[ \t,.!-]*[{SIGNS}]?[ \t.!]*$",
    re.IGNORECASE,
)
_SIGN = re.compile(f"[{SIGNS}]")
_ONLY_NAMES = re.compile(
    rf"(?:{any_of('drafts', 'introduces')}|{any_of('drafts', 'before_name')}|\W)*", re.IGNORECASE
)
# How somebody is reached is no symptom, nor a step; nor is what they sign in with.
_CONTACT = re.compile(f"[{Taken.PHONE.value}{Taken.EMAIL.value}{Taken.SECRET.value}]")
_POLITE = re.compile(any_of("drafts", "pleasantries"), re.IGNORECASE)
_REPLIES = ShortReplies()


@dataclass(frozen=True, slots=True)
class Step:
    """Step of what helped: a sentence or line, and the block of code under it, without its fences."""

    text: str
    code: str = ""


def steps_of(messages: Iterable[str]) -> tuple[Step, ...]:
    """Return the steps that messages tell: each list item or line, without questions and pleasantries."""
    found: dict[str, Step] = {}
    for message in messages:
        for step in _steps(message):
            found.setdefault(_key(f"{step.text}\n{step.code}"), step)
    return tuple(found.values())[:MOST_STEPS]


def symptoms_of(messages: Iterable[str]) -> tuple[str, ...]:
    """Return the sentences in which somebody says what happens."""
    return tuple(_once(one for message in messages for one in _sentences(message)))[:MOST_SYMPTOMS]


def examples_of(questions: Sequence[str], alike: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the people's own sentences, as examples of an intent: first each question as a whole.

    A sentence about somebody is none, unless nothing else was said. What was taken out is not there; what
    then says nothing is left out. Of questions that are `alike` each is one example, for a sentence of one
    alone may be about something else; those come last that are said with the same words as one before.
    """
    asked = [list(islice(_sentences(question), MOST_SENTENCES)) for question in questions]
    impersonal = [[one for one in sentences if Taken.NAME.value not in one] for sentences in asked]
    asked = impersonal if any(impersonal) else asked
    whole = (" ".join(sentences) for sentences in asked)
    kept = [one for one in whole if len(one.split()) <= LONGEST_WHOLE]
    parts = [one for sentences in asked for one in sentences]
    told = [one for one in _once(map(_cleaned, (*kept, *parts))) if tokens(one)]
    telling = [one for one in told if len(tokens(one)) > FEWEST_WORDS]
    joined = (" ".join(islice(_sentences(one), MOST_SENTENCES)) for one in alike)
    others = (_cleaned(one) for one in joined if Taken.NAME.value not in one)
    beside = [one for one in others if len(tokens(one)) > FEWEST_WORDS and len(one.split()) <= LONGEST_WHOLE]
    return tuple(_various((telling or told)[:MOST_EXAMPLES], beside))[:MOST_EXAMPLES]


def _cleaned(sentence: str) -> str:
    return without_signs(sentence)[:LONGEST_EXAMPLE].strip(" ,;:-–—")


def _various(first: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    """Yield the first, then of the others always the one that says most that none before has said."""
    left = {one: frozenset(tokens(one)) for one in _once((*first, *others))}
    said: set[str] = set()
    for one in first:
        said |= left.pop(one, frozenset())
        yield one
    while left:
        best = max(left, key=lambda one: len(left[one] - said))  # of several the first
        said |= left.pop(best)
        yield best


def _steps(message: str) -> Iterator[Step]:
    waiting = ""
    code: list[str] | None = None  # the lines of a block that is open
    for line in _own_lines(message):
        if _FENCE.match(line):
            if code is not None:
                yield Step(waiting, "\n".join(code))
                waiting = ""
            code = [] if code is None else None
        elif code is not None:
            code.append(line)
        else:
            if waiting:
                yield Step(waiting)
            *before, waiting = [*_telling(line, helping=True)] or [""]
            yield from map(Step, before)
    if waiting or code:
        yield Step(waiting, "\n".join(code or ()))


def _sentences(message: str) -> Iterator[str]:
    for line in _own_lines(message):
        if not _FENCE.match(line):
            yield from _telling(line, helping=False)


def _own_lines(message: str) -> list[str]:
    return [
        line
        for line in message.splitlines()
        if line.strip() and not _QUOTED.match(line) and not _FILES.match(line)
    ]


def _telling(line: str, *, helping: bool) -> Iterator[str]:
    item = _MARKER.match(line)
    text = line[item.end() :] if item else line
    text = _GREETING.sub("", text.strip())
    # What somebody numbered is one step, however many sentences it has.
    for part in [text] if item and helping else _ENDS.split(text):
        sentence = _CLOSING.sub("", _GREETING.sub("", part.strip())).strip(" \t,;–—")
        asks = helping and sentence.rstrip(" )\"'").endswith("?")
        if sentence and not asks and not _CONTACT.search(sentence) and not _is_polite(sentence):
            yield sentence


def _is_polite(sentence: str) -> bool:
    plain = " ".join(without_signs(sentence).strip(" .,!?¿¡…:;-–—").split())
    if not re.search(r"\w", plain) or _ONLY_NAMES.fullmatch(plain):
        return True
    return _POLITE.fullmatch(plain) is not None or _REPLIES.read(plain) is not None


def _once(sentences: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for one in sentences:
        key = _key(one)
        if key not in seen:
            seen.add(key)
            yield one


def _key(sentence: str) -> str:
    return " ".join(tokens(_SIGN.sub(" ", sentence))) or sentence
