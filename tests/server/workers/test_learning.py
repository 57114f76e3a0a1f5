"""The loop that learns from the desk's questions: at the start, when it is woken, after a failure again."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from bot.domain.knowledge.traffic import AskedQuestion
from bot.server.database_threads import DatabaseThreads
from bot.server.workers.learning import LearningWorker
from tests.support.e2e.running import until


class Learner:
    """Notes on which threads it reads and learns; fails as often as it is told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.threads: list[tuple[str, str]] = []
        self.learned = 0

    def read(self) -> tuple[AskedQuestion, ...]:
        self.threads.append(("read", threading.current_thread().name))
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        return ()

    def learn(self, asked: tuple[AskedQuestion, ...]) -> None:
        assert asked == ()
        self.threads.append(("learn", threading.current_thread().name))
        self.learned += 1


@asynccontextmanager
async def working(
    learner: Learner, seconds: float = 600.0
) -> AsyncIterator[LearningWorker[tuple[AskedQuestion, ...]]]:
    threads = DatabaseThreads(1)
    worker = LearningWorker(learner, threads.run, "traffic_not_learned", seconds)
    loop = asyncio.create_task(worker.run())
    yield worker
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    threads.close()


async def test_it_learns_at_the_start_and_when_it_is_woken() -> None:
    learner = Learner()
    async with working(learner) as worker:
        await until(lambda: learner.learned == 1, "the first learning")
        worker.wake()
        await until(lambda: learner.learned == 2, "the second one")
    kinds = [(what, name.startswith("core")) for what, name in learner.threads]
    # Whoever waits for the database does not wait for the arithmetic.
    assert kinds == [("read", True), ("learn", False)] * 2
    assert threading.main_thread().name not in {name for _, name in learner.threads}


async def test_it_learns_again_and_again() -> None:
    learner = Learner()
    async with working(learner, seconds=0.01):
        await until(lambda: learner.learned >= 3, "three times")


async def test_a_failure_is_told_once_and_changes_nothing() -> None:
    learner = Learner(failures=3)
    with structlog.testing.capture_logs() as logs:
        async with working(learner, seconds=0.01):
            await until(lambda: learner.learned >= 1, "the database that is back")
            learner.failures = 1
            await until(lambda: len(logs) == 2, "the next failure")
    assert [entry["event"] for entry in logs] == ["traffic_not_learned"] * 2
    assert all("firstline check" in entry["next_step"] for entry in logs)
