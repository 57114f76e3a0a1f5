"""Protocol of the wording: every sentence that a person reads, in their language."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Protocol


class Wording(Protocol):
    """Wording of every sentence that a person reads."""

    languages: tuple[str, ...]

    def say(self, language: str, key: str, /, **values: object) -> str:
        """Return the sentence under this key, filled in; unknown languages get English."""

    def when(self, language: str, moment: datetime, zone: str | None = None) -> str:
        """Format a date and time as people write it."""

    def day(self, language: str, moment: datetime, now: datetime) -> str:
        """Format a day with its time by the clock of the moment's zone."""

    def moment(self, language: str, key: str, moment: datetime) -> str:
        """Format a moment by the clock of its zone, as the pattern under a key says."""

    def number(self, language: str, number: float, digits: int = 0) -> str:
        """Format a number."""

    def percent(self, language: str, share: float, digits: int = 1) -> str:
        """Format a share as a percentage."""

    def length(self, seconds: float) -> str:
        """Format a length of time in hours and minutes, in few signs."""

    def calendar_day(self, language: str, day: date) -> str:
        """Format a day as people write it."""

    def short_date(self, language: str, day: date) -> str:
        """Format a day and its month, as short as it can be."""

    def amount(self, language: str, amount: timedelta) -> str:
        """Format a length of time of one unit, such as "20 minutes"."""

    def place(self, language: str, zone: str) -> str:
        """Return the name of the place whose clock a time zone shows."""

    def language(self, reader: str, code: str) -> str:
        """Return the name of a language in the reader's own."""

    def told(self, language: str, sentence: str) -> str:
        """Return what a check or an error says in English, in this language where it is translated."""

    def either(self, language: str, options: Sequence[str]) -> str:
        """Join alternatives: "a, b or c"."""

    def age(self, language: str, start: datetime, now: datetime) -> str:
        """Format how long ago something was, in words."""
