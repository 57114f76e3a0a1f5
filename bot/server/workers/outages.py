"""Closes the tickets of known outages that have ended."""

import asyncio
from collections.abc import Callable

import structlog

from bot.desk.outages.outages import Outages
from bot.domain.errors import details
from bot.server.database_threads import Run

log = structlog.get_logger()
IDLE = 1.0  # seconds between two looks


class OutageWorker:
    """Closes ticket after ticket of an outage that has ended; whichever replica looks first does it."""

    def __init__(self, outages: Outages, run: Run, wake_deliveries: Callable[[], None]) -> None:
        self._outages = outages
        self._run = run
        self._wake_deliveries = wake_deliveries

    async def run(self) -> None:
        """Close tickets until it is cancelled."""
        while True:
            try:
                more = await self._run(self._outages.close_next_batch)
            except Exception as error:  # noqa: BLE001  # the database is away: what is left is closed when it is back
                log.error(
                    "outage_not_closed",
                    **details(error),
                    next_step="see that the database runs and can be written; it goes on by itself",
                )
                more = False
            if more:
                self._wake_deliveries()
            else:
                await asyncio.sleep(IDLE)
