"""Estimates how long first responses take, and says by when a ticket's may be expected."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from math import ceil
from zoneinfo import ZoneInfo

from bot.domain.errors import NeverOpen
from bot.domain.tickets.business_hours import BusinessClock, Hours
from bot.domain.tickets.queues import Queue
from bot.domain.tickets.ticket import Priority

WINDOW = timedelta(weeks=4)
RECENT = timedelta(weeks=1)
FEWEST = 20  # first responses; with fewer, nothing is known
KEPT = Fraction(4, 5)  # of the tickets are answered within the usual wait
FARTHEST = timedelta(days=14)  # ahead of now; later than that is of no use to anybody
WEEK_AHEAD = 6  # days; within these the name of a weekday means one day
QUARTER = 15 * 60  # seconds
# Lengths that are said as such; what is longer is said by a part of a day.
SAID = tuple(timedelta(minutes=number) for number in (5, 10, 15, 20, 30, 45, 60))
SAID += tuple(timedelta(hours=number) for number in (2, 3, 4, 5, 6, 8))
PARTS = {"morning": 12, "afternoon": 18, "evening": 24}  # the hour at which each ends

UsualWaits = Mapping[tuple[Priority, bool], timedelta]


@dataclass(frozen=True, slots=True)
class FirstResponse:
    """First response to a ticket of a queue that was opened, or reopened, `since`.

    Where nobody has `responded`, `until` is how long the ticket waited so far, or when it was closed.
    """

    queue: str
    priority: Priority
    since: datetime
    until: datetime
    responded: bool


@dataclass(frozen=True, slots=True)
class ExpectedWait:
    """What is said of a wait: when the queue `opens`, and `within` how long, or `by` when, somebody answers.

    Moments are by the reader's clock. `zone` is named where that shows another time than the queue's.
    """

    opens: datetime | None = None
    within: timedelta | None = None
    by: datetime | None = None
    zone: str = ""


def learn_usual_waits(queue: Queue, responses: Sequence[FirstResponse], now: datetime) -> UsualWaits:
    """Learn the usual waits of a queue in business time, by priority and by whether it was open.

    Where tickets of one priority are too few, those of lower priorities, which wait longer, count too. A
    week that was slower than the weeks before counts alone.
    """
    clock = BusinessClock(queue.hours, now - WINDOW, now)
    found: dict[tuple[Priority, bool], timedelta] = {}
    waits = [_Wait.measure(clock, one) for one in responses if now - WINDOW <= one.since <= one.until]
    for priority in Priority:
        for is_open in (True, False):
            alike = [one for one in waits if one.is_open is is_open]
            same = [one for one in alike if one.priority is priority]
            usual = _slower(same, now) or _slower([one for one in alike if one.priority <= priority], now)
            if usual is not None:
                found[priority, is_open] = usual
    return found


def expect_first_response(hours: Hours, wait: timedelta, at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return by when to expect the first response to a ticket that is opened now, in UTC.

    It is exactly what can be said of it to a reader in this zone, and never earlier than the wait. None where
    it is too far ahead.
    """
    try:
        start = hours.opening(at)
        longer = next((length for length in SAID if length >= wait), None)
        if longer is not None and hours.after(start, longer) == start + longer:
            by = start + longer
        else:
            by = _round_up(hours.after(start, wait), at, zone)
    except NeverOpen:
        return None
    return by if by - at <= FARTHEST else None


def describe_wait(hours: Hours, at: datetime, by: datetime | None, zone: ZoneInfo) -> ExpectedWait:
    """Describe when a queue opens, and the wait from then on until a moment of `expect_first_response`."""
    try:
        start = hours.opening(at)
    except NeverOpen:
        return ExpectedWait()
    opens = start.astimezone(zone) if start > at and start - at <= FARTHEST else None
    if by is None or (start > at and opens is None):
        return ExpectedWait(opens, zone=_other_zone(hours, zone, at, opens))
    if by - start in SAID and hours.between(start, by) == by - start:
        return ExpectedWait(opens, within=by - start, zone=_other_zone(hours, zone, at, opens))
    return ExpectedWait(opens, by=by.astimezone(zone), zone=_other_zone(hours, zone, at, opens, by))


def describe_moment(hours: Hours, by: datetime, now: datetime, zone: ZoneInfo) -> ExpectedWait:
    """Describe the same moment to somebody who looks later, maybe in another zone."""
    by = _round_up(by, now, zone)
    return ExpectedWait(by=by.astimezone(zone), zone=_other_zone(hours, zone, now, by))


def part_of_day(by: datetime) -> str:
    """Return the part of the day that ends at a moment of `expect_first_response`."""
    hour = last_moment_before(by).hour
    return next(part for part, end in PARTS.items() if hour < end)


def last_moment_before(by: datetime) -> datetime:
    """Return the last moment before this one, by the same clock: midnight ends the day before."""
    return (by.astimezone(UTC) - timedelta.resolution).astimezone(by.tzinfo)


def is_by_clock(by: datetime, now: datetime) -> bool:
    """Tell whether a moment is said by the clock: it is on the reader's own day."""
    return by.date() == now.astimezone(by.tzinfo).date()


@dataclass(frozen=True, slots=True)
class _Wait:
    """Wait in business time; without a response it is only known to be longer."""

    amount: timedelta
    responded: bool
    priority: Priority
    is_open: bool
    since: datetime

    @classmethod
    def measure(cls, clock: BusinessClock, one: FirstResponse) -> "_Wait":
        amount = clock.passed(one.until) - clock.passed(one.since)
        return cls(amount, one.responded, one.priority, clock.is_open(one.since), one.since)


def _slower(waits: Sequence[_Wait], now: datetime) -> timedelta | None:
    """Return the usual wait of all, or of the last week where that is known to be longer."""
    usual = _usual(waits)
    recent = _usual([one for one in waits if one.since >= now - RECENT])
    return usual if usual is None or recent is None else max(usual, recent)


def _usual(waits: Sequence[_Wait]) -> timedelta | None:
    """Return within how long four of five are answered (Kaplan and Meier 1958); None where nobody knows.

    A ticket that nobody has answered counts as long as it was there: without these a desk that answers less
    and less would seem fast. The level is a little higher for few tickets, so that it holds for the next one.
    """
    responded = sum(one.responded for one in waits)
    if responded < FEWEST:
        return None
    level = Fraction(ceil(KEPT * (responded + 1)), responded)
    unanswered, there = 1.0, len(waits)
    for one in sorted(waits, key=lambda one: (one.amount, not one.responded)):
        if one.responded:
            unanswered *= 1 - 1 / there
        there -= 1
        if one.responded and unanswered <= 1 - level + 1e-9:
            return one.amount
    return None


def _round_up(exact: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """Round up to a quarter of an hour on the reader's own day, else to the end of its part of a day.

    What is more than a week ahead is rounded up to the end of its day.
    """
    today = now.astimezone(zone).date()
    quarter = datetime.fromtimestamp(ceil(exact.timestamp() / QUARTER) * QUARTER, UTC)
    if quarter.astimezone(zone).date() == today:
        return quarter
    last = last_moment_before(exact.astimezone(zone))
    ends = PARTS.values() if (last.date() - today).days <= WEEK_AHEAD else (24,)
    return next((end for end in _ends_of_parts(last, ends, zone) if end >= exact), exact)


def _ends_of_parts(day: datetime, ends: Iterable[int], zone: ZoneInfo) -> Iterator[datetime]:
    midnight = datetime.combine(day.date(), time())
    for hour in ends:
        yield (midnight + timedelta(hours=hour)).replace(tzinfo=zone).astimezone(UTC)


def _other_zone(hours: Hours, zone: ZoneInfo, *moments: datetime | None) -> str:
    """Return the reader's zone where its clock and the queue's differ at one of these moments."""
    known = [moment for moment in moments if moment is not None]
    same = all(moment.astimezone(zone).utcoffset() == hours.local(moment).utcoffset() for moment in known)
    return "" if same else zone.key
