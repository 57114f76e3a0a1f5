"""Repositories of what employees are asked: ratings, details of tickets, whether answers helped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.knowledge.promise import PromiseState
from bot.domain.tickets.checklist import AskedDetail
from bot.domain.tickets.rating import Mean, Rating


class Ratings(Protocol):
    """Repository of ratings: one for each resolution about which the employee was asked."""

    def ask(self, ticket_id: int, post_id: int, at: datetime) -> None: ...
    def newest(self, ticket_id: int) -> Rating | None: ...
    def mark(self, rating: Rating, mark: int, at: datetime) -> bool:
        """Set or change the mark; return False when a comment has made it final."""

    def comment(self, rating: Rating, text_id: int, at: datetime) -> bool:
        """Keep the one comment; return False when there is one already, or no mark yet."""

    def mean(self, since: datetime) -> Mean: ...


class Details(Protocol):
    """Repository of the questions of tickets' checklists, and their answers."""

    def ask(self, ticket_id: int, questions: Sequence[tuple[str, str]], post_id: int, at: datetime) -> None:
        """Record these (key, question) as asked in a post; earlier answers stay."""

    def of(self, ticket_id: int) -> tuple[AskedDetail, ...]:
        """Return all questions of a ticket, in the order in which they were first asked."""

    def answer(self, ticket_id: int, key: str, text_id: int, at: datetime) -> None: ...


class Promises(Protocol):
    """Repository of what judged answers say of each promise, by the promise's key."""

    def read(self, key: str) -> PromiseState:
        """Return the state of a promise, that of a new one where no answer was judged."""

    def lock(self, key: str) -> PromiseState:
        """Return the state of a promise, locked until the transaction ends: nothing is locked after it."""

    def save(self, key: str, state: PromiseState) -> None:
        """Store the state of a locked promise; the rooms are to be told where it is closed."""

    def mark_told(self, key: str, at: datetime) -> bool:
        """Record that the rooms are told of a closed promise; return False when they were, or it is open."""
