"""Finds where an article gets worse: a sequential test of its showings against its own past.

Each showing adds the logarithm of a likelihood ratio: how much better it is explained by odds of failing that
are `WORSE` times as high as they were. A sum that falls below zero begins anew (CUSUM, after Page), and what
came before is the past. The past is known from a number of showings only, so that its share of failures is
taken a little higher than it was seen. The sum from which on an article is worse grows with its showings in
a month, so that a month has the same chance of a false alarm whatever its traffic: `python -m bench.alarms`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import log, sqrt
from typing import NamedTuple

WORSE = 3.0  # times the odds of failing
DOUBT = 0.75  # standard errors by which failing may have been likelier than it was seen
FEWEST, MOST = 80, 400  # showings of the past that are needed, and that are looked at
BAR, PER_LOG_MONTH, BUSY = 6.45, 1.6, 100.0  # the sum for so many showings in a month, and how it grows
LOWEST_MONTH = 30.0  # showings in a month


class Showing(NamedTuple):
    """Showing of an article whose window is closed, and whether it helped."""

    at: datetime
    helped: bool


@dataclass(frozen=True, slots=True)
class Share:
    """Showings, and how many of them helped."""

    shown: int
    helped: int

    @property
    def percent(self) -> int:
        """Return the share of those that helped, in whole percents."""
        return round(100 * self.helped / self.shown) if self.shown else 0


@dataclass(frozen=True, slots=True)
class Decline:
    """Decline of an article: what it was before, and what it has been since."""

    before: Share
    since: Share


class Watch:
    """Watch over one article: the test's state after some showings."""

    def __init__(self, bar: float, past: Iterable[bool] = ()) -> None:
        """`past`: showings that are known to be as they were."""
        self.alarmed = False
        self._bar = bar
        self._past = list(past)
        self._recent: list[bool] = []
        self._total = 0.0
        self._steps = 0.0, 0.0  # what a failure adds, and what a success does

    def see(self, *, helped: bool) -> None:
        """Take one showing in."""
        if len(self._past) < FEWEST:
            self._past.append(helped)
            return
        if not self._recent:
            self._learn()
        self._recent.append(helped)
        self._total += self._steps[helped]
        self.alarmed |= self._total >= self._bar
        # Bounded, so that an article that recovers is known to have within as many showings as it took.
        self._total = min(self._total, self._bar)
        if self._total <= 0:
            self.settle()

    def settle(self) -> None:
        """Let what was seen be past; what was worse is not what a later time is measured by."""
        if not self.alarmed:
            self._past += self._recent
        self._recent, self._total, self.alarmed = [], 0.0, False

    def decline(self) -> Decline | None:
        """Return the decline, where there is one now."""
        return Decline(_share(self._past[-MOST:]), _share(self._recent)) if self.alarmed else None

    def _learn(self) -> None:
        past = self._past[-MOST:]
        seen = (past.count(False) + 1) / (len(past) + 2)
        failing = min(seen + DOUBT * sqrt(seen * (1 - seen) / len(past)), 0.9)
        odds = WORSE * failing / (1 - failing)
        worse = odds / (1 + odds)
        self._steps = log(worse / failing), log((1 - worse) / (1 - failing))


def find_decline(
    showings: Iterable[Showing], monthly: float, edited_at: datetime | None = None
) -> Decline | None:
    """Find a decline that lasts: of showings in order, of which there are so many in a month.

    What was shown before the last edit is past.
    """
    watch = Watch(bar_for(monthly))
    settled = edited_at is None
    for one in showings:
        if not settled and edited_at is not None and one.at >= edited_at:
            watch.settle()
            settled = True
        watch.see(helped=one.helped)
    if not settled:
        watch.settle()
    return watch.decline()


def bar_for(monthly: float) -> float:
    """Return the sum from which on an article with so many showings in a month is worse."""
    return BAR + PER_LOG_MONTH * log(max(monthly, LOWEST_MONTH) / BUSY)


def _share(showings: list[bool]) -> Share:
    return Share(len(showings), sum(showings))
