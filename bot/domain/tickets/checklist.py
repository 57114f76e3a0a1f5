"""What an employee is asked about a ticket."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AskedDetail:
    """One question of a ticket's checklist.

    `key` names it for good, `question` is how it was put to the employee, `post_id` the newest message that
    asks it. `text_id` is the answer.
    """

    key: str
    question: str
    post_id: int
    text_id: int | None = None
