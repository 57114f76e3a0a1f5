"""Learns from the desk's own questions, again and again, how many of them articles answer."""

import asyncio

import structlog

from bot.desk.knowledge.traffic import TrafficLearner
from bot.domain.errors import details
from bot.runtime.waiting import wait_for_event
from bot.server.database_threads import Run

log = structlog.get_logger()
SECONDS = 600.0  # between two readings


class TrafficWorker:
    """Reads the newest questions on a database thread, and learns on another: answers wait for neither."""

    def __init__(self, learner: TrafficLearner, run: Run, seconds: float = SECONDS) -> None:
        self._learner = learner
        self._run = run
        self._seconds = seconds
        self._wake = asyncio.Event()
        self._failing = False

    def wake(self) -> None:
        """Learn anew now: another matcher is in force."""
        self._wake.set()

    async def run(self) -> None:
        """Learn until it is cancelled."""
        while True:
            self._wake.clear()
            await self._learn()
            await wait_for_event(self._wake, self._seconds)

    async def _learn(self) -> None:
        try:
            asked = await self._run(self._learner.read)
            await asyncio.to_thread(self._learner.learn, asked)
        except Exception as error:  # noqa: BLE001  # whatever it is, what was assumed before goes on
            if not self._failing:
                log.error(
                    "traffic_not_learned",
                    **details(error),
                    next_step="see that the database answers: firstline check says so",
                )
            self._failing = True
        else:
            self._failing = False
