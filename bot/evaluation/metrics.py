"""The figures of an evaluation: shares, the curve of wrong answers against answers given, calibration."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.evaluation.judging import JudgedQuestion, Outcome
from bot.evaluation.targets import Targets

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BINS = 10
LIMITS = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
LEVELS = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0)


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over a set of questions."""

    questions: int
    answerable: int
    first: int  # the right target came first
    third: int  # it was among the first three
    outcomes: dict[Outcome, int]

    @property
    def answers(self) -> int:
        """How many answers were given."""
        return self.outcomes[Outcome.RIGHT] + self.outcomes[Outcome.WRONG]

    @property
    def wrong_share(self) -> float:
        """The share of wrong ones among the answers given; 0 where none was."""
        return share(self.outcomes[Outcome.WRONG], self.answers)


def share(part: int, whole: int) -> float:
    """A share from 0 to 1; 0 of nothing."""
    return part / whole if whole else 0.0


def figures(judged: Sequence[JudgedQuestion]) -> Figures:
    """Count the outcomes of questions."""
    places = [one.place() for one in judged if one.answerable]
    counted = Counter(one.outcome for one in judged)
    return Figures(
        questions=len(judged),
        answerable=len(places),
        first=sum(place == 0 for place in places),
        third=sum(0 <= place < 3 for place in places),
        outcomes={outcome: counted[outcome] for outcome in Outcome},
    )


def by_language(judged: Sequence[JudgedQuestion]) -> dict[str, Figures]:
    """The figures of each language that the questions name, if they name more than one."""
    languages = sorted({one.asked.question.language for one in judged})
    if len(languages) < 2:
        return {}
    return {
        name: figures([one for one in judged if one.asked.question.language == name]) for name in languages
    }


def first_candidates(judged: Sequence[JudgedQuestion], targets: Targets) -> tuple[Floats, Flags]:
    """The confidence of each question's first candidate, and whether that is the right one.

    Questions whose first candidate is no answer are left out: a service request opens a ticket, and a remark
    is left alone.
    """
    firsts = [(one, one.asked.result.best) for one in judged]
    kept = [(one, match) for one, match in firsts if match is None or targets.is_answer(match.target)]
    confidence = np.array([match.confidence if match else 0.0 for _, match in kept], np.float64)
    right = np.array([one.answerable and one.place() == 0 for one, _ in kept], np.bool_)
    return confidence, right


@dataclass(frozen=True, slots=True)
class Point:
    """What would happen if every first candidate from the confidence `cut` on were answered."""

    cut: float
    given: int
    right: int

    @property
    def wrong_share(self) -> float:
        """The share of wrong ones among the answers given."""
        return share(self.given - self.right, self.given)


def curve(confidence: Floats, right: Flags) -> list[Point]:
    """One point for each confidence that occurs, the highest first; equal ones are answered together."""
    order = np.argsort(-confidence, kind="stable")
    levels, hits = confidence[order], np.cumsum(right[order])
    last = np.append(np.flatnonzero(np.diff(levels)), len(levels) - 1) if len(levels) else np.zeros(0, int)
    return [Point(float(levels[at]), int(at) + 1, int(hits[at])) for at in last]


def at_levels(points: Sequence[Point], levels: Sequence[float] = LEVELS) -> list[Point]:
    """The curve at round thresholds."""
    found = []
    for level in levels:
        within = [point for point in points if point.cut >= level]
        found.append(Point(level, within[-1].given, within[-1].right) if within else Point(level, 0, 0))
    return found


def within_limits(points: Sequence[Point], limits: Sequence[float] = LIMITS) -> dict[float, Point | None]:
    """For each tolerable share of wrong answers the point with most right ones; None where there is none."""
    return {
        limit: max(
            (point for point in points if point.wrong_share <= limit),
            key=lambda point: (point.right, -point.given),
            default=None,
        )
        for limit in limits
    }


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions whose first candidate's confidence lies from `low` to `high`."""

    low: float
    high: float
    questions: int
    confidence: float  # mean
    right: float  # share


def calibration(confidence: Floats, right: Flags, bins: int = BINS) -> tuple[list[Bin], float]:
    """Confidence against truth in bins of equal width, and the expected calibration error.

    The error is the mean over all questions of |mean confidence - share right| of the question's bin.
    """
    place = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    found, error = [], 0.0
    for index in range(bins):
        inside = place == index
        number = int(inside.sum())
        mean = float(confidence[inside].mean()) if number else 0.0
        hit = float(right[inside].mean()) if number else 0.0
        found.append(Bin(index / bins, (index + 1) / bins, number, mean, hit))
        error += number * abs(mean - hit)
    return found, error / len(confidence) if len(confidence) else 0.0
