"""Holds the fields of a JSON document to rules, and says each mistake with its place and its remedy."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_MISSING = object()


@dataclass(frozen=True, slots=True)
class TextRule:
    """Rule for a text: `path` is where it stands, with `[]` for every entry of a list.

    `form` is a regular expression that the whole text matches, `remedy` what to write instead.
    """

    path: str
    most: int = 2048  # characters
    least: int = 1
    form: str = ""
    remedy: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True)
class ListRule:
    """Rule for a list: how many entries it has, and with `allowed` which."""

    path: str
    most: int
    least: int = 0
    allowed: tuple[str, ...] = ()
    needed: bool = False


@dataclass(frozen=True, slots=True)
class ObjectRule:
    """Rule for an object."""

    path: str
    needed: bool = False


@dataclass(frozen=True, slots=True)
class FlagRule:
    """Rule for what is true or false."""

    path: str
    needed: bool = False


Rule = TextRule | ListRule | ObjectRule | FlagRule


def faults_in(document: Any, rules: Iterable[Rule]) -> list[str]:
    """Every fault of a document, as sentences that begin with the field's place."""
    found: list[str] = []
    for rule in rules:
        for place, value in _found(document, rule.path):
            found += _faults(place, value, rule)
    return found


def _found(document: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The places that a path means, with what stands there."""
    reached: list[tuple[str, Any]] = [("", document)]
    for step in path.split("."):
        name, every = step.removesuffix("[]"), step.endswith("[]")
        further: list[tuple[str, Any]] = []
        for place, value in reached:
            here = f"{place}.{name}" if place else name
            inner = value.get(name, _MISSING) if isinstance(value, dict) else _MISSING
            if not every:
                further.append((here, inner))
            elif isinstance(inner, list):
                further += [(f"{here}[{index}]", entry) for index, entry in enumerate(inner)]
        reached = further
    yield from reached


def _faults(place: str, value: Any, rule: Rule) -> Iterator[str]:
    if value is _MISSING:
        if rule.needed:
            yield f"{place} is missing; {_remedy(rule)}"
        return
    match rule:
        case TextRule():
            yield from _faults_of_text(place, value, rule)
        case ListRule():
            yield from _faults_of_list(place, value, rule)
        case ObjectRule() if not isinstance(value, dict):
            yield f"{place} is no object; {_remedy(rule)}"
        case FlagRule() if not isinstance(value, bool):
            yield f"{place} is neither true nor false; {_remedy(rule)}"


def _faults_of_text(place: str, value: Any, rule: TextRule) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{place} is no text; {_remedy(rule)}"
    elif not rule.least <= len(value) <= rule.most:
        yield f"{place} has {len(value)} characters; write {rule.least} to {rule.most}."
    elif rule.form and not re.fullmatch(rule.form, value):
        yield f"{place} is '{value}'; {_remedy(rule)}"


def _faults_of_list(place: str, value: Any, rule: ListRule) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{place} is no list; {_remedy(rule)}"
        return
    if not rule.least <= len(value) <= rule.most:
        yield f"{place} has {len(value)} entries; write {rule.least} to {rule.most}."
    if rule.allowed and (unknown := [entry for entry in value if entry not in rule.allowed]):
        yield f"{place} has {', '.join(map(str, unknown))}; write {', '.join(rule.allowed)} alone."


def _remedy(rule: Rule) -> str:
    if isinstance(rule, ObjectRule):
        return "write an object in braces."
    if isinstance(rule, FlagRule):
        return "write true or false."
    if isinstance(rule, ListRule):
        return f"write a list of {rule.least} to {rule.most}."
    return rule.remedy or f"write a text of {rule.least} to {rule.most} characters."
