"""Gaps of the content: what people asked and were not answered, in groups."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.tickets.queues import Queues

MOST_PER_TICKET = timedelta(hours=4)  # of business time; what a ticket lies beyond it is waiting, not work
PER_PERSON = timedelta(minutes=30)  # a person without an answer counts in the order as much as this
_SHORTEST_NAME = 3  # letters of a part of a name that is hidden
_NUMBERS = re.compile(r"(?<!\w)\+?\d(?:[ ().-]?\d){6,}(?!\w)")  # of people, telephones, cards
_ADDRESSES = re.compile(r"\S+@\S+|\b(?:https?://|www\.)\S+")
HIDDEN = "…"


class Missed(StrEnum):
    """Way in which a question was not answered."""

    TICKET = "ticket"
    WRONG_ANSWER = "wrong_answer"
    ABANDONED_CHOICE = "abandoned_choice"


@dataclass(frozen=True, slots=True)
class MissedQuestion:
    """Question that was not answered; `person` is one number for all accounts of who asked.

    `id` is its episode's. `text` is empty where its words were erased. `queue` is its ticket's, None without
    one. `recognised` says that a ticket of its kind was opened, as it should. `shown` holds the targets that
    were shown in vain. `worked` is from when to when an engineer had its ticket, where it was resolved.
    """

    id: int
    person: int
    asker: str
    text: str
    language: str
    missed: Missed
    queue: str | None = None
    recognised: bool = False
    shown: tuple[str, ...] = ()
    worked: tuple[datetime, datetime] | None = None
    ticket: int | None = None

    @property
    def sentence(self) -> str:
        """Return the text without its asker's name, addresses and long numbers."""
        parts = [re.escape(part) for part in self.asker.split() if len(part) >= _SHORTEST_NAME]
        name = re.compile(rf"(?<!\w)(?:{'|'.join(parts) or '(?!)'})(?!\w)", re.IGNORECASE)
        hidden = _NUMBERS.sub(HIDDEN, _ADDRESSES.sub(HIDDEN, self.text))
        return re.sub(rf"{HIDDEN}(?:\s*{HIDDEN})+", HIDDEN, name.sub(HIDDEN, hidden))


@dataclass(frozen=True, slots=True)
class Nearest:
    """Nearest target of a gap: how sure it is on the average, and which of the people's words it lacks."""

    target: str
    title: str
    confidence: float
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Gap: its questions in the people's words, the most central first, and what they cost.

    `ids` are those of all its questions, in this order; `sentences` are some of them. `words` part it from
    the others. `missed` counts questions by how they were missed, `work` is the engineers' business time.
    `nearest` is None where nothing of the content is near. `resolved` are its tickets that were resolved.
    """

    ids: tuple[int, ...]
    sentences: tuple[str, ...]
    words: tuple[str, ...]
    people: int
    missed: dict[Missed, int]
    work: timedelta
    languages: tuple[str, ...]
    queues: tuple[str, ...]
    nearest: Nearest | None = None
    resolved: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """Return the sentence that is nearest to all the others."""
        return self.sentences[0]

    def lies_in(self, queues: frozenset[str] | None) -> bool:
        """Tell whether all its tickets are of these queues; None are all queues."""
        return queues is None or queues.issuperset(self.queues)

    @property
    def questions(self) -> int:
        """Return how many questions there are."""
        return sum(self.missed.values())

    @property
    def cost(self) -> timedelta:
        """Return what puts gaps in order: the engineers' time, and a part for each person."""
        return self.work + self.people * PER_PERSON

    def in_words_of(self, questions: Iterable[MissedQuestion]) -> "Gap | None":
        """Return the gap in the words that these of its questions still have; None where there are none."""
        sentences = tuple(dict.fromkeys(one.sentence for one in questions if one.text))
        if not sentences:
            return None
        said = " ".join(sentences).casefold()
        nearest = self.nearest
        if nearest is not None:
            lacks = tuple(word for word in nearest.lacks if word.casefold() in said)
            nearest = replace(nearest, lacks=lacks)
        words = tuple(word for word in self.words if word.casefold() in said)
        return replace(self, sentences=sentences[: len(self.sentences)], words=words, nearest=nearest)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Counts of questions that are in no gap, by why."""

    erased: int = 0  # their words were erased, or given up after their days
    recognised: int = 0  # a ticket of their kind was opened, as it should
    answered_now: int = 0  # the content of today answers them
    no_question: int = 0  # greetings, wishes for a person, and what has no words
    beyond: int = 0  # older than the newest ones that are looked at
    alone: int = 0  # like too few others


@dataclass(frozen=True, slots=True)
class GapReport:
    """Report of gaps, the dearest first, over `questions` that were not answered in this time."""

    gaps: tuple[Gap, ...]
    questions: int
    left_out: LeftOut


def time_worked(questions: Iterable[MissedQuestion], queues: Queues) -> timedelta:
    """Add up the business time from claim to resolution, of each ticket at most `MOST_PER_TICKET`."""
    total = timedelta()
    for one in questions:
        if one.worked is not None:
            claimed, resolved = one.worked
            # Whoever resolves weeks later has not worked for weeks; so far nobody needs to count.
            end = min(resolved, claimed + timedelta(days=31))
            total += min(queues.of(one.queue or "").hours.between(claimed, end), MOST_PER_TICKET)
    return total


def in_order(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Put gaps in order, the dearest first."""
    return tuple(sorted(gaps, key=lambda gap: (-gap.cost, -gap.questions, gap.name)))


def count_missed(questions: Sequence[MissedQuestion]) -> dict[Missed, int]:
    """Count questions by how they were missed."""
    return {missed: sum(one.missed is missed for one in questions) for missed in Missed}
