"""Repository of shadow mode."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from bot.domain.knowledge.shadow import SilentDecision
from bot.domain.people import Person


class Shadow(Protocol):
    """Repository of silent decisions by ticket: ids and confidences, never text."""

    def add(self, decision: SilentDecision, decision_id: int) -> None: ...
    def of(self, ticket_id: int) -> SilentDecision | None:
        """Return the silent decision about a ticket's question; None outside shadow mode."""

    def name_article(self, ticket_id: int, target: str, by: Person, at: datetime) -> None:
        """Keep which target would have helped, `NO_ARTICLE` for none; a later verdict replaces this one."""

    def between(self, since: datetime | None, until: datetime | None) -> Iterable[SilentDecision]:
        """Return the silent decisions from `since` on and before `until`, oldest first."""
