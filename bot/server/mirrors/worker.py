"""Reads tickets that changed in another system: those of which it told, and by polling all others."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.desk.automation.mirrors.sync import MirrorSync
from bot.desk.ports.backends import Due, RemoteChanges
from bot.desk.ports.channels import ChannelMemory
from bot.desk.ports.clock import Clock
from bot.domain.errors import DeliveryFailed, FirstlineError, details
from bot.runtime.waiting import wait_for_event
from bot.server.database_threads import Run
from bot.server.mirrors.two_way import TwoWayMirror

log = structlog.get_logger()
IDLE = 5.0  # seconds between looks when nobody wakes us
TAKEN = timedelta(minutes=2)  # for which a ticket that is being read is nobody else's
LONGEST_WAIT = timedelta(minutes=5)
CURSOR = "cursor"  # under which it is remembered up to where changes were told


class MirrorWorker:
    """Reads of one system what is due; while it is away everything waits, and nothing is lost."""

    def __init__(
        self,
        mirror: TwoWayMirror,
        sync: MirrorSync,
        memory: ChannelMemory,
        run: Run,
        clock: Clock,
        wake_delivery: Callable[[], None],
    ) -> None:
        self._mirror = mirror
        self._backend = mirror.backend
        self._sync = sync
        self._memory = memory
        self._run = run
        self._clock = clock
        self._wake_delivery = wake_delivery
        self._wake = asyncio.Event()
        self._poll_at: datetime | None = None
        self._not_before: datetime | None = None

    async def hinted(self, remote_ids: tuple[str, ...]) -> None:
        """Let tickets be read that changed there: one transaction, committed when this returns."""
        if await self._run(self._sync.hint, self._mirror.name, remote_ids):
            self._wake.set()

    async def run(self) -> None:
        """Read until it is cancelled."""
        while True:
            await wait_for_event(self._wake, IDLE)
            self._wake.clear()
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001  # whatever a system answers, the next look goes on
                log.error(
                    "mirror_broken",
                    backend=self._backend.name,
                    **details(error),
                    next_step="nothing is lost: it is read again; if it goes on, report it with this line",
                )

    async def look(self) -> None:
        """Read what is due now, and ask what else changed where it is time for that."""
        now = self._clock()
        if self._not_before is not None and now < self._not_before <= now + LONGEST_WAIT:
            return
        self._not_before = None
        try:
            await self._poll(now)
            while (due := await self._take()) is not None:
                await self._read(due)
                self._wake_delivery()
        except DeliveryFailed as failed:
            self._not_before = now + timedelta(seconds=failed.retry_after or IDLE)
            log.info("mirror_waits", backend=self._backend.name, code=failed.code)
        except FirstlineError as error:  # the database is away: the next look does it
            log.info("mirror_not_read", backend=self._backend.name, **details(error))

    async def _take(self) -> Due | None:
        taken: Due | None = await self._run(self._sync.take_next, self._mirror.name, lambda now: now + TAKEN)
        return taken

    async def _read(self, due: Due) -> None:
        try:
            await self._mirror.bring_together(due.conversation_id, due.remote_id)
        except DeliveryFailed as failed:
            wait = min(timedelta(seconds=failed.retry_after or IDLE * 2**due.failures), LONGEST_WAIT)
            await self._run(self._sync.settle, due, lambda now: now + wait)
            raise
        await self._run(self._sync.settle, due)

    async def _poll(self, now: datetime) -> None:
        seconds = self._backend.poll_seconds
        if not seconds or (self._poll_at is not None and now < self._poll_at <= now + LONGEST_WAIT):
            return
        more = True
        while more:
            cursor = await self._run(self._memory.recall, self._mirror.name, CURSOR) or ""
            changes: RemoteChanges = await self._backend.changes(cursor)
            if changes.ids:
                await self._run(self._sync.hint, self._mirror.name, changes.ids)
            if changes.cursor != cursor:  # only once what it told is kept
                await self._run(self._memory.remember, self._mirror.name, CURSOR, changes.cursor)
            more = changes.more and changes.cursor != cursor
        self._poll_at = now + timedelta(seconds=min(seconds, LONGEST_WAIT.total_seconds()))
