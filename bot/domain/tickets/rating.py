"""Ratings that employees give to resolutions."""

from dataclasses import dataclass
from datetime import datetime

MARKS = (1, 2, 3, 4, 5)
MEAN_DAYS = 30
LOW_MARK = 2  # the room is told of a mark up to this one


@dataclass(frozen=True, slots=True)
class Rating:
    """Rating of one resolution: the question to the employee, and their answer.

    `post_id` is the post that asks, `asked_at` the end of the ticket. `mark` is 1 to 5, None before the first
    click; it may be changed until there is a comment, whose text is `comment_id`.
    """

    id: int
    ticket_id: int
    post_id: int
    asked_at: datetime
    mark: int | None = None
    comment_id: int | None = None

    @property
    def low(self) -> bool:
        """Tell whether the mark is so low that the room is told."""
        return self.mark is not None and self.mark <= LOW_MARK


@dataclass(frozen=True, slots=True)
class Mean:
    """Mean of the marks of some days."""

    count: int
    value: float | None
