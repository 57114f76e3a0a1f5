"""Closes the windows of questions in which nothing more is heard."""

import asyncio

import structlog

from bot.desk.history.outcomes import OutcomeWindows
from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.errors import StorageBusy, details
from bot.server.database_threads import Run

log = structlog.get_logger()
SECONDS, BETWEEN_LOTS = 300.0, 1.0  # to the next look, and to the next lot while there is more


class OutcomeWorker:
    """Looks at what is due, again and again; replicas share the work through the database."""

    def __init__(self, windows: OutcomeWindows, run: Run) -> None:
        self._windows = windows
        self._run = run

    async def run(self) -> None:
        """Look until it is cancelled."""
        while True:
            more = await self.look()
            await asyncio.sleep(BETWEEN_LOTS if more else SECONDS)

    async def look(self) -> bool:
        """Close the next lot of windows; return whether there may be more."""
        try:
            return bool(await self._run(self._windows.close_lot))
        except StorageBusy:
            return True
        except Exception as error:  # noqa: BLE001  # the database is away: the next look does it
            log.error(
                "outcomes_not_entered",
                **details(error),
                next_step="see that the database runs and can be written; it goes on by itself",
            )
            return False


def outcome_worker(begin: UnitsOfWork, clock: Clock, run: Run) -> OutcomeWorker:
    """Build the worker over one database."""
    return OutcomeWorker(OutcomeWindows(begin, clock), run)
