"""Parses times as an operator writes them: durations, hours of a day, days of the week, dates, holidays."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.domain.tickets.business_hours import MINUTES_PER_DAY, Span
from bot.knowledge.yaml_reading import Value, suggestion

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED = "closed"
_DURATION = re.compile(r"(?:(\d{1,4})\s*h)?\s*(?:(\d{1,5})\s*m)?")
_SHARE = re.compile(r"(\d{1,2})\s*%")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_DAYS = re.compile(r"(\d{1,3})\s*d")
T = TypeVar("T")


def parsed(value: Value | None, name: str, read: Callable[[str], T | None], advice: str) -> T | None:
    """Parse a text by `read`; where that gives None, note a problem with the advice."""
    written = value.text(name) if value is not None else None
    if value is None or written is None:
        return None
    found = read(written)
    if found is None:
        value.page.error(value.line, f"{name} '{written}' {advice}")
    return found


def duration(value: Value | None, name: str) -> timedelta | None:
    """A duration in business time, such as `1h 30m`."""
    return parsed(
        value, name, _duration, "is no length of time; write hours and minutes such as 4h or 1h 30m"
    )


def duration_or_share(value: Value | None, name: str) -> timedelta | float | None:
    """A duration in business time, or a share of a target such as `25%`."""
    written = value.text(name) if value is not None else None
    if value is None or written is None:
        return None
    share, amount = _SHARE.fullmatch(written), _duration(written)
    if share and int(share[1]):
        return int(share[1]) / 100
    if amount is None:
        message = f"{name} '{written}' is no length of time; write one such as 30m, or a share such as 25%"
        value.page.error(value.line, message)
    return amount


def calendar_days(value: Value | None, name: str) -> timedelta | None:
    """A number of calendar days, such as `7d`."""

    def read(written: str) -> timedelta | None:
        found = _DAYS.fullmatch(written)
        return timedelta(days=int(found[1])) if found and int(found[1]) else None

    return parsed(value, name, read, "is no number of days; write one such as 7d")


def time_of_day(value: Value | None, name: str) -> time | None:
    """A time of the day, such as `08:30`."""

    def read(written: str) -> time | None:
        try:
            return time.fromisoformat(written) if re.fullmatch(r"\d\d:\d\d", written) else None
        except ValueError:
            return None

    return parsed(value, name, read, "is no time of the day; write one such as 08:30")


def local_datetime(value: Value | None, name: str, at: time) -> datetime | None:
    """A date, meant at the time `at`, or a date with a time; both are local, without a time zone."""

    def read(written: str) -> datetime | None:
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", written):
                return datetime.combine(date.fromisoformat(written), at)
            found = datetime.fromisoformat(written)
        except ValueError:
            return None
        return found if found.tzinfo is None else None

    return parsed(value, name, read, "is no date; write it as 2026-12-24, or with a time as 2026-12-24 18:00")


def time_zone(value: Value | None, name: str) -> ZoneInfo | None:
    """A time zone by its name."""

    def read(written: str) -> ZoneInfo | None:
        try:
            return ZoneInfo(written)
        except (OSError, ValueError):  # not found is a KeyError too, and a folder's name an OSError
            return None
        except KeyError:
            return None

    return parsed(value, name, read, "is no time zone; write a name such as Europe/Madrid or UTC")


def day_hours(value: Value, name: str) -> tuple[Span, ...] | None:
    """The hours of one day: `09:00-14:00, 16:00-19:00`, a list of such, or `closed`; None with a problem."""
    found: list[Span] = []
    for line, text in value.items(name):
        if text.lower() == CLOSED:
            continue
        for part in text.split(","):
            span = _span(part.strip())
            if span is None:
                value.page.error(
                    line, f"{name} '{part.strip()}' are no hours; write 09:00-18:00, 22:00-06:00 or closed"
                )
                return None
            found.append(span)
    if _overlap(found):
        value.page.error(value.line, f"the hours of {name} overlap; let one end where the next one begins")
        return None
    return tuple(sorted(found, key=lambda span: span.start))


def weekly_hours(value: Value | None) -> tuple[tuple[Span, ...], ...] | None:
    """The hours of each day from Monday on; days that are not named are closed. None where nothing is."""
    if value is None:
        return None
    if not value.is_mapping:
        value.page.error(value.line, "hours must say their days, such as 'mon-fri: 09:00-18:00'")
        return None
    found: dict[int, tuple[Span, ...]] = {}
    for key, line, entry in value.pairs():
        numbers = _weekdays(key)
        if numbers is None:
            value.page.error(line, f"'{key}' is no day{suggestion(key, (*DAYS, 'mon-fri', 'daily'))}")
            continue
        doubled = [DAYS[number] for number in numbers if number in found]
        if doubled:
            value.page.error(line, f"{', '.join(doubled)} already has its hours; name each day once")
        own = day_hours(entry, key)
        found |= {number: own for number in numbers if own is not None}
    if not any(found.values()):
        value.page.error(
            value.line, "these hours are never open; name a day with its hours, or remove 'hours'"
        )
        return None
    return tuple(found.get(number, ()) for number in range(7))


def special_hours(value: Value | None) -> dict[date, tuple[Span, ...]]:
    """The hours of single dates that have their own."""
    if value is None:
        return {}
    found: dict[date, tuple[Span, ...]] = {}
    for key, line, entry in value.pairs():
        try:
            day = date.fromisoformat(key)
        except ValueError:
            value.page.error(line, f"'{key}' is no date; write it as 2026-12-24")
            continue
        own = day_hours(entry, key)
        if own is not None:
            found[day] = own
    return found


def holidays(value: Value | None) -> Callable[[date], bool] | None:
    """The test for public holidays of a country or region; None, with a problem, where they are unknown."""
    if value is None:
        return None
    if not value.is_mapping:
        value.page.error(value.line, "holidays must name a country, such as '{country: ES, region: MD}'")
        return None
    values = value.known(("country", "region"))
    if "country" not in values:
        value.page.error(value.line, "holidays name no country; add 'country: ES'")
        return None
    country = (values["country"].text("country") or "").upper()
    region = values["region"].text("region") if "region" in values else None
    known: Any = import_module("holidays")  # its import takes time, and most need none
    regions = known.list_supported_countries(include_aliases=True).get(country)
    if country and regions is None:
        line = values["country"].line
        value.page.error(line, f"the holidays of country '{country}' are not known; write a code such as ES")
    elif region is not None and regions is not None and region not in regions:
        line = values["region"].line
        value.page.error(
            line, f"the holidays of region '{region}' are not known{suggestion(region, regions)}"
        )
    elif country:
        return _calendar(known, country, region)
    return None


def _calendar(known: Any, country: str, region: str | None) -> Callable[[date], bool]:
    @cache
    def of_year(year: int) -> frozenset[date]:
        # Substitutes for a holiday on a weekend are among them.
        return frozenset(known.country_holidays(country, subdiv=region, years=year))

    return lambda day: day in of_year(day.year)


def _duration(written: str) -> timedelta | None:
    found = _DURATION.fullmatch(written)
    amount = timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0)) if found else timedelta()
    return amount or None


def _span(written: str) -> Span | None:
    found = _SPAN.fullmatch(written)
    if found is None:
        return None
    hours = [int(part) for part in found.groups()]
    start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if max(hours[1], hours[3]) > 59 or start >= MINUTES_PER_DAY or end > MINUTES_PER_DAY or start == end:
        return None
    return Span(start, end if end > start else end + MINUTES_PER_DAY)


def _overlap(found: Iterable[Span]) -> bool:
    ordered = sorted(found, key=lambda span: span.start)
    return any(first.end > second.start for first, second in pairwise(ordered))


def _weekdays(key: str) -> range | None:
    name = key.lower().replace(" ", "")
    if name == "daily":
        return range(7)
    first, dash, last = name.partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        return None
    numbers = range(DAYS.index(first), DAYS.index(last if dash else first) + 1)
    return numbers or None
