"""Questions that an employee is asked about a ticket."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AskedDetail:
    """Question of a ticket's checklist.

    `key` identifies it for good, `question` is its wording as the employee read it, `post_id` the newest post
    that asks it. `text_id` is the text of the answer.
    """

    key: str
    question: str
    post_id: int
    text_id: int | None = None
