"""Days are read as people write them; what may be two days, is past or contradicts itself is none."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversations.days import read_day

TODAY = date(2026, 11, 30)  # a Monday
DAYS = {
    "Monday": "2026-12-07",
    "on Friday": "2026-12-04",
    "el próximo viernes": "2026-12-04",
    "SABADO": "2026-12-05",
    "tomorrow": "2026-12-01",
    "pasado mañana": "2026-12-02",
    "next week": "2026-12-07",
    "la semana que viene": "2026-12-07",
    "7 de enero": "2027-01-07",
    "el 7 de enero de 2027": "2027-01-07",
    "Jan 7th, 2027": "2027-01-07",
    "the 2nd of January": "2027-01-02",
    "the 7th": "2026-12-07",
    "el día 30": "2026-12-30",
    "lunes, 7 de diciembre": "2026-12-07",
    "2026-12-24": "2026-12-24",
    "24.12.": "2026-12-24",
    "24/12": "2026-12-24",
    "12/24": "2026-12-24",
    "29 feb": "2028-02-29",
}
NONE = "3/4|7|Tuesday 7 December|31 February|2025-01-01|1 December 2025|may|toner|Good Friday|12:30|HELP-1042"


@pytest.mark.parametrize(("written", "meant"), DAYS.items())
def test_a_day_is_the_next_such_day(written: str, meant: str) -> None:
    read = read_day(written)
    assert read is not None
    assert str(read.after(TODAY)) == meant


@pytest.mark.parametrize("written", NONE.split("|"))
def test_what_is_not_surely_a_day_to_come_is_none(written: str) -> None:
    read = read_day(written)
    assert read is None or read.after(TODAY) is None


def test_a_language_may_say_which_number_is_the_day() -> None:
    read = read_day("3/4", day_first=True)
    assert read is not None
    assert read.after(TODAY) == date(2027, 4, 3)


@given(st.text(max_size=60), st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_whatever_is_written_no_day_is_past(written: str, today: date) -> None:
    read = read_day(written)
    found = read.after(today) if read is not None else None
    assert found is None or found > today
