"""How it went, in the employee's eyes."""

from dataclasses import dataclass
from datetime import datetime

MARKS = (1, 2, 3, 4, 5)
MEAN_DAYS = 30  # the mean is that of so many days
LOW_MARK = 2  # a mark up to this is told to the room


@dataclass(frozen=True, slots=True)
class Rating:
    """What the employee was asked after one resolution, and what they said.

    `post_id` is the message that asks, `asked_at` the end of the ticket. `mark` is 1 to 5, None before the
    first press; it may be changed until there is a sentence, whose text is `comment_id`.
    """

    id: int
    ticket_id: int
    post_id: int
    asked_at: datetime
    mark: int | None = None
    comment_id: int | None = None

    @property
    def low(self) -> bool:
        """Whether the room has to hear of it."""
        return self.mark is not None and self.mark <= LOW_MARK


@dataclass(frozen=True, slots=True)
class Mean:
    """All marks of some days together."""

    count: int
    value: float | None
