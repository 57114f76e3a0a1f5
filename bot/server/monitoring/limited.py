"""Counts and tells what was refused because somebody asked too much."""

import time
from collections.abc import Callable

import structlog

from bot.server.monitoring.metrics import Metrics

log = structlog.get_logger()
QUIET = 10.0  # seconds between two lines of the log for one reason


class Limited:
    """One line for many refusals; each is counted by door and reason."""

    def __init__(self, metrics: Metrics, clock: Callable[[], float] = time.monotonic) -> None:
        self._metrics = metrics
        self._clock = clock
        self._told: dict[tuple[str, str], float] = {}
        self._refused: dict[tuple[str, str], int] = {}

    def refused(self, door: str, reason: str, who: str = "") -> None:
        """Note a refusal; `who` is the address or the id of a person, for the log alone."""
        self._metrics.limited.labels(door, reason).inc()
        key = (door, reason)
        self._refused[key] = self._refused.get(key, 0) + 1
        now = self._clock()
        if now - self._told.get(key, float("-inf")) < QUIET:
            return
        self._told[key] = now
        log.warning(
            "limited",
            door=door,
            reason=reason,
            who=who,
            refused=self._refused.pop(key),
            next_step=(
                "see Limits of what one may send in `firstline docs operations`; others are not held up"
            ),
        )
