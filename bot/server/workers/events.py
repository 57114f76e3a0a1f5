"""Sends the desk's events to the systems that take them, each at least once, in order."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta

import structlog

from bot.desk.ports.alerts import EventSink
from bot.desk.ports.clock import Clock
from bot.desk.ports.tickets import DeskEvent
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.errors import DeliveryFailed, details
from bot.server.database_threads import Run
from bot.server.monitoring.metrics import Metrics
from bot.server.plugins import Plugin

log = structlog.get_logger()
LOT = 200  # events in one request
IDLE, FIRST_WAIT, LONGEST_WAIT = 5.0, 1.0, 60.0  # seconds
# On PostgreSQL an event may be committed after one with a higher id; no transaction lasts so long.
SETTLED = timedelta(seconds=60)
HELD = timedelta(minutes=3)  # for which one replica sends, and the others wait
SENT, HOLDER = "events.sent", "events.holder"
Pause = Callable[[float], Awaitable[None]]


class EventQueue:
    """Events that a sink has not taken yet: the history of tickets, from behind the last one taken."""

    def __init__(self, name: str, begin: UnitsOfWork, clock: Clock) -> None:
        self._name = name
        self._begin = begin
        self._clock = clock
        self._me = secrets.token_urlsafe(12)

    def next_lot(self) -> tuple[int, tuple[DeskEvent, ...]]:
        """The last id that was taken, and what comes next; nothing while another replica sends.

        A sink that is new begins with what happens from now on.
        """
        now = self._clock()
        with self._begin() as work:
            memory = work.memory
            known = memory.recall(self._name, SENT)
            after = int(known or memory.once(self._name, SENT, str(work.tickets.newest_event())))
            lot = work.tickets.events_after(after, LOT)
            settled = tuple(event for event in lot if event.at <= now - SETTLED)
            if not settled or not self._holds(work.memory.recall(self._name, HOLDER), now):
                return after, ()
            memory.remember(self._name, HOLDER, f"{self._me} {(now + HELD).isoformat()}")
            # A younger one among them keeps those behind it back, so that the order holds.
            young = next((place for place, event in enumerate(lot) if event not in settled), len(lot))
            return after, lot[:young]

    def taken(self, after: int, last: int) -> None:
        """Note that everything up to this id is safe there."""
        with self._begin() as work:
            work.memory.replace(self._name, SENT, str(after), str(last))

    def _holds(self, holder: str | None, now: datetime) -> bool:
        who, _, until = (holder or "").partition(" ")
        return who in ("", self._me) or datetime.fromisoformat(until) <= now


class EventWorker:
    """Sends to one sink, again and again until it takes what there is."""

    def __init__(
        self, sink: EventSink, queue: EventQueue, run: Run, metrics: Metrics, pause: Pause = asyncio.sleep
    ) -> None:
        self.name = sink.name
        self._sink = sink
        self._queue = queue
        self._run = run
        self._metrics = metrics
        self._pause = pause
        self._wait = FIRST_WAIT
        self._trouble = ""

    def trouble(self) -> str | None:
        """Why the newest attempt failed; None once one succeeds."""
        return self._trouble or None

    async def run(self) -> None:
        """Send until it is cancelled."""
        while True:
            await self._pause(await self.look())

    async def look(self) -> float:
        """Send the next lot; return after how many seconds to look again."""
        try:
            after, lot = await self._run(self._queue.next_lot)
            if not lot:
                return IDLE
            await self._sink.take(lot)
            await self._run(self._queue.taken, after, lot[-1].id)
        except DeliveryFailed as failure:
            return self._failed(failure)
        except Exception as error:  # noqa: BLE001  # the database is away: the next look does it
            log.error(
                "events_not_sent",
                sink=self.name,
                **details(error),
                next_step="see that the database runs and can be written; it goes on by itself",
            )
            return LONGEST_WAIT
        self._metrics.events_sent.labels(self.name, "sent").inc(len(lot))
        self._wait, self._trouble = FIRST_WAIT, ""
        return 0.0 if len(lot) == LOT else IDLE

    def _failed(self, failure: DeliveryFailed) -> float:
        self._metrics.events_sent.labels(self.name, "failed").inc()
        if not self._trouble:
            log.warning(
                "events_not_taken",
                sink=self.name,
                code=failure.code,
                next_step="see that the system is reached and takes our key; nothing is lost meanwhile",
            )
        self._trouble = f"Events are kept and sent later: {failure.code}."
        wait, self._wait = self._wait, min(self._wait * 2, LONGEST_WAIT)
        return max(wait, failure.retry_after or 0.0)


def event_workers(
    plugins: Iterable[Plugin], begin: UnitsOfWork, run: Run, clock: Clock, metrics: Metrics
) -> tuple[EventWorker, ...]:
    """Build a worker for each plugin that takes events."""
    sinks = [sink for plugin in plugins if (sink := plugin.sink()) is not None]
    return tuple(EventWorker(sink, EventQueue(sink.name, begin, clock), run, metrics) for sink in sinks)
