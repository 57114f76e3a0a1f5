"""Takes an article apart: what it is about, its steps, and the rest.

The steps are found by what stands there: a heading that says so, else the first numbered list.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from bot.domain.knowledge.code_blocks import code_lines
from bot.domain.knowledge.markdown_blocks import table_lines
from bot.domain.words.loader import any_of

# About what a reader in a chat sees without scrolling.
READABLE_CHARACTERS = 1200
ONE_LINE = 140  # characters
_LOWEST = 7  # level of what is no heading of Markdown
_STEPS = re.compile(any_of("articles", "steps"))
_SYMPTOMS = re.compile(any_of("articles", "symptoms"))
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*")
_BOLD = re.compile(r"(\*\*|__)(?=\S)([^*_]+)\1[ \t]*:?[ \t]*")
_LABEL = re.compile(r"(\w[^:]{0,40}):[ \t]*")
_NUMBERED = re.compile(r" {0,3}\d{1,9}[.)][ \t]+\S")
_NO_SENTENCE = re.compile(r" {0,3}(?:[-*+]\s|\d{1,9}[.)]\s|[>|<`~]|!\[)| {4}|\t")
_SENTENCE_ENDS = re.compile(r"(?<=[.!?…])\s+(?=[\W\dA-ZÁÉÍÓÚÑÜ])|(?<=[。！？])")
_PART = re.compile(r"[ \t]{0,3}(?:[-*+]|\d+[.)])\s|\S")


@dataclass(frozen=True, slots=True)
class ArticleParts:
    """Parts of an article's body, in Markdown; each may be empty.

    `about` is one line that says what it is about. `steps` is what to do; where nothing tells what that is,
    it is everything but symptoms and causes. `rest` is what else is written, in its order.
    """

    about: str
    steps: str
    rest: str


@dataclass(slots=True)
class _Section:
    """Section: a heading, which the part above the first one has not, and the lines up to the next."""

    level: int
    title: str = ""
    heading: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join([*self.heading, *self.lines]).strip("\n")

    @property
    def is_bare(self) -> bool:
        return not any(line.strip() for line in self.lines)

    @property
    def numbers(self) -> int | None:
        """Return the line where the first numbered list begins."""
        code = code_lines(self.lines)
        numbered = (at for at, line in enumerate(self.lines) if at not in code and _NUMBERED.match(line))
        return next(numbered, None)

    def is_called(self, names: re.Pattern[str]) -> bool:
        return names.fullmatch(self.title) is not None


@lru_cache(maxsize=500)
def take_apart(body: str) -> ArticleParts:
    """Take an article's body apart."""
    sections = _sections(body)
    about, sections[0].lines = _about(sections[0].lines)
    every = range(len(sections))
    steps = _find_steps(sections)
    if not steps:
        hidden = [at for at in every if _is_under(sections, at, _SYMPTOMS)]
        shown = [at for at in every if at not in hidden]
        if not _joined(sections, shown):
            shown, hidden = hidden, []
        return ArticleParts(about, _joined(sections, shown), _joined(sections, hidden))
    if sections[steps.start].is_called(_STEPS):
        sections[steps.start].heading = []  # that the steps come next is seen
    rest = [at for at in every if at not in steps]
    return ArticleParts(about, _joined(sections, steps), _joined(sections, rest))


def split(text: str, limit: int = READABLE_CHARACTERS) -> tuple[str, str]:
    """Split a text into a readable beginning and the rest, at a whole paragraph, bullet or step.

    A step keeps what is indented under it, a table its rows; a heading stays with what follows it.
    """
    if len(text) <= limit:
        return text.strip(), ""
    parts = _parts(text.strip("\n").split("\n"))
    taken, size = 0, 0
    for index, part in enumerate(parts):
        size += len(part) + 1
        if size > limit:
            break
        if not part.lstrip().startswith("#"):
            taken = index + 1
    taken = max(taken, 1)
    return "\n".join(parts[:taken]).rstrip(), "\n".join(parts[taken:]).strip("\n")


def _parts(lines: Sequence[str]) -> list[str]:
    """Return paragraphs, bullets, steps and tables, each with what is indented under it."""
    parts: list[list[str]] = []
    within = table_lines(lines)
    for at, line in enumerate(lines):
        if not parts or (at not in within and _PART.match(line)):
            parts.append([])
        parts[-1].append(line)
    return ["\n".join(part) for part in parts]


def _sections(body: str) -> list[_Section]:
    """Cut a body at its headings; a list above the first one is a section of its own."""
    lines = body.strip("\n").splitlines()
    code = code_lines(lines)
    found, at = [_Section(0)], 0
    while at < len(lines):
        heading = None if at in code else _heading(lines, at)
        if heading is None:
            found[-1].lines.append(lines[at])
            at += 1
        else:
            found.append(heading)
            at += len(heading.heading)
    first = found[0].numbers
    if first is not None:
        found.insert(1, _Section(_LOWEST, lines=found[0].lines[first:]))
        found[0].lines = found[0].lines[:first]
    return found


def _heading(lines: Sequence[str], at: int) -> _Section | None:
    """Return the section that a line begins: a heading, or a bold or known word alone in its line."""
    line = lines[at]
    if match := _HEADING.fullmatch(line):
        return _Section(len(match[1]), _name(match[2]), [line])
    if not line.strip() or line[0].isspace():
        return None
    underline = _UNDERLINE.fullmatch(lines[at + 1]) if at + 1 < len(lines) else None
    if underline and (at == 0 or not lines[at - 1].strip()) and not _NO_SENTENCE.match(line):
        return _Section(1 if underline[1][0] == "=" else 2, _name(line), [line, lines[at + 1]])
    if match := _BOLD.fullmatch(line):
        return _Section(_LOWEST, _name(match[2]), [line])
    match = _LABEL.fullmatch(line)
    if match and any(names.fullmatch(_name(match[1])) for names in (_STEPS, _SYMPTOMS)):
        return _Section(_LOWEST, _name(match[1]), [line])
    return None


def _name(heading: str) -> str:
    """Return a heading as the lists of words have it: without numbers, signs and emphasis."""
    return re.sub(r"^[\W\d_]+|(?<![\W_])[\W_]+$", "", heading).casefold()


def _find_steps(sections: Sequence[_Section]) -> range:
    """Return which sections are the steps: those under a heading that says so, else those that are numbered.

    What is numbered beside the first ones is steps too, such as those for another system.
    """
    every = range(1, len(sections))
    for at in every:
        end = _end(sections, at)
        if sections[at].is_called(_STEPS) and not all(one.is_bare for one in sections[at:end]):
            return range(at, end)
    numbered = [
        at for at in every if sections[at].numbers is not None and not _is_under(sections, at, _SYMPTOMS)
    ]
    if not numbered:
        return range(0)
    start, end = numbered[0], _end(sections, numbered[0])
    while end in numbered and sections[end].level == sections[start].level:
        end = _end(sections, end)
    return range(start, end)


def _end(sections: Sequence[_Section], at: int) -> int:
    """Return where a section ends, with all that is below it."""
    after = range(at + 1, len(sections))
    return next((one for one in after if sections[one].level <= sections[at].level), len(sections))


def _is_under(sections: Sequence[_Section], at: int, names: re.Pattern[str]) -> bool:
    return any(sections[one].is_called(names) and at < _end(sections, one) for one in range(at + 1))


def _joined(sections: Sequence[_Section], chosen: Sequence[int]) -> str:
    """Return the text of some sections, without headings that nothing is left under."""
    kept: list[_Section] = []
    for at in reversed(chosen):
        one = sections[at]
        if not one.is_bare or (one.heading and kept and kept[-1].level > one.level):
            kept.append(one)
    return "\n\n".join(one.text for one in reversed(kept))


def _about(lines: list[str]) -> tuple[str, list[str]]:
    """Return the first sentence above all headings, where it is one line, and what is left there."""
    paragraph: list[str] = []
    left = list(lines)
    while left and (left[0].strip() or not paragraph):
        line = left.pop(0)
        if line.strip():
            paragraph.append(line.strip())
    text = " ".join(paragraph)
    end = _SENTENCE_ENDS.search(text)
    sentence = text[: end.start()] if end else text
    if not sentence or len(sentence) > ONE_LINE or _NO_SENTENCE.match(lines[0]) or not _is_whole(sentence):
        return "", lines
    others = text[end.end() :].strip() if end else ""
    return sentence, [others, *left] if others else left


def _is_whole(sentence: str) -> bool:
    """Tell whether no emphasis, code or link is cut apart, and no abbreviation was taken for an end."""
    pairs = all(sentence.count(sign) % 2 == 0 for sign in ("`", "*", "**"))
    brackets = all(sentence.count(opened) == sentence.count(closed) for opened, closed in ("[]", "()"))
    return pairs and brackets and len(sentence.split()) > 1
