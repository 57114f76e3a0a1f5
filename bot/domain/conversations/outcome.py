"""Outcomes of questions: what became of each, once its window is closed, by what happened in it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

NO_WORD = timedelta(hours=24)  # after the last word nothing more is expected
RE_CONTACT = timedelta(days=7)  # within these the same person comes back about the same


class AnswerVerdict(StrEnum):
    """What an employee said of an answer."""

    SOLVED = "solved"
    NOT_HELPFUL = "not_helpful"


class NotHelpfulReason(StrEnum):
    """Why an answer did not help, as its employee says."""

    WRONG_ARTICLE = "wrong_article"
    OUT_OF_DATE = "out_of_date"
    DID_NOT_WORK = "did_not_work"
    NOT_FOR_ME = "not_for_me"


class EpisodeOutcome(StrEnum):
    """Outcome of an episode; each has exactly one."""

    CONFIRMED = "confirmed"  # they said that it helped
    ASSUMED = "assumed"  # answered, and nothing was heard of it since
    NOT_HELPFUL = "not_helpful"  # they said so, or came back about the same
    OUTAGE = "outage"  # answered by the notice of a known outage
    TICKET = "ticket"
    WITHDRAWN = "withdrawn"
    ABANDONED_CHOICE = "abandoned_choice"
    UNANSWERED_QUESTION = "unanswered_question"
    SMALL_TALK = "small_talk"
    LEFT_ALONE = "left_alone"  # a message in a help channel for which no ticket was wanted
    PENDING = "pending"


DEFLECTED = (EpisodeOutcome.CONFIRMED, EpisodeOutcome.ASSUMED)
# Nobody asked for help, or it is too early to say whether they got it.
NO_QUESTION = (EpisodeOutcome.SMALL_TALK, EpisodeOutcome.LEFT_ALONE, EpisodeOutcome.PENDING)


class Step(StrEnum):
    """What happened in an episode; of what happened at the same time, in this order."""

    WORD = "word"
    OFFERED = "offered"  # a ticket was offered in a help channel
    QUESTION = "question"  # the bot asked back
    CHOICE = "choice"
    NOTICE = "notice"
    SHOWN = "shown"
    NOT_HELPFUL = "not_helpful"
    SOLVED = "solved"
    DROPPED = "dropped"
    JOINED = "joined"  # a ticket that waits for an outage
    TICKET = "ticket"
    WITHDRAWN = "withdrawn"


_RANKS = {step: rank for rank, step in enumerate(Step)}
_OF_TICKETS = (Step.JOINED, Step.TICKET, Step.WITHDRAWN)  # once there is one, nothing else counts
_STANDS_FOR = {
    Step.OFFERED: EpisodeOutcome.LEFT_ALONE,
    Step.QUESTION: EpisodeOutcome.UNANSWERED_QUESTION,
    Step.CHOICE: EpisodeOutcome.ABANDONED_CHOICE,
    Step.NOTICE: EpisodeOutcome.OUTAGE,
    Step.SHOWN: EpisodeOutcome.ASSUMED,
    Step.NOT_HELPFUL: EpisodeOutcome.NOT_HELPFUL,
    Step.SOLVED: EpisodeOutcome.CONFIRMED,
    Step.DROPPED: EpisodeOutcome.WITHDRAWN,
    Step.JOINED: EpisodeOutcome.OUTAGE,
    Step.TICKET: EpisodeOutcome.TICKET,
    Step.WITHDRAWN: EpisodeOutcome.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class EpisodeEvent:
    """Event of an episode: `target` is what it is about, `reason` why an answer did not help."""

    at: datetime
    step: Step
    target: str = ""
    chosen: bool = False  # from a list
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Something else that the same person asked: what it is about, and whether a ticket was opened."""

    at: datetime
    targets: frozenset[str] = frozenset()
    ticket: bool = False


@dataclass(frozen=True, slots=True)
class EpisodeHistory:
    """History of an episode: its events and the same person's other contacts, in any order."""

    started_at: datetime
    events: tuple[EpisodeEvent, ...] = ()
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """Outcome of an episode, the target that it is about, and when its window closes.

    `again`: the person came back about the same target, or with a ticket, within the days of a re-contact.
    """

    outcome: EpisodeOutcome
    target: str
    closes_at: datetime
    again: bool = False


@dataclass(frozen=True, slots=True)
class ShownTarget:
    """Target that was shown in an episode, and what became of it; codes are empty where nobody said."""

    target: str
    at: datetime
    chosen: bool = False
    verdict: str = ""
    reason: str = ""
    again: bool = False


def judge(history: EpisodeHistory, now: datetime) -> Judgement:
    """Judge an episode: pending until its window is closed, the same ever after, whatever comes later."""
    last, closes_at = _walk(history)
    outcome = _STANDS_FOR[last.step] if last else EpisodeOutcome.SMALL_TALK
    again = same = False
    if last is not None and last.step in (Step.SHOWN, Step.SOLVED, Step.NOT_HELPFUL):
        later = [one for one in history.contacts if last.at < one.at < last.at + RE_CONTACT]
        same = any(last.target in one.targets for one in later)
        again = same or any(one.ticket for one in later)
    if same and outcome is EpisodeOutcome.ASSUMED:
        outcome = EpisodeOutcome.NOT_HELPFUL
    if now < closes_at:
        outcome = EpisodeOutcome.PENDING
    return Judgement(outcome, last.target if last else "", closes_at, again)


def find_shown(history: EpisodeHistory, judgement: Judgement) -> tuple[ShownTarget, ...]:
    """Find the targets that were shown before the window closed, in order, each once."""
    shown: dict[str, ShownTarget] = {}
    for event in _in_order(history):
        if event.at >= judgement.closes_at:
            break
        if event.step is Step.SHOWN and event.target not in shown:
            shown[event.target] = ShownTarget(event.target, event.at, event.chosen)
        elif event.step in (Step.SOLVED, Step.NOT_HELPFUL) and event.target in shown:
            said = replace(shown[event.target], verdict=event.step.value, reason=event.reason)
            shown[event.target] = said
    if judgement.again and judgement.target in shown:
        shown[judgement.target] = replace(shown[judgement.target], again=True)
    return tuple(shown.values())


def _walk(history: EpisodeHistory) -> tuple[EpisodeEvent | None, datetime]:
    """Return the last event that counts, and when the window closes: what comes then or later counts not."""
    last: EpisodeEvent | None = None
    closes_at = history.started_at + NO_WORD
    for event in _in_order(history):
        if event.at >= closes_at:
            break
        if last is not None and last.step in _OF_TICKETS and event.step not in _OF_TICKETS:
            continue
        if event.step is Step.WORD:
            closes_at = max(closes_at, event.at + NO_WORD)
            continue
        last = event
        closes_at = max(closes_at, event.at + RE_CONTACT)
    return last, closes_at


def _in_order(history: EpisodeHistory) -> list[EpisodeEvent]:
    return sorted(history.events, key=lambda event: (event.at, _RANKS[event.step], event.target))


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """Counts of outcomes, and how many of each were followed by a re-contact; the counts sum to the whole."""

    counts: Mapping[EpisodeOutcome, int]
    again: Mapping[EpisodeOutcome, int]

    @property
    def total(self) -> int:
        """Return how many episodes there are."""
        return sum(self.counts.values())

    @property
    def questions(self) -> int:
        """Return how many asked for help, and can be judged."""
        return sum(count for outcome, count in self.counts.items() if outcome not in NO_QUESTION)

    def deflected(self, outcome: EpisodeOutcome) -> int:
        """Return how many of an outcome were followed by no re-contact."""
        return self.counts.get(outcome, 0) - self.again.get(outcome, 0)

    def deflection(self, outcome: EpisodeOutcome) -> float | None:
        """Return their share of all questions; None without any."""
        return self.deflected(outcome) / self.questions if self.questions else None


@dataclass(frozen=True, slots=True)
class TargetFigures:
    """Figures of one target: counts of showings, and of engineers who named it."""

    target: str
    shown: int = 0
    solved: int = 0
    not_helpful: int = 0
    again: int = 0
    chosen: int = 0
    named: int = 0
    reasons: Mapping[str, int] | None = None


def count_shown(targets: Iterable[ShownTarget]) -> Iterator[TargetFigures]:
    """Count showings by target."""
    found: dict[str, list[ShownTarget]] = {}
    for one in targets:
        found.setdefault(one.target, []).append(one)
    for target, shown in found.items():
        reasons: dict[str, int] = {}
        for one in shown:
            if one.reason:
                reasons[one.reason] = reasons.get(one.reason, 0) + 1
        yield TargetFigures(
            target,
            shown=len(shown),
            solved=sum(one.verdict == AnswerVerdict.SOLVED for one in shown),
            not_helpful=sum(one.verdict == AnswerVerdict.NOT_HELPFUL for one in shown),
            again=sum(one.again for one in shown),
            chosen=sum(one.chosen for one in shown),
            reasons=reasons,
        )
