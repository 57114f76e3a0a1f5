"""Jira's statuses and ours: which of a workflow's end a ticket, and which step leads there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.mirror import DONE, LIVE

_DONE_CATEGORY = "done"


class NoWay(DeliveryFailed):
    """The workflow offers no step to where the ticket is to go; an operator must say which is meant."""

    def __init__(self, code: str) -> None:
        super().__init__(code, permanent=True)


@dataclass(frozen=True, slots=True)
class Statuses:
    """Reading of statuses: by their names where a setting has them, by their category otherwise.

    Where several steps lead to the same end, the order of the names decides.
    """

    done: Sequence[str]
    live: Sequence[str]
    resolution: str

    def value(self, status: Mapping[str, Any]) -> str:
        """Return live or done."""
        name = str(status.get("name", "")).casefold()
        if name in _folded(self.done):
            return DONE
        if name in _folded(self.live):
            return LIVE
        category = (status.get("statusCategory") or {}).get("key", "")
        return DONE if category == _DONE_CATEGORY else LIVE

    def step(self, transitions: Iterable[Mapping[str, Any]], target: str) -> dict[str, Any]:
        """Return the body of the transition to a status that means `target`; raise `NoWay`."""
        ways = [way for way in transitions if self.value(way.get("to") or {}) == target]
        preferred = _folded(self.done if target == DONE else self.live)
        named = [way for name in preferred for way in ways if _name(way) == name]
        if not ways:
            raise NoWay("jira_no_transition")
        if not named and target == DONE and len({_name(way) for way in ways}) > 1:
            raise NoWay("jira_transition_unclear")  # it could be the one that says "declined"
        way = (named or ways)[0]
        body: dict[str, Any] = {"transition": {"id": str(way["id"])}}
        if fields := self._fields(way):
            body["fields"] = fields
        return body

    def _fields(self, way: Mapping[str, Any]) -> dict[str, Any]:
        needed = [
            (name, field)
            for name, field in (way.get("fields") or {}).items()
            if field.get("required") and not field.get("hasDefaultValue")
        ]
        given: dict[str, Any] = {}
        for name, field in needed:
            allowed = [str(value.get("name", "")) for value in field.get("allowedValues") or ()]
            if name != "resolution" or self.resolution not in allowed:
                raise NoWay("jira_transition_asks")
            given[name] = {"name": self.resolution}
        return given


def _name(way: Mapping[str, Any]) -> str:
    return str((way.get("to") or {}).get("name", "")).casefold()


def _folded(names: Iterable[str]) -> list[str]:
    return [name.casefold() for name in names]
