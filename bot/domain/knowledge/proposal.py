"""Proposed examples: questions whose answer somebody confirmed, and what they would change."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

LIST_EXAMPLES = 30  # of one list, so that an approver reads all of it
AGREEING = 2  # people, from which on a surprising answer is believed
MOST_TAKEN = 2  # right answers that a target may take from the others
_PERSON = "person:"


class Confirmation(StrEnum):
    """How somebody confirmed which target is right."""

    CHOSEN = "chosen"  # picked from a choice, and they did not come back
    SOLVED = "solved"
    NAMED = "named"  # by an engineer


@dataclass(frozen=True, slots=True)
class ConfirmedQuestion:
    """Question with the target that was confirmed; `id` is its episode's, `people` how many said the same.

    `text` is what would become an example: nobody's name, address or secret is in it.
    """

    id: int
    text: str
    language: str
    target: str
    person: int
    confirmed: Confirmation
    people: int = 1


class Held(StrEnum):
    """Why a confirmed question is not proposed."""

    KNOWN = "known"  # it is an example already, or was decided on before
    DISPUTED = "disputed"  # the same words were confirmed for different targets
    DOUBTFUL = "doubtful"  # what others confirmed speaks for another target
    COSTLY = "costly"  # its target would take answers from others


@dataclass(frozen=True, slots=True)
class Measure:
    """What examples of a target change for the questions that were asked, each asked without itself.

    Of `asked` questions of its own so many are answered rightly `before` and `after`; `taken`: right answers
    of other targets in whose place it would be answered.
    """

    asked: int
    before: int
    after: int
    taken: int

    @property
    def gain(self) -> int:
        """Return how many more of its own questions are answered rightly."""
        return self.after - self.before

    @property
    def costs_too_much(self) -> bool:
        """Tell whether it takes or loses more answers than any target may, and more than it gives.

        Of few questions one or two more or less are chance: what is left out for them is missed by others.
        """
        return self.taken > max(self.gain, MOST_TAKEN) or self.gain < -MOST_TAKEN


@dataclass(frozen=True, slots=True)
class Proposal:
    """Proposed examples of one target, all of which are shown; `number` is the list on which it stands."""

    target: str
    examples: tuple[ConfirmedQuestion, ...]
    measure: Measure
    number: int = 0


class ExampleStatus(StrEnum):
    """What was decided on a proposed example."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class LearnedExample:
    """Example that was proposed, as it is kept: without its words, which are its episode's."""

    id: int
    episode_id: int
    target: str
    language: str
    digest: str
    confirmed: Confirmation
    people: int
    number: int
    measure: Measure
    status: ExampleStatus
    approved_at: datetime | None = None
    approved_by: str = ""
    taken_back_at: datetime | None = None
    taken_back_by: str = ""


@dataclass(frozen=True, slots=True)
class ShownExample:
    """Example as an approver reads it; `text` is empty where its words are given up or read otherwise.

    `queue` is that of the question's ticket, if there is one; `by` the name of who approved it.
    """

    kept: LearnedExample
    text: str
    queue: str | None = None
    by: str = ""

    def lies_in(self, queues: frozenset[str] | None) -> bool:
        """Tell whether its ticket, if there is one, is of these queues; None are all queues."""
        return queues is None or self.queue is None or self.queue in queues


def by_person(person_id: int) -> str:
    """Return how somebody who is known is kept as who decided: by our own number, which names nobody."""
    return f"{_PERSON}{person_id}"


def person_of(by: str) -> int | None:
    """Return the number of the person who decided; None where it is an account of the machine."""
    number = by.removeprefix(_PERSON)
    return int(number) if number != by and number.isdecimal() else None


def digest_of(text: str) -> str:
    """Return what tells an example from any other, without its words."""
    return sha256(text.encode()).hexdigest()


def distinct(
    questions: Iterable[tuple[str, ConfirmedQuestion]],
    against: Mapping[tuple[str, str], int],
) -> tuple[list[ConfirmedQuestion], list[ConfirmedQuestion]]:
    """Return each of these, by its words, once, and those that are disputed.

    `against`: how often the same words and target did not help. Where the same words were confirmed for
    different targets, or did not help, one that more people said than all others together, and at least two,
    is believed.
    """
    by_words: dict[str, dict[str, list[ConfirmedQuestion]]] = defaultdict(lambda: defaultdict(list))
    for key, question in questions:
        by_words[key][question.target].append(question)
    kept: list[ConfirmedQuestion] = []
    disputed: list[ConfirmedQuestion] = []
    for key, targets in by_words.items():
        counts = {target: len({one.person for one in said}) for target, said in targets.items()}
        best = max(counts, key=lambda target: counts[target])
        others = sum(counts.values()) - counts[best] + against.get((key, best), 0)
        believed = not others or (counts[best] >= AGREEING and counts[best] > others)
        for target, said in targets.items():
            once = replace(said[0], people=counts[target])
            (kept if believed and target == best else disputed).append(once)
    return kept, disputed


def in_lists(proposals: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """Number the lists: those that gain most first, and whole targets of at most so many examples in each."""
    ordered = sorted(proposals, key=lambda one: (one.measure.taken - one.measure.gain, one.target))
    found: list[Proposal] = []
    number, room = 0, 0
    for one in ordered:
        if len(one.examples) > room:
            number, room = number + 1, LIST_EXAMPLES
        room -= len(one.examples)
        found.append(replace(one, number=number))
    return tuple(found)


def texts_by_target(questions: Sequence[ConfirmedQuestion]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return texts by target and language."""
    found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for one in questions:
        found[one.target][one.language] = (*found[one.target].get(one.language, ()), one.text)
    return found
