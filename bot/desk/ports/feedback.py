"""What the desk keeps of what it asks an employee: how it went, and details of a ticket."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.tickets.checklist import AskedDetail
from bot.domain.tickets.rating import Mean, Rating


class Ratings(Protocol):
    """One row for each resolution of which the employee was asked how it went."""

    def ask(self, ticket_id: int, post_id: int, at: datetime) -> None: ...
    def newest(self, ticket_id: int) -> Rating | None: ...
    def mark(self, rating: Rating, mark: int, at: datetime) -> bool:
        """Set or change the mark; False when a sentence has settled it."""

    def comment(self, rating: Rating, text_id: int, at: datetime) -> bool:
        """Keep the one sentence; False when there is one already, or no mark yet."""

    def mean(self, since: datetime) -> Mean: ...


class Details(Protocol):
    """The questions of a ticket's checklist, and their answers."""

    def ask(self, ticket_id: int, questions: Sequence[tuple[str, str]], post_id: int, at: datetime) -> None:
        """Note these (key, question) as asked in this post; answers that are there stay."""

    def of(self, ticket_id: int) -> tuple[AskedDetail, ...]:
        """All questions of a ticket, in the order in which they were first asked."""

    def answer(self, ticket_id: int, key: str, text_id: int, at: datetime) -> None: ...
