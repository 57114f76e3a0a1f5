"""Computes business time: the time within a queue's hours, by the local clock of its zone."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.errors import NeverOpen

DAY = timedelta(days=1)
MINUTES_PER_DAY = 24 * 60
HORIZON_DAYS = 3660  # within these a queue must open
DAYS_CLOSED = 31  # one after the other that are looked through for a business day
NINE = 9 * 60  # minutes after midnight
# Whatever else is given, `zoneinfo` looks for in packages, as deep as there are dots in it.
NAME_OF_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,32}(?:/[A-Za-z0-9_+-]{1,32}){0,2}")
Stretch = tuple[datetime, datetime]  # aware, in UTC; the end is not part of it


@dataclass(frozen=True, slots=True)
class Span:
    """Span from one time of a day to another, in minutes after the day's midnight.

    Past 1440 it ends on the next day; it belongs to the day on which it begins.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not (0 <= self.start < MINUTES_PER_DAY and self.start < self.end <= self.start + MINUTES_PER_DAY):
            raise ValueError("a span begins within its day and lasts at most 24 hours")


WHOLE_DAY = (Span(0, MINUTES_PER_DAY),)


def _never(_day: date) -> bool:
    return False


@dataclass(frozen=True)
class Hours:
    """Hours of a queue: `week` from Monday on; `dates` win over holidays, and holidays over the week.

    A minute counts when the local clock shows a time within the hours. So the hour that a change of the
    clocks leaves out is no time, and the one that it repeats counts twice.
    """

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...] = (WHOLE_DAY,) * 7
    dates: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    is_holiday: Callable[[date], bool] = _never

    def spans(self, day: date) -> tuple[Span, ...]:
        """Return the spans that begin on a day."""
        own = self.dates.get(day)
        if own is not None:
            return own
        return () if self.is_holiday(day) else self.week[day.weekday()]

    def local(self, at: datetime) -> datetime:
        """Convert a moment to the local time of the zone."""
        return at.astimezone(self.zone)

    def after(self, start: datetime, amount: timedelta) -> datetime:
        """Return the first moment at which this much business time has passed since `start`, in UTC."""
        start, left = start.astimezone(UTC), amount
        if left <= timedelta():
            return start
        for begin, end in self.stretches(start):
            if end - begin >= left:
                return begin + left
            left -= end - begin
        raise NeverOpen

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return how much business time lies between two moments; nothing when the second is not later."""
        passed = timedelta()
        for begin, close in self.stretches(start.astimezone(UTC)):
            if begin >= end:
                break
            passed += min(close, end) - begin
        return passed

    def is_open(self, at: datetime) -> bool:
        """Tell whether this moment is business time."""
        return self.between(at, at + timedelta.resolution) > timedelta()

    def opening(self, at: datetime) -> datetime:
        """Return this moment when it is business time, else the next one that is, in UTC."""
        for begin, _ in self.stretches(at.astimezone(UTC)):
            return begin
        raise NeverOpen

    def begin_of_day(self, day: date, zone: ZoneInfo | None = None) -> datetime:
        """Return when the first business day from this one on begins, by the clock of a zone, else its own.

        A day that is open from midnight on begins at nine, and so does one of hours that never open.
        """
        days = (day + number * DAY for number in range(DAYS_CLOSED))
        first = next((one for one in days if self.spans(one)), day)
        spans = self.spans(first)
        minutes = (spans[0].start if spans else 0) or NINE
        begin = datetime.combine(first, time()) + timedelta(minutes=minutes)
        return begin.replace(tzinfo=zone or self.zone)

    def stretches(self, start: datetime) -> Iterator[Stretch]:
        """Yield the stretches that are open from a moment on, in order; one may begin where another ends."""
        reached = start
        for begin, end in self._sorted_stretches(start):
            if end > reached:
                yield max(begin, reached), end
                reached = end

    def _sorted_stretches(self, start: datetime) -> Iterator[Stretch]:
        waiting: list[Stretch] = []
        first = self.local(start).date() - 2 * DAY
        for day in (first + number * DAY for number in range(HORIZON_DAYS)):
            waiting += self._stretches_of(day)
            # No later day begins before this day's midnight in UTC, whatever the zone: so far it is sorted.
            in_order_until = datetime.combine(day, time(), UTC)
            waiting.sort()
            while waiting and waiting[0][0] <= in_order_until:
                yield waiting.pop(0)
        yield from waiting

    def _stretches_of(self, day: date) -> Iterator[Stretch]:
        midnight = datetime.combine(day, time())
        for span in self.spans(day):
            begin, end = (midnight + timedelta(minutes=minutes) for minutes in (span.start, span.end))
            yield from _when_shown(begin, end, self.zone)


class BusinessClock:
    """Business time since a moment, looked up: computing it from the hours for each ticket is slow."""

    def __init__(self, hours: Hours, start: datetime, end: datetime) -> None:
        stretches = list(takewhile(lambda one: one[0] < end, hours.stretches(start.astimezone(UTC))))
        self._begins = [begin for begin, _ in stretches]
        self._ends = [end for _, end in stretches]
        self._before = [timedelta()]
        for begin, close in stretches:
            self._before.append(self._before[-1] + (close - begin))

    def passed(self, at: datetime) -> timedelta:
        """Return the business time from the start to a moment."""
        index = bisect_right(self._begins, at) - 1
        if index < 0:
            return timedelta()
        return self._before[index] + min(at, self._ends[index]) - self._begins[index]

    def is_open(self, at: datetime) -> bool:
        """Tell whether a moment is business time."""
        index = bisect_right(self._begins, at) - 1
        return index >= 0 and at < self._ends[index]


def always_open(zone: str = "UTC") -> Hours:
    """Make hours that are always open."""
    return Hours(ZoneInfo(zone))


def find_zone(name: str) -> ZoneInfo | None:
    """Find the time zone that a platform names; None where there is none of this name."""
    if not NAME_OF_ZONE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _when_shown(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Stretch]:
    """Yield when the local clock shows times from `begin` to `end`: twice where it is put back in between."""
    low, high = (begin - DAY).replace(tzinfo=UTC), (end + DAY).replace(tzinfo=UTC)
    for since, until, offset in _offsets(low, high, zone):
        first = max(since, begin.replace(tzinfo=UTC) - offset)
        last = min(until, end.replace(tzinfo=UTC) - offset)
        if first < last:
            yield first, last


def _offsets(low: datetime, high: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Yield the parts of a few days with one offset each; no zone changes its clocks twice in them."""
    before, after = _offset(low, zone), _offset(high, zone)
    if before == after:
        yield low, high, before
        return
    early, late = low, high
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if _offset(middle, zone) == before:
            early = middle
        else:
            late = middle
    yield low, late, before
    yield late, high, after


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    if offset is None:
        raise ValueError(f"{zone.key} knows no offset")
    return offset
