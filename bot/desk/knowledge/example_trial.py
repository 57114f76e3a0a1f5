"""Tries confirmed questions as examples: each is asked of a content that has the others, and lacks itself."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass

from bot.desk.knowledge.library import thresholds_in
from bot.desk.ports.content import Matcher
from bot.domain.knowledge.added_examples import with_examples
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import Answer, MatchResult, OpenTicket, Tolerance, decide
from bot.domain.knowledge.proposal import (
    AGREEING,
    ConfirmedQuestion,
    Held,
    Measure,
    Proposal,
    in_lists,
    texts_by_target,
)

FOLDS = 5
DOUBT = 0.65  # confidence in another target, which comes first: from here on one person is not believed
Make = Callable[[Content], Matcher]
Reached = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """Result of a trial: what is proposed, in lists, and how many questions are held back, by why."""

    proposals: tuple[Proposal, ...]
    held: Counter[Held]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Confirmed question, what was found for it, and the target that it is answered with, if any."""

    question: ConfirmedQuestion
    result: MatchResult
    answered: str | None

    @property
    def right(self) -> bool:
        """Tell whether it is answered as was confirmed."""
        return self.answered == self.question.target

    @property
    def doubtful(self) -> bool:
        """Tell whether another target is likelier than the word of one person."""
        best = self.result.best
        if best is None or best.target == self.question.target or self.question.people >= AGREEING:
            return False
        return best.confidence >= DOUBT


class ExampleTrial:
    """Trial of confirmed questions on one content; for a process of its own, for it learns eleven times."""

    def __init__(self, content: Content, make: Make, tolerance: Tolerance, reached: Reached) -> None:
        self._content = content
        self._make = make
        self._tolerance = tolerance
        self._reached = reached
        self._asked = 0

    def run(self, questions: Sequence[ConfirmedQuestion]) -> Trial:
        """Hold back what the others contradict, and measure what is left.

        `reached` is told how many questions were asked, of how many.
        """
        ordered = sorted(questions, key=lambda one: (one.target, one.id))  # each target in every fold
        self._asked, total = 0, 3 * len(ordered)
        first = self._ask_apart(ordered, total)
        kept = [one.question for one in first if not one.doubtful]
        after = self._ask_apart(kept, total)
        # Without the wrong ones among the others it is clearer which of the rest are wrong.
        left = {one.question.id for one in after if not one.doubtful}
        after = [one for one in after if one.question.id in left]
        before = self._ask(self._content, [one.question for one in after], total)
        proposals = _proposals(before, after)
        costly = sum(len(one.examples) for one in proposals if one.measure.costs_too_much)
        held = Counter({Held.DOUBTFUL: len(ordered) - len(left), Held.COSTLY: costly})
        return Trial(in_lists(one for one in proposals if not one.measure.costs_too_much), +held)

    def _ask_apart(self, questions: Sequence[ConfirmedQuestion], total: int) -> list[_Asked]:
        """Ask each part of the questions of the content with the other parts."""
        asked: list[_Asked] = []
        for fold in range(min(FOLDS, len(questions))):
            part = questions[fold::FOLDS]
            ids = {one.id for one in part}
            others = texts_by_target([one for one in questions if one.id not in ids])
            asked += self._ask(with_examples(self._content, others, f"fold-{fold}"), part, total)
        return sorted(asked, key=lambda one: (one.question.target, one.question.id))

    def _ask(self, content: Content, questions: Sequence[ConfirmedQuestion], total: int) -> list[_Asked]:
        if not questions:
            return []
        matcher, asked = self._make(content), []
        thresholds = thresholds_in(None, matcher, self._tolerance)
        for one in questions:
            result = matcher.find(one.text, one.language or None)
            decision = decide(result, thresholds, requests=content.service_requests, remarks=content.remarks)
            answered = decision.match.target if isinstance(decision, Answer | OpenTicket) else None
            asked.append(_Asked(one, result, answered))
            self._asked += 1
            self._reached(self._asked, total)
        return asked


def _proposals(before: Iterable[_Asked], after: Sequence[_Asked]) -> list[Proposal]:
    was_right: Set[int] = {one.question.id for one in before if one.right}
    own: defaultdict[str, list[_Asked]] = defaultdict(list)
    taken: Counter[str] = Counter()
    for one in after:
        own[one.question.target].append(one)
        if one.question.id in was_right and not one.right and one.answered is not None:
            taken[one.answered] += 1
    return [
        Proposal(
            target,
            tuple(one.question for one in asked),
            Measure(
                asked=len(asked),
                before=sum(one.question.id in was_right for one in asked),
                after=sum(one.right for one in asked),
                taken=taken[target],
            ),
        )
        for target, asked in own.items()
    ]
