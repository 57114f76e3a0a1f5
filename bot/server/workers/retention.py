"""Gives up posts that were sent long ago."""

import asyncio
from datetime import timedelta

import structlog

from bot.desk.ports.clock import Clock
from bot.desk.ports.outbox import Looked
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.server.database_threads import Run

log = structlog.get_logger()
LOT = 500  # posts looked at in one transaction, which holds up others for some milliseconds
SECONDS, BETWEEN_LOTS = 3600.0, 2.0  # to the next look, and to the next lot while there is more


class Retention:
    """Looks through the old posts, lot by lot, from the first one on."""

    def __init__(self, begin: UnitsOfWork, clock: Clock, days: float) -> None:
        self._begin = begin
        self._clock = clock
        self._days = timedelta(days=days)
        self._after = 0

    def look(self, limit: int = LOT) -> Looked:
        """Look at the next lot; what stays is looked at again after the next start."""
        now = self._clock()
        with self._begin() as work:
            looked = work.outbox.give_up_sent(now - self._days, now, self._after, limit)
        self._after = looked.last
        return looked


class RetentionWorker:
    """Gives up old posts while there are any; with no days they are kept."""

    def __init__(self, begin: UnitsOfWork, run: Run, clock: Clock, days: float) -> None:
        self._retention = Retention(begin, clock, days)
        self._run = run
        self._days = days

    async def run(self) -> None:
        """Look until it is cancelled."""
        if not self._days:
            return
        while True:
            more = await self._look()
            await asyncio.sleep(BETWEEN_LOTS if more else SECONDS)

    async def _look(self) -> bool:
        try:
            looked: Looked = await self._run(self._retention.look)
        except Exception:  # the database is away, or busy: the next look does it
            log.exception("old_posts_not_given_up", next_step="it is tried again in an hour")
            return False
        if looked.given_up:
            log.info("old_posts_given_up", count=looked.given_up)
        return looked.more
