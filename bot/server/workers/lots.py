"""Does what has no hurry lot by lot, beside the messages and never in their way."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.domain.errors import ContentInvalid, StorageBusy, details
from bot.server.database_threads import Run

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """Pace of a worker, in seconds: to the next look, and to the next lot while there is more."""

    look: float
    lot: float
    start: float = 0.0  # before the first look: a server that starts has other things to do


def _nothing() -> None:
    """Do nothing after a look."""


class LotWorker:
    """Does one lot after the other, again and again; replicas share the work through the database."""

    def __init__(
        self,
        do_lot: Callable[[], bool],
        run: Run,
        pace: Pace,
        failed: str,
        after: Callable[[], None] = _nothing,
    ) -> None:
        """`do_lot` returns whether there may be more; `failed` is the event that its failure is told as."""
        self._do_lot = do_lot
        self._run = run
        self._pace = pace
        self._failed = failed
        self._after = after

    async def run(self) -> None:
        """Look until it is cancelled."""
        await asyncio.sleep(self._pace.start)
        while True:
            more = await self.look()
            await asyncio.sleep(self._pace.lot if more else self._pace.look)

    async def look(self) -> bool:
        """Do the next lot; return whether there may be more."""
        try:
            more = bool(await self._run(self._do_lot))
        except StorageBusy:
            return True
        except ContentInvalid:  # the queues and their hours are not known yet
            return False
        except Exception as error:  # noqa: BLE001  # the database is away: the next look does it
            log.error(
                self._failed,
                **details(error),
                next_step="see that the database runs and can be written; it goes on by itself",
            )
            return False
        self._after()
        return more
