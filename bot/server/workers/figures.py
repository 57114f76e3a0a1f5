"""Counts what changed for the figures, beside the messages and never in their way."""

import asyncio
from collections.abc import Callable

import structlog

from bot.desk.history.figures import FigureCounting
from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.errors import ContentInvalid, StorageBusy, details
from bot.domain.tickets.queues import Queues
from bot.server.database_threads import Run
from bot.server.workers.outcomes import OutcomeWorker, outcome_worker

log = structlog.get_logger()
SECONDS, BETWEEN_LOTS = 60.0, 0.5  # to the next look, and to the next lot while there is more


class FigureWorker:
    """Looks at what is to be counted, again and again; replicas take turns."""

    def __init__(self, counting: FigureCounting, run: Run) -> None:
        self._counting = counting
        self._run = run

    async def run(self) -> None:
        """Look until it is cancelled."""
        while True:
            more = await self.look()
            await asyncio.sleep(BETWEEN_LOTS if more else SECONDS)

    async def look(self) -> bool:
        """Count the next lot; return whether there may be more."""
        try:
            return bool(await self._run(self._counting.count_lot))
        except StorageBusy:
            return True
        except ContentInvalid:  # the queues and their hours are not known yet
            return False
        except Exception as error:  # noqa: BLE001  # the database is away: the next look does it
            log.error(
                "figures_not_counted",
                **details(error),
                next_step="see that the database runs and can be written; it goes on by itself",
            )
            return False


def history_workers(
    begin: UnitsOfWork, queues: Callable[[], Queues], clock: Clock, run: Run
) -> tuple[OutcomeWorker, FigureWorker]:
    """Build the workers that say what became of questions, and count them and the tickets."""
    return outcome_worker(begin, clock, run), FigureWorker(FigureCounting(begin, queues, clock), run)
