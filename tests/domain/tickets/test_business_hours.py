"""Business time against a count of every single minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import NeverOpen
from bot.domain.tickets.business_hours import MINUTES_PER_DAY, WHOLE_DAY, Hours, Span, always_open, find_zone

MADRID = ZoneInfo("Europe/Madrid")
MINUTE = timedelta(minutes=1)
OFFICE = (Span(9 * 60, 14 * 60), Span(16 * 60, 19 * 60))
WEEK = (OFFICE,) * 5 + ((), ())
ZONES = ("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata", "UTC")
# Days around which the zones above change their clocks, and an ordinary one.
AROUND = (
    date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1), date(2026, 4, 5),
    date(2026, 10, 4), date(2026, 4, 24), date(2026, 10, 30), date(2026, 7, 1),
)  # fmt: skip


def at(zone: ZoneInfo, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=zone, fold=fold)  # type: ignore[arg-type, misc]  # year to minute


def counts(hours: Hours, moment: datetime) -> bool:
    """Look at the wall's clock: the definition itself, minute by minute."""
    local = moment.astimezone(hours.zone)
    minute, day = local.hour * 60 + local.minute, local.date()
    today = any(span.start <= minute < span.end for span in hours.spans(day))
    before = hours.spans(day - timedelta(days=1))
    return today or any(span.start <= minute + MINUTES_PER_DAY < span.end for span in before)


def counted(hours: Hours, start: datetime, end: datetime) -> int:
    total, moment = 0, start.astimezone(UTC)
    while moment < end:
        total += counts(hours, moment)
        moment += MINUTE
    return total


@pytest.mark.parametrize(
    "name", ["", "Nowhere/At_All", "../etc/passwd", "a." * 2000, "x" * 65, "Europe/Madrid\n"]
)
def test_what_names_no_zone_is_none(name: str) -> None:
    assert find_zone(name) is None


def test_a_zone_is_found_by_its_name() -> None:
    for name in ("Europe/Madrid", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "UTC"):
        assert find_zone(name) == ZoneInfo(name)


spans = st.builds(
    lambda start, length: Span(start, start + length),
    st.integers(0, MINUTES_PER_DAY - 1),
    st.integers(1, MINUTES_PER_DAY),
)
days = st.lists(spans, max_size=3).map(tuple)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Hours, datetime, int]:
    """Any hours, a start near a change of the clocks, and some minutes."""
    around = draw(st.sampled_from(AROUND))
    near = [around + timedelta(days=number) for number in range(-3, 4)]
    hours = Hours(
        ZoneInfo(draw(st.sampled_from(ZONES))),
        tuple(draw(days) for _ in range(7)),
        draw(st.dictionaries(st.sampled_from(near), days, max_size=2)),
        frozenset(draw(st.lists(st.sampled_from(near), max_size=2))).__contains__,
    )
    start = (
        datetime.combine(around, time(), UTC)
        + draw(st.integers(-2 * MINUTES_PER_DAY, 2 * MINUTES_PER_DAY)) * MINUTE
    )
    return hours, start, draw(st.integers(0, 3 * MINUTES_PER_DAY))


@settings(max_examples=150, deadline=None)
@given(cases())
def test_time_between_is_what_a_count_of_minutes_says(case: tuple[Hours, datetime, int]) -> None:
    hours, start, length = case
    end = start + length * MINUTE
    assert hours.between(start, end) == counted(hours, start, end) * MINUTE
    assert hours.is_open(start) == counts(hours, start)


@settings(max_examples=150, deadline=None)
@given(cases(), st.integers(0, 900))
def test_a_due_time_is_the_first_at_which_the_time_has_passed(
    case: tuple[Hours, datetime, int], amount: int
) -> None:
    hours, start, _ = case
    if not any(hours.week):
        return
    due = hours.after(start, amount * MINUTE)
    assert hours.between(start, due) == amount * MINUTE
    assert amount == 0 or hours.between(start, due - MINUTE) < amount * MINUTE


@settings(max_examples=60, deadline=None)
@given(cases())
def test_the_opening_is_the_first_minute_that_counts(case: tuple[Hours, datetime, int]) -> None:
    hours, start, _ = case
    if not any(hours.week):
        return
    opening = hours.opening(start)
    assert opening >= start
    assert counts(hours, opening)
    assert hours.between(start, opening) == timedelta()


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ((2026, 3, 27, 18, 30), 60, (2026, 3, 30, 9, 30)),  # over a weekend with the clocks put forward
        ((2026, 10, 23, 18, 30), 60, (2026, 10, 26, 9, 30)),  # and back
        ((2026, 3, 27, 18, 0), 60, (2026, 3, 27, 19, 0)),  # the last minute of a day is still that day's
        ((2026, 3, 27, 13, 30), 60, (2026, 3, 27, 16, 30)),  # over a break
        ((2026, 12, 24, 18, 0), 120, (2026, 12, 28, 10, 0)),  # over Christmas and a weekend
    ],
)
def test_a_due_time_in_an_office(start: tuple[int, ...], minutes: int, due: tuple[int, ...]) -> None:
    hours = Hours(MADRID, WEEK, is_holiday={date(2026, 12, 25)}.__contains__)
    assert hours.after(at(MADRID, *start), minutes * MINUTE) == at(MADRID, *due)


@pytest.mark.parametrize(("day", "length"), [(28, 7), (27, 8)])
def test_a_night_shift_is_an_hour_shorter_when_the_clocks_are_put_forward(day: int, length: int) -> None:
    hours = Hours(MADRID, ((Span(22 * 60, 30 * 60),),) * 7)
    start = at(MADRID, 2026, 3, day, 12, 0)
    assert hours.between(start, start + timedelta(days=1)) == timedelta(hours=length)


def test_an_hour_that_comes_twice_counts_twice() -> None:
    hours = Hours(MADRID, ((Span(2 * 60, 3 * 60),),) * 7)
    assert hours.between(at(MADRID, 2026, 10, 25, 0, 0), at(MADRID, 2026, 10, 25, 9, 0)) == timedelta(hours=2)


def test_a_date_of_its_own_wins_over_a_holiday_and_the_week() -> None:
    eve, sunday = date(2026, 12, 24), date(2026, 12, 27)
    hours = Hours(MADRID, WEEK, {eve: (), sunday: WHOLE_DAY}, lambda day: day == sunday)
    assert hours.spans(eve) == ()
    assert hours.spans(sunday) == WHOLE_DAY


def test_what_is_always_open_and_what_never_is() -> None:
    start = at(MADRID, 2026, 3, 28, 12, 0)
    assert always_open("Europe/Madrid").after(start, timedelta(days=2)) == start.astimezone(UTC) + timedelta(
        days=2
    )
    with pytest.raises(NeverOpen):
        Hours(MADRID, ((),) * 7).opening(start)
    with pytest.raises(ValueError, match="span"):
        Span(600, 600)
