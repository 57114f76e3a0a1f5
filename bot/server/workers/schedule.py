"""Does what is due: reminders, calls, releases, summaries, the notice of a broken promise."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from bot.desk.automation.promise_notice import PromiseNotice
from bot.desk.automation.queue_summary import QueueSummaries
from bot.desk.automation.scheduler import Scheduler
from bot.domain.errors import StorageBusy, StorageUnavailable, details
from bot.server.database_threads import Run

log = structlog.get_logger()
SECONDS = 5.0  # between two looks; due times are to the minute


class ScheduleWorker:
    """Looks every few seconds for what is due; replicas share the work through the database."""

    def __init__(
        self,
        scheduler: Scheduler,
        summaries: QueueSummaries,
        promise_notice: PromiseNotice,
        run: Run,
        wake_deliveries: Callable[[], None],
        silent_rounds: Sequence[Callable[[], int]] = (),
        seconds: float = SECONDS,
    ) -> None:
        """`silent_rounds` come first and post nothing themselves."""
        self._scheduler = scheduler
        self._summaries = summaries
        self._promise_notice = promise_notice
        self._run = run
        self._wake_deliveries = wake_deliveries
        self._silent_rounds = silent_rounds
        self._seconds = seconds

    async def run(self) -> None:
        """Look for what is due until it is cancelled."""
        while True:
            await self._look()
            await asyncio.sleep(self._seconds)

    async def _look(self) -> None:
        try:
            for silent_round in self._silent_rounds:
                await self._run_round(silent_round)
            await self._run_due_actions()
            for round_of_posts in (self._summaries.round, self._promise_notice.round):
                if await self._run_round(round_of_posts):
                    self._wake_deliveries()
        except StorageBusy:
            log.info("looks_again_later")  # nothing was changed: the next look does it
        except Exception as error:  # noqa: BLE001  # the database is away: the next look does it
            log.error(
                "look_failed",
                **details(error),
                next_step="see that the database runs and can be written; it goes on by itself",
            )

    async def _run_round(self, one_round: Callable[[], object]) -> object:
        try:
            return await self._run(one_round)
        except (StorageBusy, StorageUnavailable):
            raise
        except Exception as error:  # noqa: BLE001  # one row may stop its round: the others still need us
            log.error("round_failed", **details(error), next_step="see the cause; the other rounds go on")
            return None

    async def _run_due_actions(self) -> None:
        try:
            while await self._run(self._scheduler.round):
                self._wake_deliveries()
        except (StorageBusy, StorageUnavailable):
            raise
        except Exception as error:  # noqa: BLE001  # one ticket may stop its whole lot: the others still need us
            log.error(
                "lot_failed", **details(error), next_step="see the cause; the tickets are tried one by one"
            )
            for reference in await self._run(self._scheduler.one_by_one):
                log.error("ticket_put_off", ticket=reference, next_step=f"firstline tickets show {reference}")
            self._wake_deliveries()
