"""When a queue opens and answers, against a look at every single minute; and what is learned of its waits."""

import os
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bot.domain.tickets.business_hours import MINUTES_PER_DAY, Hours, Span
from bot.domain.tickets.queues import Queue
from bot.domain.tickets.ticket import Priority
from bot.domain.tickets.usual_wait import (
    FARTHEST,
    FEWEST,
    SAID,
    ExpectedWait,
    FirstResponse,
    describe_moment,
    describe_wait,
    expect_first_response,
    is_by_clock,
    last_moment_before,
    learn_usual_waits,
    part_of_day,
)

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DAYS = 20  # that are looked at in one scenario
CASES = 80  # in each scenario; `EXAMPLES=125` plays 10,000 cases, other ones each time
ZONES = (
    "Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata", "UTC",
    "Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Santiago", "America/Havana",
    "Asia/Beirut", "Atlantic/Azores", "America/St_Johns",
)  # fmt: skip
# Days around which these zones change their clocks, forward and back, and an ordinary one.
CHANGES = (
    date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1), date(2026, 4, 5),
    date(2026, 9, 6), date(2026, 9, 27), date(2026, 10, 4), date(2026, 4, 24),
    date(2026, 10, 30), date(2026, 7, 1),
)  # fmt: skip
MADRID = ZoneInfo("Europe/Madrid")
OFFICE = Hours(MADRID, ((Span(9 * 60, 18 * 60),),) * 5 + ((), ()))


@dataclass(frozen=True)
class Scenario:
    """A queue and a reader, and what every minute of some days is to both: the definitions themselves."""

    hours: Hours
    reader: ZoneInfo
    start: datetime

    @cached_property
    def minutes(self) -> tuple[np.ndarray, np.ndarray]:
        """Whether the queue is open, and the reader's day and part of the day, as one number."""
        is_open, parts = [], []
        for number in range(DAYS * MINUTES_PER_DAY):
            moment = self.start + number * MINUTE
            local = moment.astimezone(self.hours.zone)
            minute, day = local.hour * 60 + local.minute, local.date()
            today = any(span.start <= minute < span.end for span in self.hours.spans(day))
            night = any(
                span.start <= minute + MINUTES_PER_DAY < span.end for span in self.hours.spans(day - DAY)
            )
            is_open.append(today or night)
            read = moment.astimezone(self.reader)
            parts.append(read.toordinal() * 3 + (read.hour >= 12) + (read.hour >= 18))
        return np.array(is_open), np.array(parts)

    def moment(self, number: int) -> datetime:
        return self.start + number * MINUTE

    def number(self, moment: datetime) -> int:
        return (moment - self.start) // MINUTE


def scenario(seed: str) -> Scenario:
    chosen = random.Random(seed)  # noqa: S311  no secret
    around = chosen.choice(CHANGES)
    near = [around + DAY * number for number in range(-2, 6)]

    def spans() -> tuple[Span, ...]:
        cuts = sorted(chosen.sample(range(0, MINUTES_PER_DAY, 15), 2 * chosen.randint(1, 2)))
        found = [Span(*pair) for pair in zip(cuts[::2], cuts[1::2], strict=True)]
        if chosen.random() < 0.3:  # over midnight
            found.append(Span(cuts[-1], MINUTES_PER_DAY + min(cuts[0], 360)))
        return tuple(found) if chosen.random() < 0.8 else ()

    hours = Hours(
        ZoneInfo(chosen.choice(ZONES)),
        tuple(spans() for _ in range(7)) if chosen.random() < 0.95 else ((),) * 7,
        {day: spans() for day in chosen.sample(near, 2)} if chosen.random() < 0.5 else {},
        frozenset(chosen.sample(near, 2)).__contains__,
    )
    start = datetime(around.year, around.month, around.day, tzinfo=UTC) - 2 * DAY
    return Scenario(hours, ZoneInfo(chosen.choice(ZONES)), start)


def check(played: Scenario, first: int, wait: int) -> None:
    """Hold what is said of a wait of so many minutes, from one minute on, to what every minute says."""
    is_open, _ = played.minutes
    open_from = np.flatnonzero(is_open[first:]) + first
    at, hours, zone = played.moment(first), played.hours, played.reader
    by = expect_first_response(hours, wait * MINUTE, at, zone)
    told = describe_wait(hours, at, by, zone)
    opens = played.moment(int(open_from[0])) if len(open_from) else None
    if opens is None or opens - at > FARTHEST:
        assert (by, told.opens, told.within, told.by) == (None, None, None, None)
        return
    # In UTC: Python holds a time that the clock shows twice to be equal to none of another zone.
    assert (told.opens and told.opens.astimezone(UTC)) == (opens if opens > at else None)
    if len(open_from) < wait or played.moment(int(open_from[wait - 1]) + 1) - at > FARTHEST:
        assert by is None
        return
    exact = played.moment(int(open_from[wait - 1]) + 1)
    if by is None:  # rounding it up leads too far
        assert exact + DAY > at + FARTHEST
        return
    assert by >= exact, "nothing is said to come sooner than it usually does"
    if told.within is not None:
        assert told.within == min(length for length in SAID if length >= wait * MINUTE)
        assert is_open[played.number(opens) : played.number(by)].all()
        assert by == opens + told.within
    else:
        check_moment(played, told, at, exact, by)
    if by - at > 3 * MINUTE:  # the same is true for who looks later
        later = describe_moment(hours, by, at + 2 * MINUTE, zone)
        assert later.by is not None
        assert later.by.astimezone(UTC) >= by


def check_moment(played: Scenario, told: ExpectedWait, at: datetime, exact: datetime, by: datetime) -> None:
    _, parts = played.minutes
    assert told.by is not None
    assert told.by.astimezone(UTC) == by
    last, end = played.number(exact - MINUTE), played.number(by)
    if is_by_clock(told.by, at):
        assert by - exact < 15 * MINUTE
        assert by.minute % 15 == 0
        return
    assert part_of_day(told.by) == ("morning", "afternoon", "evening")[parts[end - 1] % 3]
    today = parts[played.number(at)] // 3
    day = parts[end - 1] // 3
    assert day == last_moment_before(told.by).toordinal() == parts[last] // 3, (
        "the day is the one that is meant"
    )
    if day - today <= 6:
        assert parts[end] != parts[end - 1] == parts[last], "it is the end of the part in which it is"
    else:
        assert parts[end] // 3 == day + 1, "it is the end of the day"


@pytest.mark.parametrize("number", range(int(os.environ.get("EXAMPLES", "8"))))
def test_what_is_said_is_what_every_minute_says(number: int) -> None:
    seed = f"{random.random() if 'EXAMPLES' in os.environ else 'same'} {number}"  # noqa: S311  no secret
    played, chosen = scenario(seed), random.Random(seed)  # noqa: S311  no secret
    cases = CASES if any(played.hours.week) else 3  # what never opens is looked for through ten years
    for _ in range(cases):
        first = chosen.randrange(4 * MINUTES_PER_DAY)
        wait = chosen.choice((chosen.randint(1, 60), chosen.randint(1, 600), chosen.randint(1, 6000)))
        try:
            check(played, first, wait)
        except AssertionError as error:
            error.add_note(f"seed {seed!r}, minute {first}, wait {wait}, {played.hours}, {played.reader}")
            raise


def test_a_reader_who_is_a_day_ahead_reads_their_own_day() -> None:
    friday_evening = datetime(2026, 11, 27, 19, 0, tzinfo=MADRID)
    ahead = ZoneInfo("Pacific/Kiritimati")  # 13 hours
    by = expect_first_response(OFFICE, 20 * MINUTE, friday_evening, ahead)
    told = describe_wait(OFFICE, friday_evening, by, ahead)
    assert told == ExpectedWait(
        datetime(2026, 11, 30, 22, 0, tzinfo=ahead), within=20 * MINUTE, zone="Pacific/Kiritimati"
    )


def test_a_zone_with_the_same_clock_is_not_named() -> None:
    at = datetime(2026, 11, 27, 19, 0, tzinfo=MADRID)
    assert describe_wait(OFFICE, at, None, ZoneInfo("Europe/Paris")).zone == ""
    assert describe_wait(OFFICE, at, None, ZoneInfo("Europe/London")).zone == "Europe/London"


# --- what is learned ------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 27, 17, 0, tzinfo=MADRID).astimezone(UTC)
QUEUE = Queue("it", hours=OFFICE)


def opened(number: int, hour: int = 10) -> datetime:
    """An hour of one of the last business days."""
    monday = datetime(2026, 11, 2, hour, 0, tzinfo=MADRID)
    return (monday + DAY * (7 * (number % 4) + number % 5)).astimezone(UTC)


def answered(
    minutes: int, number: int = 0, priority: Priority = Priority.NORMAL, hour: int = 10
) -> FirstResponse:
    since = opened(number, hour)
    return FirstResponse("it", priority, since, OFFICE.after(since, minutes * MINUTE), responded=True)


def test_four_of_five_are_answered_within_the_usual_wait() -> None:
    before = [number for number in range(132) if number % 4 != 3]  # the last week has none
    waits = learn_usual_waits(QUEUE, [answered(minutes, day) for minutes, day in enumerate(before, 1)], NOW)
    assert waits[Priority.NORMAL, True] == 80 * MINUTE  # of 99, and of the next one, too


def test_of_too_few_nothing_is_known() -> None:
    few = [answered(5, number) for number in range(FEWEST - 1)]
    assert learn_usual_waits(QUEUE, few, NOW) == {}
    assert (Priority.NORMAL, True) in learn_usual_waits(QUEUE, [*few, answered(5)], NOW)


def test_what_is_older_than_four_weeks_does_not_count() -> None:
    old = [answered(5, number) for number in range(FEWEST)]
    assert learn_usual_waits(QUEUE, old, NOW + 28 * DAY) == {}


def test_outside_the_hours_only_what_was_opened_outside_them_counts() -> None:
    inside = [answered(5, number) for number in range(FEWEST)]
    assert (Priority.NORMAL, False) not in learn_usual_waits(QUEUE, inside, NOW)
    outside = [answered(40, number, hour=20) for number in range(FEWEST)]
    assert learn_usual_waits(QUEUE, inside + outside, NOW)[Priority.NORMAL, False] == 40 * MINUTE


def test_a_priority_that_few_have_is_no_slower_than_lower_ones() -> None:
    slow = [answered(90, number, Priority.LOW) for number in range(FEWEST)]
    fast = [answered(5, number, Priority.HIGH) for number in range(FEWEST)]
    waits = learn_usual_waits(QUEUE, slow + fast, NOW)
    told = {priority: waits[priority, True] for priority in Priority}
    assert told[Priority.HIGH] == 5 * MINUTE
    assert told[Priority.LOW] == told[Priority.NORMAL] == told[Priority.URGENT] == 90 * MINUTE


def test_low_priorities_learn_nothing_from_higher_ones() -> None:
    fast = [answered(5, number, Priority.HIGH) for number in range(FEWEST)]
    assert (Priority.NORMAL, True) not in learn_usual_waits(QUEUE, fast, NOW)


def test_what_nobody_answers_counts_as_long_as_it_waits() -> None:
    quick = [answered(5, number) for number in range(60)]
    waiting = [
        FirstResponse("it", Priority.NORMAL, opened(number), NOW, responded=False) for number in range(40)
    ]
    assert learn_usual_waits(QUEUE, quick, NOW)[Priority.NORMAL, True] == 5 * MINUTE
    assert learn_usual_waits(QUEUE, quick + waiting, NOW) == {}, "two of five are never answered"
    withdrawn = [FirstResponse("it", Priority.NORMAL, opened(1), opened(1) + MINUTE, responded=False)] * 40
    assert learn_usual_waits(QUEUE, quick + withdrawn, NOW)[Priority.NORMAL, True] == 5 * MINUTE


def test_a_slower_week_counts_alone_and_a_faster_one_does_not() -> None:
    weeks = [answered(10, number) for number in range(80) if number % 4 != 3]
    last = [answered(minutes, number) for number in range(80) if number % 4 == 3 for minutes in (60, 60)]
    assert learn_usual_waits(QUEUE, weeks + last, NOW)[Priority.NORMAL, True] == 60 * MINUTE
    fast = [answered(2, number) for number in range(80) if number % 4 == 3]
    assert learn_usual_waits(QUEUE, weeks + fast, NOW)[Priority.NORMAL, True] == 10 * MINUTE


def test_a_queue_that_never_opens_learns_and_says_nothing() -> None:
    closed = Queue("it", hours=Hours(MADRID, ((),) * 7))
    assert expect_first_response(closed.hours, MINUTE, NOW, MADRID) is None
    assert describe_wait(closed.hours, NOW, None, MADRID) == ExpectedWait()
