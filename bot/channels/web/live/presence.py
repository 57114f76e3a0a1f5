"""Knows who looks at which ticket and who is writing just now: in memory, for the windows of this process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from bot.channels.web.access.accounts import CHANNEL, Participant, Visitor
from bot.desk.ports.page import Card, Standing

LOOKING = 40.0  # seconds for which a word that somebody looks at a ticket holds
WRITING = 6.0  # seconds for which a word that somebody is writing holds
MOST_KNOWN = 2_000  # people of whom something is known at once


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known of one engineer: the ticket, since when, until when they write, and to which employee."""

    name: str
    ticket: str
    at: float
    writes_until: float = 0.0
    to: str = ""


class Presence:
    """Book of who looks and who writes; what is old counts for nothing, and nothing is stored."""

    def __init__(self, changed: Callable[[], None], clock: Callable[[], float] = monotonic) -> None:
        """`changed` is called when a window may have something else to show."""
        self._changed = changed
        self._clock = clock
        self._engineers: dict[str, _Seen] = {}
        self._employees: dict[str, float] = {}  # until when they write

    def looks(
        self, engineer: Participant, card: Card | None, standing: Standing | None, *, writes: bool
    ) -> None:
        """Note at which ticket an engineer looks, and whether they are writing to its employee.

        Who is no assignee writes to the engineers alone: their employee hears nothing of it.
        """
        if card is None:
            if self._engineers.pop(engineer.id, None) is not None:
                self._changed()
            return
        now = self._clock()
        back = card.back
        theirs = standing is not None and standing.has(card.ticket)
        to = back.space if theirs and back is not None and back.channel == CHANNEL else ""
        seen = _Seen(engineer.name, card.ticket.reference, now, now + WRITING if writes else 0.0, to)
        before = self._engineers.pop(engineer.id, None)
        self._engineers[engineer.id] = seen
        _bound(self._engineers)
        known = before is not None and before.ticket == seen.ticket and before.at > now - LOOKING
        if not known or writes != (before is not None and before.writes_until > now):
            self._changed()

    def writes(self, employee: Participant, *, writes: bool) -> None:
        """Note whether an employee is writing."""
        now, until = self._clock(), self._employees.pop(employee.id, 0.0)
        if writes:
            self._employees[employee.id] = now + WRITING
            _bound(self._employees)
        if writes != (until > now):
            self._changed()

    def shown_to(self, visitor: Visitor) -> Mapping[str, object]:
        """What a window shows: an employee who writes to them, an engineer who looks and who writes."""
        now = self._clock()
        current = {id_: one for id_, one in self._engineers.items() if one.at > now - LOOKING}
        writers = [one for one in current.values() if one.writes_until > now]
        helpers = [one.name for one in writers if one.to == visitor.asker.id]
        shown: dict[str, object] = {"helper": helpers[0] if helpers else ""}
        if visitor.engineer is not None:
            looking: dict[str, list[str]] = {}
            for id_, one in current.items():
                if id_ != visitor.engineer.id:
                    looking.setdefault(one.ticket, []).append(one.name)
            shown["looking"] = looking
            shown["writing"] = sorted(id_ for id_, until in self._employees.items() if until > now)
        return shown


def _bound(known: dict[str, Any]) -> None:
    while len(known) > MOST_KNOWN:
        del known[next(iter(known))]
