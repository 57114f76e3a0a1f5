"""Summaries of sums: the figures that a manager reads, of some days or of a part of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.domain.conversations.outcome import DEFLECTED, NO_QUESTION, EpisodeOutcome, OutcomeCounts
from bot.domain.insights.figures import Figure, figure_of
from bot.domain.insights.histogram import Histogram, percentile
from bot.domain.tickets.rating import MARKS

MEDIAN, NINETIETH = 0.5, 0.9
HIGH_MARK = 4  # who gives this or more is content
_NEVER_COUNTED = EpisodeOutcome.PENDING


@dataclass(frozen=True)
class Summary:
    """Summary of some sums; shares are None where there is nothing to divide by, lengths are seconds."""

    counts: Mapping[tuple[str, int], int] = field(default_factory=dict)

    def count(self, figure: Figure | str) -> int:
        """Return how often a figure counts."""
        return sum(self.histogram(figure).values())

    def histogram(self, figure: Figure | str) -> Histogram:
        """Return the buckets of a figure."""
        return self._buckets.get(str(figure), {})

    @cached_property
    def _buckets(self) -> Mapping[str, Counter[int]]:
        found: dict[str, Counter[int]] = {}
        for (figure, bucket), count in self.counts.items():
            found.setdefault(str(figure), Counter())[bucket] += count
        return found

    @cached_property
    def outcomes(self) -> OutcomeCounts:
        """Return the outcomes of questions."""
        known = [one for one in EpisodeOutcome if one is not _NEVER_COUNTED]
        return OutcomeCounts(
            {one: self.count(figure_of(one)) for one in known},
            {one: self.histogram(figure_of(one)).get(1, 0) for one in known},
        )

    @property
    def questions(self) -> int:
        """Return how many asked for help, and can be judged."""
        return self.outcomes.questions

    def deflected(self, outcome: EpisodeOutcome | None = None) -> int:
        """Return how many were answered without a ticket and came not back: confirmed, assumed, or both."""
        return sum(self.outcomes.deflected(one) for one in ((outcome,) if outcome else DEFLECTED))

    def within(self, figure: Figure, share: float) -> float | None:
        """Return within how many seconds a share of the responses or resolutions came."""
        return percentile(self.histogram(figure), share)

    @property
    def marks(self) -> Mapping[int, int]:
        """Return how many gave each mark."""
        given = self.histogram(Figure.RATED)
        return {mark: given.get(mark, 0) for mark in MARKS}

    @property
    def content(self) -> int:
        """Return how many gave a high mark."""
        return sum(count for mark, count in self.marks.items() if mark >= HIGH_MARK)

    def row(self) -> dict[str, int | float | None]:
        """Return all figures by the names under which they are printed and exported; they are stable."""
        count = self.count
        return {
            "questions": self.questions,
            **{f"questions_{one.value}": self.outcomes.counts[one] for one in _TOLD},
            "deflected_confirmed": self.deflected(EpisodeOutcome.CONFIRMED),
            "deflected_assumed": self.deflected(EpisodeOutcome.ASSUMED),
            "deflection_confirmed": ratio(self.deflected(EpisodeOutcome.CONFIRMED), self.questions),
            "deflection_assumed": ratio(self.deflected(EpisodeOutcome.ASSUMED), self.questions),
            "answers_shown": count(Figure.SHOWN),
            "answers_not_helpful": count(Figure.NOT_HELPFUL),
            "answers_wrong": count(Figure.WRONG),
            "tickets_opened": count(Figure.OPENED),
            "tickets_responded": count(Figure.RESPONDED),
            "first_response_median_seconds": self.within(Figure.RESPONDED, MEDIAN),
            "first_response_90th_seconds": self.within(Figure.RESPONDED, NINETIETH),
            "first_response_met": count(Figure.RESPONSE_MET),
            "first_response_missed": count(Figure.RESPONSE_MISSED),
            "tickets_resolved": count(Figure.RESOLVED),
            "resolution_median_seconds": self.within(Figure.RESOLVED, MEDIAN),
            "resolution_90th_seconds": self.within(Figure.RESOLVED, NINETIETH),
            "resolution_met": count(Figure.RESOLUTION_MET),
            "resolution_missed": count(Figure.RESOLUTION_MISSED),
            "tickets_cancelled": count(Figure.WITHDRAWN),
            "tickets_reopened": count(Figure.REOPENED),
            "ratings_asked": count(Figure.RATING_ASKED),
            "ratings_answered": count(Figure.RATED),
            **{f"ratings_{mark}": given for mark, given in self.marks.items()},
        }


def ratio(part: int, whole: int) -> float | None:
    """Return a share; None of nothing."""
    return part / whole if whole else None


_TOLD = tuple(one for one in EpisodeOutcome if one not in NO_QUESTION)
COLUMNS = tuple(Summary().row())
