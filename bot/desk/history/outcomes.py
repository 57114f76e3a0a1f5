"""Closes the windows of questions, lot by lot: what became of each is entered once, and never changed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.desk.ports.feedback import ClosedEpisode
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.conversations.outcome import EpisodeOutcome, find_shown, judge

LOT = 100  # episodes in one transaction
# A platform may bring an event late, with the time at which it happened.
LATEST = timedelta(hours=1)


class OutcomeWindows:
    """Windows that are due: judged without a lock, then entered; replicas may do the same work twice."""

    def __init__(self, begin: UnitsOfWork, clock: Callable[[], datetime]) -> None:
        self._begin = begin
        self._clock = clock

    def close_lot(self) -> bool:
        """Look at the next lot; return whether there may be more."""
        now = self._clock() - LATEST
        with self._begin.reading() as work:
            asked = work.outcomes.due(now, LOT)
        if not asked:
            return False
        judged = [(one, judge(one.history, now)) for one in asked]
        pending = EpisodeOutcome.PENDING
        open_still = [(one, said.closes_at) for one, said in judged if said.outcome is pending]
        closed = [
            ClosedEpisode(one, said, find_shown(one.history, said))
            for one, said in judged
            if said.outcome is not pending
        ]
        with self._begin() as work:
            work.outcomes.put_off(open_still)
            work.outcomes.close(closed)
        return len(asked) == LOT
