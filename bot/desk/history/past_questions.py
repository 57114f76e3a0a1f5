"""Reads what was asked in the last weeks, to be asked again."""

from dataclasses import dataclass
from datetime import datetime

from bot.desk.ports.feedback import PastQuestion
from bot.desk.ports.unit_of_work import UnitsOfWork

LOT = 500  # episodes of one look at the database


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions whose words are there, the newest first, and how many have none any more."""

    questions: tuple[PastQuestion, ...]
    without_words: int


def read_asked(begin: UnitsOfWork, since: datetime, most: int | None = None) -> Asked:
    """Read what was asked since then, or the newest of it, lot by lot, each in a transaction of its own."""
    questions: list[PastQuestion] = []
    before: int | None = None
    while most is None or len(questions) < most:
        with begin.reading() as work:
            lot, before = work.outcomes.past_questions(since, before, LOT)
        questions += lot
        if before is None:
            break
    kept = tuple(one for one in questions[:most] if one.text.strip())
    return Asked(kept, len(questions[:most]) - len(kept))
