"""Reads a day as people write it in English and Spanish: a small grammar that guesses nothing."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.words.loader import all_words, meanings

WEEK = 7
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.?(\d{4})?")
_SLASHES = re.compile(r"(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}))?")
_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th|º|o)?")
_YEAR = re.compile(r"\d{4}")


def _numbers(name: str) -> dict[str, int]:
    return {word: int(n) for found in meanings("dates", name).values() for word, n in found.items()}


_WEEKDAYS, _MONTHS, _RELATIVE = _numbers("weekdays"), _numbers("months"), _numbers("relative")
_NEXT_WEEK, _BEFORE = all_words("dates", "next_week"), all_words("dates", "before_day")
_BETWEEN = all_words("dates", "between")


@dataclass(frozen=True, slots=True)
class WrittenDay:
    """Day as it was written: parts of a date, a weekday, or a number of days from today."""

    day: int | None = None
    month: int | None = None
    year: int | None = None
    weekday: int | None = None
    from_today: int | None = None
    next_week: bool = False

    def after(self, today: date) -> date | None:
        """Return the first such day after today; None where there is none, or a weekday does not agree."""
        if self.from_today is not None:
            return today + timedelta(days=self.from_today)
        if self.next_week:
            return today + timedelta(days=WEEK - today.weekday())
        if self.day is None:
            ahead = ((self.weekday or 0) - today.weekday() - 1) % WEEK + 1
            return today + timedelta(days=ahead)
        found = self._date(today)
        agrees = self.weekday is None or (found is not None and found.weekday() == self.weekday)
        return found if agrees and found is not None and found > today else None

    def _date(self, today: date) -> date | None:
        day = self.day or 0
        if self.year is not None and self.month is not None:
            return _valid(self.year, self.month, day)
        if self.month is not None:
            years = (_valid(today.year + ahead, self.month, day) for ahead in range(9))
            return next((one for one in years if one is not None and one > today), None)
        months = (divmod(today.year * 12 + today.month - 1 + ahead, 12) for ahead in range(13))
        dates = (_valid(year, month + 1, day) for year, month in months)
        return next((one for one in dates if one is not None and one > today), None)


def read_day(text: str, *, day_first: bool = False) -> WrittenDay | None:
    """Read a whole text as a day; None where it is none, or may be one of two.

    `day_first` says how 3/4 is meant; without it that may be either, and is none.
    """
    folded = _folded(text)
    return _in_numbers(folded, day_first=day_first) or _in_words(folded)


def _in_numbers(text: str, *, day_first: bool) -> WrittenDay | None:
    if found := _ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
        return WrittenDay(day, month, year)
    found = _DOTS.fullmatch(text)
    dots = found is not None
    found = found or _SLASHES.fullmatch(text)
    if found is None:
        return None
    first, second = int(found[1]), int(found[2])
    year_written = int(found[3]) if found[3] else None
    if dots or day_first or first > 12 or first == second:
        return WrittenDay(first, second, year_written)
    return WrittenDay(second, first, year_written) if second > 12 else None


def _in_words(text: str) -> WrittenDay | None:
    if text in _NEXT_WEEK:
        return WrittenDay(next_week=True)
    if text in _RELATIVE:
        return WrittenDay(from_today=_RELATIVE[text])
    words = text.replace(",", " ").split()
    named = False  # an article says that a number alone is a day
    while words and words[0] in _BEFORE:
        words, named = words[1:], True
    weekday = _WEEKDAYS.get(words[0]) if words else None
    if weekday is not None:
        words = words[1:]
        while words and words[0] in _BEFORE:
            words = words[1:]
        if not words:
            return WrittenDay(weekday=weekday)
    return _date_in_words([word for word in words if word not in _BETWEEN], weekday, named=named)


def _date_in_words(words: list[str], weekday: int | None, *, named: bool) -> WrittenDay | None:
    year = int(words.pop()) if len(words) == 3 and _YEAR.fullmatch(words[-1]) else None
    if len(words) == 2 and words[0] in _MONTHS:  # January 7
        words.reverse()
    number = _NUMBER.fullmatch(words[0]) if words else None
    if number is None or len(words) > 2:
        return None
    if len(words) == 2:
        month = _MONTHS.get(words[1])
        return WrittenDay(int(number[1]), month, year, weekday) if month is not None else None
    return WrittenDay(int(number[1]), weekday=weekday) if named or weekday is not None else None


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(char for char in plain if unicodedata.category(char) != "Mn")
    return " ".join(bare.split()).strip(" .!?\"'")
