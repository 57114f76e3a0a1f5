"""Writes to the database every few seconds: only so a full disk or a standby is told from one that works."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog

from bot.desk.ports.channels import ChannelMemory
from bot.desk.ports.clock import Clock
from bot.domain.errors import details
from bot.runtime.waiting import wait_for_event
from bot.server.database_threads import Run, answering

log = structlog.get_logger()
SECONDS = 10.0  # between two looks
AGAIN_SECONDS = 3.0  # while it does not work
PAUSE_SECONDS = 1.0  # at least, however often somebody wakes us
ANSWER_SECONDS = 2.0
OWNER, KEY = "server", "probe"  # one row for all replicas
FILLER = "." * 65_536  # more pages than a question with its ticket: the last free one proves nothing


class StorageProbe:
    """Knows why nothing could be written when it last looked; "" where it could."""

    def __init__(
        self,
        memory: ChannelMemory,
        run: Run,
        clock: Clock,
        looked: Callable[[], Awaitable[None]],
        took: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        """`looked` is called after each look of the loop, `took` with the seconds that it took."""
        self._memory = memory
        self._run = run
        self._clock = clock
        self._looked = looked
        self._took = took
        self._wake = asyncio.Event()
        self.trouble = ""
        self.looked_at = -math.inf

    def wake(self) -> None:
        """Look soon: something could not be written, or read."""
        self._wake.set()

    async def run(self) -> None:
        """Look until it is cancelled."""
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            await wait_for_event(self._wake, (AGAIN_SECONDS if self.trouble else SECONDS) - PAUSE_SECONDS)
            self._wake.clear()
            await self.look()
            try:
                await self._looked()
            except Exception as error:  # noqa: BLE001  # whatever is wrong with a figure, it looks on
                log.error(
                    "figures_not_read",
                    **details(error),
                    next_step="see the cause; it tries again",
                )

    async def look(self) -> None:
        """Write the row anew."""
        self.looked_at = monotonic()
        value = f"{self._clock().isoformat()} {FILLER}"
        try:
            with answering(ANSWER_SECONDS):
                await self._run(self._memory.remember, OWNER, KEY, value)
        except Exception as error:  # noqa: BLE001  # whatever it is, a question could not be kept either
            self.trouble = str(error) or type(error).__name__
        else:
            self.trouble = ""
        self._took(monotonic() - self.looked_at)
