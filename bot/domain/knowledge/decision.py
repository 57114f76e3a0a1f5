"""Decides what follows from a match result: answer, offer a choice, ask back, or open a ticket."""

from collections.abc import Container
from dataclasses import dataclass, replace

MOST_OFFERED = 3  # candidates in a choice
# Candidates that are offered beside the best one have at least this share of the threshold for a choice.
OFFERED_SHARE = 0.2
# The best one has at least this share of it: three that are each far-fetched are no choice.
BEST_SHARE = 0.5
# So it is where nothing but a thing is named: “the mouse” may be broken, or wanted.
NAMED_SHARE = 0.1
# A second one with more than this share of the best one's confidence is a near tie.
TIE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Match:
    """Candidate of a match: `target` is an article's or an intent's id, `confidence` is from 0 to 1.

    `why` holds the words of the question that speak for it, the rarest first: `typed→meant` for a corrected
    word, `asked≈there` for one to which a word of the target is related.
    """

    target: str
    confidence: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Mix:
    """Mix of a desk's questions, as shares: what articles and replies answer, service requests, nothing."""

    answers: float
    requests: float
    nothing: float

    @property
    def unanswered(self) -> float:
        """Return the share of questions that no article answers."""
        return self.requests + self.nothing

    def with_unanswered(self, share: float) -> "Mix":
        """Return the mix with this share of questions that no article answers, its parts in proportion."""
        scale = share / max(self.unanswered, 1e-9)
        return Mix(1 - share, self.requests * scale, self.nothing * scale)


@dataclass(frozen=True, slots=True)
class MatchResult:
    """Result of matching one text; matches come best first."""

    matches: tuple[Match, ...] = ()
    language: str | None = None
    vague: bool = False  # nothing in it says what it is about
    bare: bool = False  # it says that something fails, and not what
    names_only: bool = False  # it names a thing, and says nothing of it
    one_word: bool = False  # beside articles and the like
    angry: bool = False
    asks: bool = False  # it has the form of a question or a request
    breakdown: bool = False  # it says that something is broken
    words_alone: bool = False  # no embedding could be had: the confidences come from words alone
    nothing: float = 0.0  # how likely it is that nothing of the content fits
    mix: Mix | None = None  # of the questions among which the confidences hold
    needs_person: bool = False  # the best one may not wait, however sure it is

    @property
    def best(self) -> Match | None:
        """Return the best candidate, None where there is none."""
        return self.matches[0] if self.matches else None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Confidences from which on a match is answered, and from which on several are offered.

    `choose` is compared with the sum of the confidences of what is offered: how likely it is that the choice
    holds the right one. `margin` is by how much a sure match leads the next one. Where a certainty is wanted
    and nothing is `certified`, what is sure enough is offered, not answered.
    """

    answer: float = 0.75
    choose: float = 0.5
    margin: float = 0.1
    certified: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.choose <= self.answer <= 1:
            raise ValueError("thresholds must hold 0 <= choose <= answer <= 1")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Tolerable share of wrong answers; thresholds that the operator sets win over those it leads to.

    With a `certainty` a threshold must be certified on labelled questions, and the operator's can only be
    more careful.
    """

    max_wrong: float = 0.05
    answer_from: float | None = None
    choose_from: float | None = None
    certainty: float | None = None

    def thresholds(self, proposed: Thresholds) -> Thresholds:
        """Return the thresholds in force, where `proposed` are those that follow from `max_wrong`."""
        answer = proposed.answer if self.answer_from is None else self.answer_from
        choose = proposed.choose if self.choose_from is None else self.choose_from
        if self.certainty is not None:
            answer = max(answer, proposed.answer)
        return Thresholds(answer, min(choose, answer), proposed.margin, proposed.certified)


@dataclass(frozen=True, slots=True)
class Answer:
    """Decision to show this target."""

    match: Match


@dataclass(frozen=True, slots=True)
class Choose:
    """Decision to offer two or three targets, or a single one that is not sure enough."""

    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class AskBack:
    """Decision to ask what it is about."""


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Decision to open a ticket of the kind that this target names: a request, or what may not wait."""

    match: Match


@dataclass(frozen=True, slots=True)
class Escalate:
    """Decision to open a ticket of no kind."""


Decision = Answer | Choose | AskBack | OpenTicket | Escalate


def decide(
    result: MatchResult,
    thresholds: Thresholds,
    *,
    may_ask: bool = True,
    requests: Container[str] = frozenset(),
    remarks: Container[str] = frozenset(),
) -> Decision:
    """Decide what to do with a match result; `requests` holds the targets that open a ticket of their kind.

    `remarks` holds those that are no request at all: a kind word harms less than an answer, so that they need
    to be no surer than a choice; it is no answer to what is broken. With `may_ask` false there is no question
    back and no choice.
    """
    best = result.best
    if best is not None and best.target in remarks:
        if best.confidence >= thresholds.choose and not result.breakdown:
            return Answer(best)
        shown = tuple(match for match in result.matches if match.target not in remarks)
        return decide(replace(result, matches=shown), thresholds, may_ask=may_ask, requests=requests)
    decision = _decide(result, thresholds, requests)
    return decision if may_ask else without_asking(decision)


def _decide(result: MatchResult, thresholds: Thresholds, requests: Container[str]) -> Decision:
    best = result.best
    if result.needs_person and best is not None:
        # What is less likely than not is read by a person at once; nobody is told what it is.
        return Answer(best) if best.confidence >= thresholds.choose else OpenTicket(best)
    if result.vague:
        return AskBack()
    if best is None:
        return Escalate()
    named = result.names_only and best.target in requests
    least = thresholds.choose * (NAMED_SHARE if named else OFFERED_SHARE)
    rival = result.matches[1].confidence if len(result.matches) > 1 else 0.0
    if best.target in requests:
        # A wrong kind costs an engineer a click, a wrong answer an employee's trust: less sure will do.
        if best.confidence >= thresholds.choose and not _rivalled(result, least, requests):
            # “Chair”: is one wanted?
            return Choose((best,)) if named and result.one_word else OpenTicket(best)
    elif best.confidence >= thresholds.answer and not _tied(best.confidence, rival, thresholds):
        return Answer(best)
    unsure = AskBack() if result.bare else Escalate()
    if best.confidence < thresholds.choose * BEST_SHARE:
        return unsure
    # Beside the best one, everything that is not far-fetched: versions of one thing share their words.
    offered = tuple(match for match in result.matches[:MOST_OFFERED] if match.confidence >= least)
    if sum(match.confidence for match in offered) < thresholds.choose:
        return unsure
    # Between kinds of tickets nobody is asked to choose.
    return OpenTicket(best) if all(match.target in requests for match in offered) else Choose(offered)


def without_asking(decision: Decision) -> Decision:
    """Return the decision where nothing may be asked: a ticket instead of a question back or a choice."""
    return decision if isinstance(decision, Answer | OpenTicket) else Escalate()


def _rivalled(result: MatchResult, least: float, requests: Container[str]) -> bool:
    # “Headset”: a new one, or one that is broken, which an article repairs? That is worth a question.
    first, *others = result.matches[:MOST_OFFERED]
    near = least if result.names_only else first.confidence * TIE_SHARE
    return any(match.target not in requests and match.confidence > near for match in others)


def _tied(best: float, rival: float, thresholds: Thresholds) -> bool:
    # With a margin of 0 the better one is taken, however near they are.
    return thresholds.margin > 0 and (best - rival < thresholds.margin or rival > best * TIE_SHARE)
