"""Asks questions as the chat would, and judges what became of each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.desk.ports.content import Matcher
from bot.domain.conversations.commands import Command, parse_command
from bot.domain.knowledge.decision import (
    Answer,
    AskBack,
    Choose,
    Decision,
    Match,
    MatchResult,
    OpenTicket,
    Thresholds,
    decide,
)
from bot.domain.knowledge.labelled_question import Question
from bot.domain.knowledge.promise import offer_instead
from bot.domain.knowledge.traffic import Traffic
from bot.domain.secrets.masking import clean, mask, visible
from bot.evaluation.targets import Targets


class Outcome(StrEnum):
    """The outcome of a question; every question has exactly one."""

    RIGHT = "answered rightly"
    WRONG = "answered wrongly"
    OFFERED = "offered with the right one"
    MISOFFERED = "offered without the right one"
    OPENED = "ticket of the right kind"
    ESCALATED = "escalated rightly"
    NEEDLESS = "escalated needlessly"
    LEFT_ALONE = "left alone rightly"
    ASKED_BACK = "asked back"


@dataclass(frozen=True, slots=True)
class MatchedQuestion:
    """A question with its match result; `target` is what it expects."""

    question: Question
    target: str | None
    result: MatchResult


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question with the decision on it, and its outcome.

    `best` is what was answered or the kind of the ticket, else the first candidate. Asking back counts as
    `escalate` in `decision`, for nothing was offered; `outcome` tells it apart. `none` stands for a remark,
    which gets no answer and no ticket.
    """

    asked: MatchedQuestion
    decision: str  # answer | choose | ticket | escalate | none
    best: Match | None
    offered: tuple[str, ...]
    outcome: Outcome

    @property
    def text(self) -> str:
        """The question's text."""
        return self.asked.question.text

    @property
    def target(self) -> str | None:
        """The target that should answer."""
        return self.asked.target

    @property
    def predicted(self) -> str | None:
        """The target that was answered, else the first candidate."""
        return self.best.target if self.best else None

    @property
    def confidence(self) -> float:
        """The confidence of `predicted`."""
        return self.best.confidence if self.best else 0.0

    @property
    def answerable(self) -> bool:
        """Whether something should answer it."""
        return self.asked.target is not None

    def place(self) -> int:
        """The place of the right target among the candidates, from 0; -1 where it is none of them."""
        targets = [match.target for match in self.asked.result.matches]
        return targets.index(self.target) if self.target in targets else -1


def ask(matcher: Matcher, targets: Targets, questions: Sequence[Question]) -> Iterator[MatchedQuestion]:
    """Ask each question as the chat would: cleaned, masked, commands first; of no traffic yet."""
    for question in questions:
        text, _ = mask(clean(question.text))
        result = matcher.find(text) if visible(text) else MatchResult()
        command = parse_command(text)
        if command:
            result = _commanded(result, targets, command.command)
        yield MatchedQuestion(question, targets.of(question.expected), result)


def _commanded(result: MatchResult, targets: Targets, command: Command) -> MatchResult:
    # A command is exact: nothing else is possible then. A wish for a person always opens a ticket; the
    # other commands count where the content has an intent for them.
    target = targets.of_command(command)
    if target is None and command is not Command.PERSON:
        return result
    others = tuple(replace(match, confidence=0.0) for match in result.matches if match.target != target)
    first = (Match(target, 1.0, "command"),) if target is not None else ()
    return replace(result, matches=first + others, vague=False, mix=None)


def in_traffic(
    asked: Iterable[MatchedQuestion], targets: Targets, traffic: Traffic | None
) -> list[MatchedQuestion]:
    """Return what was asked with the confidences that it has in this traffic, if there is any."""
    if traffic is None:
        return list(asked)
    requests = targets.requests
    return [replace(one, result=traffic.under(one.result, requests)) for one in asked]


def judge(
    asked: MatchedQuestion, targets: Targets, thresholds: Thresholds, *, two_way: bool = False
) -> JudgedQuestion:
    """Decide on the match result, and say whether that was right; `two_way` never offers nor asks back."""
    decision = decision_on(asked.result, targets, thresholds, may_ask=not two_way)
    best, kind = asked.result.best, "escalate"
    offered: tuple[str, ...] = ()
    if isinstance(decision, Answer):
        best, kind = decision.match, "answer" if targets.is_answer(decision.match.target) else "none"
    elif isinstance(decision, OpenTicket):
        best, kind = decision.match, "ticket"
    elif isinstance(decision, Choose):
        offered, kind = tuple(match.target for match in decision.matches), "choose"
    if kind == "none" and asked.target is None:
        return JudgedQuestion(asked, kind, best, offered, Outcome.LEFT_ALONE)
    return JudgedQuestion(asked, kind, best, offered, _outcome(decision, asked.target, offered))


def decision_on(result: MatchResult, targets: Targets, thresholds: Thresholds, *, may_ask: bool) -> Decision:
    """The desk's decision; its own actions are never one of a choice."""
    requests = targets.requests
    remarks = targets.content.remarks
    decision = decide(result, thresholds, may_ask=may_ask, requests=requests, remarks=remarks)
    if isinstance(decision, Answer):
        own = decision.match.target in targets.actions
        return decision if thresholds.certified or own else offer_instead(decision, may_ask=may_ask)
    shown = tuple(match for match in result.matches if match.target not in targets.actions)
    return decide(replace(result, matches=shown), thresholds, may_ask=may_ask, requests=requests)


def _outcome(decision: Decision, target: str | None, offered: tuple[str, ...]) -> Outcome:
    match decision:
        case Answer(best):
            return Outcome.RIGHT if best.target == target else Outcome.WRONG
        case Choose():
            return Outcome.OFFERED if target in offered else Outcome.MISOFFERED
        case OpenTicket(kind) if kind.target == target:
            return Outcome.OPENED
        case AskBack():
            return Outcome.ASKED_BACK
    return Outcome.ESCALATED if target is None else Outcome.NEEDLESS
