"""Closes the tickets of known outages that have ended, and settles what many ask at once."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from bot.domain.errors import StorageBusy
from bot.server.database_threads import Run

log = structlog.get_logger()
IDLE = 1.0  # seconds between two looks


class OutageWorker:
    """Does round after round of work on many tickets; whichever replica looks first does it.

    Each round does one batch, and returns whether there may be more.
    """

    def __init__(
        self, rounds: Sequence[Callable[[], bool]], run: Run, wake_deliveries: Callable[[], None]
    ) -> None:
        self._rounds = rounds
        self._run = run
        self._wake_deliveries = wake_deliveries

    async def run(self) -> None:
        """Do what there is until it is cancelled."""
        while True:
            done = [await self._do(work) for work in self._rounds]
            if any(done):
                self._wake_deliveries()
            else:
                await asyncio.sleep(IDLE)

    async def _do(self, work: Callable[[], bool]) -> bool:
        try:
            more: bool = await self._run(work)
            return more
        except StorageBusy:
            log.info("looks_again_later")  # nothing was changed: the next look does it
        except Exception:  # the database is away: what is left is done when it is back
            log.exception("outage_round_failed")
        return False
