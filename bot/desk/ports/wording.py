"""Protocol of the wording: every sentence that a person reads, in their language."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Wording(Protocol):
    """Wording of every sentence that a person reads."""

    languages: tuple[str, ...]

    def say(self, language: str, key: str, /, **values: object) -> str:
        """Return the sentence under this key, filled in; unknown languages get English."""

    def when(self, language: str, moment: datetime, zone: str | None = None) -> str:
        """Format a date and time as people write it."""

    def language(self, reader: str, code: str) -> str:
        """Return the name of a language in the reader's own."""

    def either(self, language: str, options: Sequence[str]) -> str:
        """Join alternatives: "a, b or c"."""

    def age(self, language: str, start: datetime, now: datetime) -> str:
        """Format how long ago something was, in words."""
