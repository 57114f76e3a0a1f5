"""Gives up what has been kept long enough, and goes on with erasures that were begun."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog

from bot.desk.ports.clock import Clock
from bot.desk.ports.outbox import Looked
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.drafts.typed_draft import KEPT
from bot.domain.errors import details
from bot.server.database_threads import Run
from bot.server.settings import Settings
from bot.storage import Database
from bot.storage.learning.typed_drafts import forget_typed
from bot.storage.personal.erasure import Erasure
from bot.storage.personal.log import add_retention
from bot.storage.personal.remains import drop_remains
from bot.storage.personal.retention import ClosedTickets, Days
from bot.storage.unit_of_work import units_of_work

log = structlog.get_logger()
LOT = 500  # posts looked at in one transaction, which holds up others for some milliseconds
SECONDS, BETWEEN_LOTS = 3600.0, 2.0  # to the next look, and to the next lot while there is more
SOON = 60.0  # seconds to the next look for erasures, which wait for what is to be deleted in chat


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
    """Gives up what is over while there is any; of what has no days all is kept."""

    def __init__(self, database: Database, run: Run, clock: Clock, settings: Settings) -> None:
        self._database = database
        self._run = run
        self._clock = clock
        self._posts = Retention(units_of_work(database), clock, settings.keep_posts_days)
        self._keeps_posts = not settings.keep_posts_days
        days = Days(settings.keep_texts_days, settings.keep_events_days, settings.keep_tickets_days)
        self._tickets = ClosedTickets(database, clock, days)
        self._erasure = Erasure(database, clock)

    async def run(self) -> None:
        """Look until it is cancelled."""
        await asyncio.gather(
            self._again(self.look_at_posts, SECONDS),
            self._again(self._tickets.look, SECONDS),
            self._again(self.go_on_erasing, SOON),
            self._again(self.forget_typed, SECONDS),
        )

    async def _again(self, look: Callable[[], bool], seconds: float) -> None:
        while True:
            more = await self._or_later(look)
            await asyncio.sleep(BETWEEN_LOTS if more else seconds)

    async def _or_later(self, look: Callable[[], bool]) -> bool:
        try:
            more: bool = await self._run(look)
        except Exception as error:  # noqa: BLE001  # the database is away, or busy: the next look does it
            log.error(
                "old_data_not_given_up", **details(error), next_step="it is tried again within the hour"
            )
            return False
        return more

    def look_at_posts(self) -> bool:
        """Give up the next lot of old posts; return whether there may be more."""
        if self._keeps_posts:
            return False
        looked = self._posts.look()
        if looked.given_up:
            with self._database.transaction() as db:
                add_retention(db, self._clock(), {"posts": looked.given_up})
            log.info("old_posts_given_up", count=looked.given_up)
        return looked.more

    def forget_typed(self) -> bool:
        """Forget what was typed into drafts a day ago; return that there is no more."""
        with self._database.transaction() as db:
            forget_typed(db, self._clock() - KEPT)
        return False

    def go_on_erasing(self) -> bool:
        """Erase the next portion of who is to be erased; return whether there is more at once."""
        for number in self._erasure.unfinished():
            step = self._erasure.step(number)
            if step.finished:
                drop_remains(self._database, compact=False)
                log.info("person_erased", erasure=number)
            if not step.waits:
                return True
        return False
