"""A clock that the tests move, and set."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START
        self.passed = 0.0

    def __call__(self) -> datetime:
        return self.now

    def move(self, **parts: float) -> None:
        """Let time pass."""
        self.now += timedelta(**parts)
        self.passed += timedelta(**parts).total_seconds()

    def set_by(self, **parts: float) -> None:
        """Set the clock, back or forward: no time passes."""
        self.now += timedelta(**parts)

    def steady(self) -> float:
        """Seconds that have passed, however the clock was set."""
        return self.passed


class Seconds:
    """A steady clock in seconds that stands still until it is moved."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
