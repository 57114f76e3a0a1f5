"""Reports of a period: its figures, what changed since the one before, week by week and part by part."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.insights.comparison import Change
from bot.domain.insights.figures import EVERY_QUEUE, DaySum, Dimension, Figure
from bot.domain.insights.summary import Summary

WEEK = timedelta(weeks=1)
DAY = timedelta(days=1)
# Ages of the backlog: up to each of these, and older than the last.
AGES = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=30))
PARTED = tuple(one for one in Dimension if one is not Dimension.WHOLE)
MOST_PARTS = 20  # values of one dimension that are told; the others are told as one


@dataclass(frozen=True, slots=True)
class Period:
    """Days in UTC, both included."""

    since: date
    until: date

    @classmethod
    def last_weeks(cls, weeks: int, today: date) -> "Period":
        """Make the period of so many weeks up to today, from a Monday on."""
        return cls(monday_of(today) - (weeks - 1) * WEEK, today)

    @property
    def before(self) -> "Period":
        """Return the same weekdays, as many whole weeks earlier as it takes."""
        weeks = -(-self.days // 7)
        return Period(self.since - weeks * WEEK, self.until - weeks * WEEK)

    @property
    def days(self) -> int:
        """Return how many days there are."""
        return (self.until - self.since).days + 1

    def each_day(self, counts: Mapping[date, int]) -> Sequence[int]:
        """Return the count of each day, 0 where there is none."""
        return [counts.get(self.since + number * DAY, 0) for number in range(self.days)]


@dataclass(frozen=True, slots=True)
class Part:
    """Part of a period, by one value of a dimension; of `others` it is all that are not told apart."""

    value: str
    summary: Summary
    others: bool = False


@dataclass(frozen=True, slots=True)
class Backlog:
    """Backlog of this moment: how many of each of `AGES` and older, and how many miss a target."""

    ages: tuple[int, ...] = (0,) * (len(AGES) + 1)
    overdue: int = 0

    @property
    def total(self) -> int:
        """Return how many there are."""
        return sum(self.ages)


@dataclass(frozen=True, slots=True)
class Report:
    """Report of a period of one queue or of all; `weeks` by their Mondays, cut to the period.

    `pending` are questions by Monday of which it is too early to say what became of them; `waiting` are
    tickets and questions that are yet to be counted.
    """

    period: Period
    queue: str
    summary: Summary
    before: Summary
    changes: Mapping[str, Change]
    weeks: Mapping[date, Summary]
    dimension: Dimension
    parts: Sequence[Part]
    backlog: Backlog
    pending: Mapping[date, int]
    waiting: int

    @property
    def of_every_queue(self) -> bool:
        """Tell whether it is of all queues: questions that were answered without a ticket have none."""
        return self.queue == EVERY_QUEUE


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - day.weekday() * DAY


def summarise(sums: Iterable[DaySum]) -> Summary:
    """Add sums up."""
    counts: Counter[tuple[str, int]] = Counter()
    for one in sums:
        counts[one.figure, one.bucket] += one.count
    return Summary(counts)


def by_week(sums: Iterable[DaySum], period: Period) -> Mapping[date, Summary]:
    """Summarise each week of a period, also those in which nothing was."""
    found: dict[date, list[DaySum]] = defaultdict(list)
    for one in sums:
        found[monday_of(one.day)].append(one)
    first = monday_of(period.since)
    weeks = (monday_of(period.until) - first) // WEEK + 1
    return {first + number * WEEK: summarise(found.get(first + number * WEEK, ())) for number in range(weeks)}


def by_value(sums: Iterable[DaySum]) -> Sequence[Part]:
    """Summarise each value, the busiest first; those beyond `MOST_PARTS` are one, and so is what has none."""
    found: dict[str, list[DaySum]] = defaultdict(list)
    for one in sums:
        found[one.value].append(one)
    parts = [Part(value, summarise(those)) for value, those in found.items()]
    parts.sort(key=lambda one: (-_size(one.summary), one.value))
    if len(parts) <= MOST_PARTS + 1:
        return parts
    rest = [one for part in parts[MOST_PARTS:] for one in found[part.value]]
    return [*parts[:MOST_PARTS], Part("", summarise(rest), others=True)]


def _size(summary: Summary) -> int:
    return summary.questions + summary.count(Figure.OPENED) + summary.count(Figure.SHOWN)
