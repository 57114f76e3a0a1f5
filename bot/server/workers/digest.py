"""Posts the weekly digest when it is due, with the gaps that a process of its own has found."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence

import structlog

from bot.desk.automation.reports.weekly_digest import MOST_GAPS, ToldGap, WeeklyDigest
from bot.domain.errors import ContentInvalid, StorageBusy, details
from bot.server.database_threads import Run

log = structlog.get_logger()
SECONDS = 60.0  # to the next look
PATIENCE = 600.0  # seconds for the gaps, without which the digest comes all the same
DAYS = 28  # in which gaps are looked for

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


async def find_gaps() -> Sequence[ToldGap]:
    """Find the dearest gaps of the last weeks; none where that fails, which is logged."""
    command = (sys.executable, "-m", "bot.server.workers.gap_search", str(DAYS), str(MOST_GAPS))
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            printed, _ = await process.communicate()
        if process.returncode == 0:
            return [ToldGap(*gap) for gap in json.loads(printed)]
    except TimeoutError:
        pass
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    log.warning("gaps_not_found", next_step="`firstline gaps` says why; the digest comes without them")
    return []
