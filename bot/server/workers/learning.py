"""Learns from the desk's own work, again and again: how much articles answer, how long answers take."""

import asyncio
from collections.abc import Iterable
from typing import Any, Generic, Protocol, TypeVar

import structlog

from bot.domain.errors import details
from bot.runtime.waiting import wait_for_event
from bot.server.database_threads import Run

log = structlog.get_logger()
SECONDS = 600.0  # between two readings
Read = TypeVar("Read")


class Learner(Protocol[Read]):
    """Learner that reads from the database, then learns without it."""

    def read(self) -> Read: ...
    def learn(self, read: Read, /) -> object: ...


class LearningWorker(Generic[Read]):
    """Reads what is newest on a database thread, and learns on another: answers wait for neither.

    `failed` is the event that a failure is told as.
    """

    def __init__(self, learner: Learner[Read], run: Run, failed: str, seconds: float = SECONDS) -> None:
        self._learner = learner
        self._run = run
        self._failed = failed
        self._seconds = seconds
        self._wake = asyncio.Event()
        self._failing = False

    def wake(self) -> None:
        """Learn anew now: other content is in force."""
        self._wake.set()

    async def run(self) -> None:
        """Learn until it is cancelled."""
        while True:
            self._wake.clear()
            await self._learn()
            await wait_for_event(self._wake, self._seconds)

    async def _learn(self) -> None:
        try:
            newest = await self._run(self._learner.read)
            await asyncio.to_thread(self._learner.learn, newest)
        except Exception as error:  # noqa: BLE001  # whatever it is, what was assumed before goes on
            if not self._failing:
                log.error(
                    self._failed,
                    **details(error),
                    next_step="see that the database answers: firstline check says so",
                )
            self._failing = True
        else:
            self._failing = False


def learning_workers(
    learners: Iterable[tuple[Learner[Any], str]], run: Run
) -> tuple[LearningWorker[Any], ...]:
    """Build a worker for each learner, given with the event that its failure is told as."""
    return tuple(LearningWorker(learner, run, failed) for learner, failed in learners)
