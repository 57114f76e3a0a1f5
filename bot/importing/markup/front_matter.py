"""Reads the front matter of any generator of sites: YAML between `---`, TOML between `+++`."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import yaml

from bot.knowledge.markup.tree import one_line
from bot.knowledge.yaml_reading import Page, Value, parse

_YAML = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_LINE = re.compile(r"^([A-Za-z_][\w-]*):[ \t]+(\S.*?)[ \t]*$", re.MULTILINE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Front matter: texts by key, in small letters; `fault` says why it was read line by line."""

    values: Values
    fault: str = ""

    def first(self, *keys: str) -> str | None:
        """Return the first text of the first of these keys that has one."""
        return next((text for key in keys for text in self.values.get(key, ()) if text), None)

    def all(self, *keys: str) -> tuple[str, ...]:
        """Return the texts of all of these keys."""
        return tuple(dict.fromkeys(text for key in keys for text in self.values.get(key, ()) if text))

    def says(self, key: str) -> bool:
        """Tell whether a key is true."""
        return (self.first(key) or "").lower() in ("true", "yes", "on", "1")

    def day(self, today: date, *keys: str) -> date | None:
        """Return the latest day of these keys that is not to come."""
        found = []
        for text in self.all(*keys):
            match = _DAY.match(text)
            try:
                found += [date.fromisoformat(match[0])] if match else []
            except ValueError:
                continue
        return max((day for day in found if day <= today), default=None)


def split(text: str) -> tuple[FrontMatter, str]:
    """Split a text into its front matter and what is below it; where there is none, the first is empty."""
    if match := _TOML.match(text):
        return _of_toml(match[1]), text[match.end() :]
    match = _YAML.match(text)
    if not match:
        return FrontMatter({}), text
    return _of_yaml(match[1]), text[match.end() :]


def _of_yaml(text: str) -> FrontMatter:
    if not text.strip():
        return FrontMatter({})
    page = Page("")
    value = parse(page, text)
    if value is None:
        lines = {match[1].lower(): (one_line(match[2].strip("\"'")),) for match in _LINE.finditer(text)}
        return FrontMatter(lines, page.problems[0].message)
    return FrontMatter(_texts(value))


def _texts(value: Value) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, _, inner in value.pairs():
        name = key.strip().lower()
        if isinstance(inner.node, yaml.SequenceNode):
            items = [item.value for item in inner.node.value if isinstance(item, yaml.ScalarNode)]
            found[name] = tuple(map(one_line, items))
        elif isinstance(inner.node, yaml.ScalarNode) and not inner.empty:
            found[name] = (one_line(str(inner.node.value)),)
        elif inner.is_mapping:  # `taxonomy: {tag: ...}`, `last_update: {date: ...}`
            found |= {f"{name}.{inside}": texts for inside, texts in _texts(inner).items()}
    return found


def _of_toml(text: str) -> FrontMatter:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return FrontMatter({}, f"this is not valid TOML ({error})")
    return FrontMatter({key.lower(): _listed(value) for key, value in table.items()})


def _listed(value: object) -> tuple[str, ...]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(one_line(str(item)) for item in value if isinstance(item, str | int))
    return () if isinstance(value, dict) else (one_line(str(value)),)
