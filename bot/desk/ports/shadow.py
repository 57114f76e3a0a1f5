"""What shadow mode needs of the storage."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from bot.domain.knowledge.shadow import SilentDecision
from bot.domain.people import Person


class Shadow(Protocol):
    """What was decided and not said, by ticket; ids and confidences, never text."""

    def add(self, unsaid: SilentDecision, decision_id: int) -> None: ...
    def of(self, ticket_id: int) -> SilentDecision | None:
        """What was not said about a ticket's question; None for a ticket of a channel without shadow."""

    def name_article(self, ticket_id: int, target: str, by: Person, at: datetime) -> None:
        """Keep which target would have helped, `NOTHING` for none; a later word replaces an earlier one."""

    def between(self, since: datetime | None, until: datetime | None) -> Iterable[SilentDecision]:
        """Everything asked from `since` on and before `until`, oldest first."""
