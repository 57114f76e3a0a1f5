"""Compares what two contents do with the questions that were asked before."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.desk.ports.content import Matcher
from bot.desk.ports.feedback import PastQuestion
from bot.domain.knowledge.decision import Answer, AskBack, Choose, OpenTicket, Thresholds
from bot.domain.knowledge.labelled_question import Question
from bot.evaluation.judging import MatchedQuestion, ask, decision_on
from bot.evaluation.targets import Targets


class Treatment(StrEnum):
    """What becomes of a question; each has exactly one."""

    ANSWER = "answer"
    CHOICE = "choice"
    ASK_BACK = "ask_back"
    TICKET = "ticket"  # of a kind, or of none
    ALONE = "alone"  # a remark


@dataclass(frozen=True, slots=True)
class Treated:
    """Treatment of a question: what is answered or offered, and how likely an answer is right."""

    treatment: Treatment
    targets: tuple[str, ...] = ()
    confidence: float = 0.0

    @property
    def answered(self) -> str | None:
        """The target that is answered."""
        return self.targets[0] if self.treatment is Treatment.ANSWER else None


@dataclass(frozen=True, slots=True)
class Replayed:
    """Question that was asked before, and what becomes of it on both sides."""

    question: PastQuestion
    before: Treated
    now: Treated


@dataclass(frozen=True, slots=True)
class Side:
    """What one side does with all questions: how many are treated how, and answers known right or wrong."""

    treatments: Mapping[Treatment, int]
    right: int
    wrong: int
    expected_right: float | None = None
    """Answers that are expected to be right by their confidences; None where these are not known."""

    def share(self, treatment: Treatment) -> float:
        """The share of the questions that are treated so."""
        return self.treatments.get(treatment, 0) / max(sum(self.treatments.values()), 1)


@dataclass(frozen=True, slots=True)
class Taking:
    """Target that takes questions from another one: in its place, or beside it where it answered alone."""

    thief: str
    victim: str
    questions: tuple[Replayed, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """What is different between two sides, over the same questions."""

    before: Side
    now: Side
    changed: tuple[Replayed, ...]
    fewer_tickets: tuple[Replayed, ...]  # that would have been answered
    more_tickets: tuple[Replayed, ...]  # that were answered
    lost: tuple[Replayed, ...]  # answered rightly before, and neither answered so nor offered now
    weakened: tuple[Replayed, ...]  # answered rightly before, one of a choice now
    gained: tuple[Replayed, ...]
    takings: tuple[Taking, ...]  # those that take most first


def match_again(matcher: Matcher, targets: Targets, questions: Sequence[str]) -> Iterable[MatchedQuestion]:
    """Match questions as the chat would; of no traffic yet."""
    return ask(matcher, targets, [Question(text, None) for text in questions])


def decide_on(matched: MatchedQuestion, targets: Targets, thresholds: Thresholds) -> Treated:
    """Decide on a match result as the desk would."""
    match decision_on(matched.result, targets, thresholds, may_ask=True):
        case Answer(best):
            answers = targets.is_answer(best.target)
            kind = Treatment.ANSWER if answers else Treatment.ALONE
            return Treated(kind, (best.target,), best.confidence if answers else 0.0)
        case Choose(matches):
            return Treated(Treatment.CHOICE, tuple(match.target for match in matches))
        case OpenTicket(kind_of_ticket):
            return Treated(Treatment.TICKET, (kind_of_ticket.target,))
        case AskBack():
            return Treated(Treatment.ASK_BACK)
    return Treated(Treatment.TICKET)


_THEN = {
    "answer": Treatment.ANSWER,
    "choose": Treatment.CHOICE,
    "askback": Treatment.ASK_BACK,
}


def treated_then(question: PastQuestion) -> Treated:
    """What was done with a question when it was asked; how sure it was counts for another traffic."""
    treatment = _THEN.get(question.decision, Treatment.TICKET)
    shown = {Treatment.ANSWER: 1, Treatment.CHOICE: len(question.targets)}.get(treatment, 0)
    return Treated(treatment, question.targets[:shown])


def compare(replayed: Sequence[Replayed]) -> Replay:
    """Compare both sides."""
    changed = tuple(one for one in replayed if _differs(one))
    return Replay(
        before=_side([(one.question, one.before) for one in replayed]),
        now=_side([(one.question, one.now) for one in replayed]),
        changed=changed,
        fewer_tickets=tuple(
            one
            for one in changed
            if one.before.treatment is Treatment.TICKET and one.now.treatment is Treatment.ANSWER
        ),
        more_tickets=tuple(
            one
            for one in changed
            if one.before.treatment is Treatment.ANSWER and one.now.treatment is Treatment.TICKET
        ),
        lost=tuple(one for one in changed if _is_right(one, one.before) and not _offers_right(one)),
        weakened=tuple(
            one
            for one in changed
            if _is_right(one, one.before) and not _is_right(one, one.now) and _offers_right(one)
        ),
        gained=tuple(one for one in changed if _is_right(one, one.now) and not _is_right(one, one.before)),
        takings=_takings(changed),
    )


def _differs(one: Replayed) -> bool:
    return (one.before.treatment, one.before.targets) != (one.now.treatment, one.now.targets)


def _is_right(one: Replayed, treated: Treated) -> bool:
    return one.question.right is not None and treated.answered == one.question.right


_SHOWS = (Treatment.ANSWER, Treatment.CHOICE)


def _offers_right(one: Replayed) -> bool:
    return one.now.treatment in _SHOWS and one.question.right in one.now.targets


def _side(treated: Sequence[tuple[PastQuestion, Treated]]) -> Side:
    answers = [(question, one) for question, one in treated if one.treatment is Treatment.ANSWER]
    sure = [one.confidence for _, one in answers]
    return Side(
        treatments=Counter(one.treatment for _, one in treated),
        right=sum(one.answered == question.right for question, one in answers),
        wrong=sum(is_wrong(question, one.answered) for question, one in answers),
        expected_right=sum(sure) if all(sure) else None,
    )


def is_wrong(question: PastQuestion, target: str | None) -> bool:
    """Whether somebody has said what shows that this is no answer to a question."""
    if target in question.wrong:
        return True
    return question.right is not None and target != question.right


def _takings(changed: Sequence[Replayed]) -> tuple[Taking, ...]:
    pairs: dict[tuple[str, str], list[Replayed]] = defaultdict(list)
    for one in changed:
        if one.now.treatment not in _SHOWS or one.before.treatment not in _SHOWS:
            continue
        before, now = one.before.targets, one.now.targets
        alone = one.before.answered
        victims = [target for target in before if target not in now or target == alone != one.now.answered]
        for thief in now:
            if thief not in before:
                for victim in victims:
                    pairs[thief, victim].append(one)
    found = [Taking(thief, victim, tuple(questions)) for (thief, victim), questions in pairs.items()]
    return tuple(sorted(found, key=lambda one: (-len(one.questions), one.thief, one.victim)))
