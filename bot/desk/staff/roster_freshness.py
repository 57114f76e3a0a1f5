"""Tells how old a roster may be, however the clock is set meanwhile."""

from collections.abc import Callable
from datetime import datetime, timedelta

Steady = Callable[[], float]  # seconds that pass evenly, from any moment on


class RosterFreshness:
    """Freshness of rosters: by the clock, and where this process read one, by a time that passes evenly."""

    def __init__(self, limit: timedelta, steady: Steady) -> None:
        """`limit`: from this age on a roster is stale."""
        self._limit = limit
        self._steady = steady
        self._read: dict[str, tuple[datetime, float]] = {}

    def note(self, place: str, at: datetime) -> None:
        """Note that the roster of a place was read now, which the clock calls `at`."""
        self._read[place] = (at, self._steady())

    def since(self, now: datetime) -> datetime:
        """Return since when a roster must have been read, so that it is not stale."""
        oldest = now - self._limit
        passed, limit = self._steady(), self._limit.total_seconds()
        # The clock may have been put forward since: what we read a moment ago is no older for that.
        recent = [at for at, read in tuple(self._read.values()) if passed - read <= limit]
        return min(oldest, *recent) if recent else oldest
