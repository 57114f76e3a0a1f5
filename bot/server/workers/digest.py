"""Posts the weekly digest when it is due, with the gaps of the last weeks."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from bot.desk.automation.reports.weekly_digest import ToldGap, WeeklyDigest
from bot.domain.errors import ContentInvalid, StorageBusy, details
from bot.server.database_threads import Run

log = structlog.get_logger()
SECONDS = 60.0  # to the next look

FindGaps = Callable[[], Awaitable[Sequence[ToldGap]]]


class DigestWorker:
    """Looks each minute whether a digest is due; replicas post it once."""

    def __init__(
        self,
        digest: WeeklyDigest,
        run: Run,
        wake_deliveries: Callable[[], None],
        find_gaps: FindGaps,
    ) -> None:
        self._digest = digest
        self._run = run
        self._wake_deliveries = wake_deliveries
        self._find_gaps = find_gaps

    async def run(self) -> None:
        """Look until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(SECONDS)

    async def look(self) -> None:
        """Post the digest where it is due."""
        try:
            week = await self._run(self._digest.due)
            if week is not None:
                gaps = await self._find_gaps()
                if await self._run(self._digest.post, week, gaps):
                    self._wake_deliveries()
        except (StorageBusy, ContentInvalid):
            return  # the next look does it
        except Exception as error:  # noqa: BLE001  # the database is away: the next look does it
            log.error(
                "digest_not_posted",
                **details(error),
                next_step="see that the database runs and can be written; it goes on by itself",
            )
