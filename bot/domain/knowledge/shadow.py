"""Evaluates shadow mode: the bot's silent decisions, compared with the articles that engineers name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

Key = TypeVar("Key")

ALL = "all"
NO_ARTICLE = ""  # named by an engineer who says that no article would have helped
BANDS = (0.0, 0.35, 0.5, 0.65, 0.75, 0.85, 0.95, 1.0)
ENOUGH_ANSWERS = 60  # answers; when none of them is wrong, at most 5 % are, at 95 % certainty


class Verdict(StrEnum):
    """Verdict on a silent decision, by the article that the engineer named."""

    RIGHT = "right"  # answered with it
    WRONG = "wrong"  # answered with another one, or there is none
    OFFERED = "offered"  # a choice that held it
    MISOFFERED = "misoffered"  # a choice without it
    ESCALATED = "escalated"  # a ticket, and no article would have helped, or a ticket of the kind named
    NEEDLESS = "needless"  # a ticket, although it would have helped
    ASKED_BACK = "asked_back"  # a question back; nobody knows what it would have led to
    UNNAMED = "unnamed"  # an engineer resolved the ticket and named no article
    UNASKED = "unasked"  # it ended in another way: withdrawn, merged, with an outage, by the desk
    WAITING = "waiting"  # the ticket is not closed yet


JUDGED = tuple(Verdict)[:7]


@dataclass(frozen=True, slots=True)
class SilentDecision:
    """Decision of the bot about one question that it kept to itself.

    `kind` is the decision's name in lower case. `candidates` are targets with their confidences, the `shown`
    ones first: what would have been answered or offered. `named` is the target that the engineer named,
    `NO_ARTICLE` for none, None as long as nobody said. `asked`: an engineer resolved it, and so was asked.
    """

    ticket_id: int
    channel: str
    at: datetime
    kind: str
    candidates: tuple[tuple[str, float], ...] = ()
    shown: int = 0
    named: str | None = None
    closed: bool = False
    asked: bool = False

    @property
    def targets(self) -> tuple[str, ...]:
        """Return the targets that would have been shown."""
        return tuple(target for target, _ in self.candidates[: self.shown])

    @property
    def verdict(self) -> Verdict:
        """Return the verdict on this decision."""
        if self.named is None:
            if not self.closed:
                return Verdict.WAITING
            return Verdict.UNNAMED if self.asked else Verdict.UNASKED
        hit = self.named != NO_ARTICLE and self.named in self.targets
        match self.kind:
            case "answer":
                return Verdict.RIGHT if hit else Verdict.WRONG
            case "choose":
                return Verdict.OFFERED if hit else Verdict.MISOFFERED
            case "askback":
                return Verdict.ASKED_BACK
        # Of a service request the kind is shown: naming it is as good as naming no article.
        return Verdict.ESCALATED if hit or self.named == NO_ARTICLE else Verdict.NEEDLESS


@dataclass(frozen=True, slots=True)
class Band:
    """Questions whose best candidate had a confidence from `low` on; `right` of them were about it."""

    low: float
    high: float
    questions: int
    right: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of verdicts."""

    counts: Mapping[Verdict, int]

    def __getitem__(self, verdict: Verdict) -> int:
        return self.counts.get(verdict, 0)

    @property
    def judged(self) -> int:
        """Return how many questions an engineer judged, by saying what would have helped."""
        return sum(self[verdict] for verdict in JUDGED)

    @property
    def unknown(self) -> int:
        """Return how many questions nobody has judged."""
        return sum(self.counts.values()) - self.judged

    @property
    def answers(self) -> int:
        """Return how many answers would have been given."""
        return self[Verdict.RIGHT] + self[Verdict.WRONG]

    @property
    def wrong_share(self) -> float:
        """Return the share of wrong ones among the answers, 0 where there are none."""
        return self[Verdict.WRONG] / self.answers if self.answers else 0.0


@dataclass(frozen=True, slots=True)
class ShadowReport:
    """Results of shadow mode in a period."""

    channels: Mapping[str, Tally]
    total: Tally
    bands: tuple[Band, ...]
    confusions: tuple[tuple[str, str, int], ...]  # target of the wrong answer, article named, how often
    missed: tuple[tuple[str, int], ...]  # articles that would have helped and were not shown, how often
    safe_thresholds: Mapping[str, float]  # by channel: from which confidence on few enough answers are wrong


def report_on(rows: Iterable[SilentDecision], max_wrong: float) -> ShadowReport:
    """Count verdicts by channel and by confidence; `max_wrong` is the tolerable share of wrong answers."""
    found = list(rows)
    channels = sorted({one.channel for one in found})
    by_channel = {name: [one for one in found if one.channel == name] for name in channels}
    wrong = Counter((one.targets[0], one.named or "") for one in found if one.verdict is Verdict.WRONG)
    lost = (Verdict.WRONG, Verdict.MISOFFERED, Verdict.NEEDLESS)
    missed = Counter(one.named for one in found if one.named and one.verdict in lost)
    thresholds = {name: _safe_threshold(rows, max_wrong) for name, rows in by_channel.items()}
    return ShadowReport(
        channels={name: _tally(rows) for name, rows in by_channel.items()},
        total=_tally(found),
        bands=tuple(_band(found, low, high) for low, high in pairwise(BANDS)),
        confusions=tuple((*pair, count) for pair, count in _most(wrong)),
        missed=tuple(_most(missed)),
        safe_thresholds={name: threshold for name, threshold in thresholds.items() if threshold is not None},
    )


def _tally(rows: list[SilentDecision]) -> Tally:
    return Tally(Counter(one.verdict for one in rows))


def _band(rows: list[SilentDecision], low: float, high: float) -> Band:
    inside = [
        one
        for one in rows
        if one.named is not None and one.candidates and low <= one.candidates[0][1]
        if one.candidates[0][1] < high or high == BANDS[-1]
    ]
    return Band(low, high, len(inside), sum(one.candidates[0][0] == one.named for one in inside))


def _safe_threshold(rows: list[SilentDecision], max_wrong: float) -> float | None:
    """Find the lowest confidence from which on at most this share of answers is wrong, None without one."""
    answers = sorted(
        (
            (one.candidates[0][1], one.verdict is Verdict.WRONG)
            for one in rows
            if one.verdict in (Verdict.RIGHT, Verdict.WRONG)
        ),
        reverse=True,
    )
    best, wrong = None, 0
    for number, (confidence, is_wrong) in enumerate(answers, 1):
        wrong += is_wrong
        last = number == len(answers) or answers[number][0] != confidence
        if last and wrong <= max_wrong * number:
            best = confidence
    return best


def _most(counted: Counter[Key]) -> list[tuple[Key, int]]:
    return sorted(counted.items(), key=lambda pair: (-pair[1], str(pair[0])))
