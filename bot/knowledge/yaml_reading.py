"""Reads YAML as nodes, so that every value keeps its line; what is wrong becomes a `Problem`.

Scalars are taken as they were typed: `no`, `0123` and `2024-01-01` stay what the author wrote.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

import yaml

from bot.domain.knowledge.content import Problem

_TAG = "tag:yaml.org,2002:"
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times faster and has marks too

DEEPEST = 10  # an intent needs three
# Without one of these, or many brackets, nothing can be an alias or nested too deep.
_RISKY = re.compile(r"[&*]|[-?:][ \t]+[-?:][ \t]|^[ \t]{10}", re.MULTILINE)

_CONTROL = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")  # an escape such as "\0" can write one


@dataclass
class Page:
    """A file that is being read: its name and the problems found in it."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def error(self, line: int, message: str) -> None:
        """Note a mistake that stops this content from being used."""
        self.problems.append(Problem(self.file, line, message))

    def warn(self, line: int, message: str) -> None:
        """Note something that should be better."""
        self.problems.append(Problem(self.file, line, message, error=False))


@dataclass(frozen=True)
class Value:
    """A YAML node and the page that it is on."""

    page: Page
    node: yaml.Node
    offset: int = 0

    @property
    def line(self) -> int:
        """The line in the file, from 1."""
        return int(self.node.start_mark.line) + 1 + self.offset

    @property
    def empty(self) -> bool:
        """Whether nothing was written."""
        return isinstance(self.node, yaml.ScalarNode) and (
            self.node.tag == _TAG + "null" or not self.node.value.strip()
        )

    def text(self, name: str) -> str | None:
        """A text as it was typed; None, with a problem, for anything else."""
        if isinstance(self.node, yaml.ScalarNode) and not self.empty:
            written = str(self.node.value).strip()
            if not _CONTROL.search(written):
                return written
            self.page.error(self.line, f"{name} has a control character; remove it")
        elif self.empty:
            self.page.error(self.line, f"{name} is empty; write a text or remove it")
        elif isinstance(self.node, yaml.MappingNode) and self.node.flow_style is False:
            self.page.error(self.line, f"{name} must be a text; put quotes around a text that contains ': '")
        else:
            self.page.error(self.line, f"{name} must be a text; put quotes around it")
        return None

    def boolean(self, name: str) -> bool:
        """True or false; false, with a problem, for anything else."""
        if isinstance(self.node, yaml.ScalarNode) and self.node.tag == _TAG + "bool":
            return str(self.node.value).lower() in ("true", "yes", "on")
        self.page.error(self.line, f"{name} must be true or false")
        return False

    def items(self, name: str) -> tuple[tuple[int, str], ...]:
        """A list of texts with their lines; a single text is a list of one."""
        if isinstance(self.node, yaml.SequenceNode):
            values = [Value(self.page, item, self.offset) for item in self.node.value]
        elif isinstance(self.node, yaml.ScalarNode):
            values = [self]
        else:
            self.page.error(self.line, f"{name} must be a list; begin each entry with '- '")
            return ()
        texts = ((value.line, value.text(f"an entry of {name}")) for value in values)
        return tuple((line, text) for line, text in texts if text is not None)

    def entries(self, name: str) -> "tuple[Value, ...]":
        """The entries of a list, whatever they are; a problem for anything else."""
        if isinstance(self.node, yaml.SequenceNode):
            return tuple(Value(self.page, item, self.offset) for item in self.node.value)
        self.page.error(self.line, f"{name} must be a list; begin each entry with '- '")
        return ()

    def pairs(self) -> Iterator[tuple[str, int, "Value"]]:
        """The keys of a mapping, with the line of each and its value; of duplicate keys the first counts."""
        if not isinstance(self.node, yaml.MappingNode):
            return
        seen: dict[str, int] = {}
        for key, node in self.node.value:
            line = int(key.start_mark.line) + 1 + self.offset
            if not isinstance(key, yaml.ScalarNode):
                self.page.error(line, "a key must be a plain text; put quotes around it")
            elif key.value in seen:
                self.page.error(
                    line, f"the key '{key.value}' is already on line {seen[key.value]}; remove one"
                )
            else:
                seen[key.value] = line
                yield key.value, line, Value(self.page, node, self.offset)

    def known(self, keys: Iterable[str]) -> dict[str, "Value"]:
        """The mapping's values under these keys; any other key is a problem."""
        allowed = tuple(keys)
        found: dict[str, Value] = {}
        for key, line, value in self.pairs():
            if key in allowed:
                found[key] = value
                continue
            self.page.error(line, f"unknown key '{key}'{suggestion(key, allowed)}")
        return found

    @property
    def is_mapping(self) -> bool:
        """Whether it has keys."""
        return isinstance(self.node, yaml.MappingNode)


def suggestion(word: str, allowed: Iterable[str]) -> str:
    """The end of a sentence that suggests the nearest allowed word, or lists all of them."""
    choices = sorted(allowed)
    close = get_close_matches(word.lower(), choices, n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else f"; allowed are {', '.join(choices)}"


def parse(page: Page, text: str, offset: int = 0) -> Value | None:
    """Read a YAML mapping; None, with a problem, when it is not one. `offset` is the lines before it."""
    try:
        fault_at = _unsafe(text)
        if fault_at is not None:
            page.error(fault_at[0] + 1 + offset, fault_at[1])
            return None
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        # What is missing at the end is told of the last line: the one after it is not there.
        line = min(mark.line if mark else 0, text.rstrip().count("\n")) + 1 + offset
        page.error(line, f"this is not valid YAML ({fault.problem or fault.context}); correct this line")
        return None
    except yaml.reader.ReaderError as fault:
        line = text[: fault.position].count("\n") + 1 + offset
        page.error(line, "a control character is not allowed in YAML; remove it")
        return None
    if not isinstance(node, yaml.MappingNode):
        page.error(offset + 1, "keys were expected here, each as 'key: value'")
        return None
    return Value(page, node, offset)


def _unsafe(text: str) -> tuple[int, str] | None:
    # Looked at as events first: an alias could expand to gigabytes, and libyaml's composer ends the
    # process when the nesting is some thousands deep.
    if not _RISKY.search(text) and text.count("[") + text.count("{") < DEEPEST:
        return None
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        line = event.start_mark.line if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return (
                line,
                "anchors and aliases (& and *) are not allowed; put quotes around a text, or write it out",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            return line, "this is nested too deep; keep to the keys and lists of the documentation"
    return None
