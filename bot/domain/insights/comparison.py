"""Compares two periods: a change is told only where it is larger than chance, at 95 %.

Shares are compared by the two-proportion z-test, lengths by the rank-sum test of Mann and Whitney with its
correction for ties, and counts by the quasi-Poisson test: as much as days of the same weekday differ within
the periods, they may differ between them. Each is two-sided.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from bot.domain.conversations.outcome import EpisodeOutcome
from bot.domain.insights.figures import Figure
from bot.domain.insights.histogram import NO_LENGTH, Histogram
from bot.domain.insights.summary import Summary

Z = 1.959964  # of the normal distribution, beyond which 5 % lie on both sides
FEWEST = 20  # of each period; with fewer, nothing is said of a length
FEWEST_EXPECTED = 5  # of each cell; with fewer, nothing is said of a share
WEEK = 7
Count = Callable[[Summary], int]


@dataclass(frozen=True, slots=True)
class Change:
    """Change that is larger than chance: whether it is `up`, and whether that is `better`; None: neither."""

    up: bool
    better: bool | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Period to compare: its summary, and how many tickets were opened on each of its days."""

    summary: Summary
    opened: Sequence[int]


def compare(now: Compared, before: Compared) -> Mapping[str, Change]:
    """Compare two periods; only what changed by more than chance is there, by the names of `Summary.row`."""
    new, old = now.summary, before.summary
    deltas: dict[str, tuple[float, bool | None]] = {
        "tickets_opened": (counts_differ(now.opened, before.opened), None)
    }
    for name, part, whole, good in _shares():
        deltas[name] = share_differs(part(new), whole(new), part(old), whole(old)), good
    for name, figure in (("first_response", Figure.RESPONDED), ("resolution", Figure.RESOLVED)):
        deltas[name] = lengths_differ(new.histogram(figure), old.histogram(figure)), False
    return {
        name: Change(delta > 0, None if good is None else (delta > 0) == good)
        for name, (delta, good) in deltas.items()
        if abs(delta) >= Z
    }


def share_differs(part: int, whole: int, old_part: int, old_whole: int) -> float:
    """Return by how many standard errors a share is larger than before; 0 where there is too little."""
    if not whole or not old_whole:
        return 0.0
    pooled = (part + old_part) / (whole + old_whole)
    if min(pooled, 1 - pooled) * min(whole, old_whole) < FEWEST_EXPECTED:
        return 0.0
    error = sqrt(pooled * (1 - pooled) * (1 / whole + 1 / old_whole))
    return (part / whole - old_part / old_whole) / error


def lengths_differ(new: Histogram, old: Histogram) -> float:
    """Return by how many standard errors lengths are longer than before, by their ranks."""
    buckets = sorted({*new, *old} - {NO_LENGTH})
    many, few = (sum(one.get(bucket, 0) for bucket in buckets) for one in (new, old))
    if min(many, few) < FEWEST:
        return 0.0
    total, below, ranks, ties = many + few, 0, 0.0, 0.0
    for bucket in buckets:
        tied = new.get(bucket, 0) + old.get(bucket, 0)
        ranks += new.get(bucket, 0) * (below + (tied + 1) / 2)
        below += tied
        ties += tied**3 - tied
    spread = many * few / 12 * (total + 1 - ties / (total * (total - 1)))
    return (ranks - many * (total + 1) / 2) / sqrt(spread) if spread > 0 else 0.0


def counts_differ(new: Sequence[int], old: Sequence[int]) -> float:
    """Return by how many standard errors there are more a day than before, for periods of whole weeks."""
    many, few, days, old_days = sum(new), sum(old), len(new), len(old)
    if not days or not old_days or many + few < FEWEST:
        return 0.0
    rate = (many + few) / (days + old_days)
    error = sqrt(_dispersion(new, old) * rate * (1 / days + 1 / old_days))
    return (many / days - few / old_days) / error


def _dispersion(*periods: Sequence[int]) -> float:
    """Return how much more days of one weekday differ than by chance alone; 1 at least."""
    squares, free = 0.0, 0
    for days in periods:
        for weekday in range(WEEK):
            alike = days[weekday::WEEK]
            mean = sum(alike) / len(alike) if alike else 0.0
            if len(alike) > 1 and mean > 0:
                squares += sum((one - mean) ** 2 for one in alike) / mean
                free += len(alike) - 1
    return max(1.0, squares / free) if free else 1.0


def _shares() -> Sequence[tuple[str, Count, Count, bool]]:
    """Return the shares that are compared: their names, parts, wholes, and whether more is better."""

    def of(figure: Figure) -> Count:
        return lambda summary: summary.count(figure)

    def both(one: Figure, other: Figure) -> Count:
        return lambda summary: summary.count(one) + summary.count(other)

    response = both(Figure.RESPONSE_MET, Figure.RESPONSE_MISSED)
    resolution = both(Figure.RESOLUTION_MET, Figure.RESOLUTION_MISSED)
    return (
        ("deflection", lambda one: one.deflected(), lambda one: one.questions, True),
        ("deflection_confirmed", _deflected(EpisodeOutcome.CONFIRMED), lambda one: one.questions, True),
        ("deflection_assumed", _deflected(EpisodeOutcome.ASSUMED), lambda one: one.questions, True),
        ("first_response_met", of(Figure.RESPONSE_MET), response, True),
        ("resolution_met", of(Figure.RESOLUTION_MET), resolution, True),
        ("tickets_reopened", of(Figure.REOPENED), of(Figure.RESOLVED), False),
        ("ratings", lambda one: one.content, of(Figure.RATED), True),
        ("ratings_answered", of(Figure.RATED), of(Figure.RATING_ASKED), True),
        ("answers_not_helpful", of(Figure.NOT_HELPFUL), of(Figure.SHOWN), False),
        ("answers_wrong", of(Figure.WRONG), of(Figure.SHOWN), False),
    )


def _deflected(outcome: EpisodeOutcome) -> Count:
    return lambda summary: summary.deflected(outcome)
