"""The loop that closes windows: while there is more at once, after a failure again."""

import asyncio

import structlog

from bot.domain.errors import StorageBusy
from bot.server.database_threads import DatabaseThreads
from bot.server.workers.outcomes import OutcomeWorker
from tests.support.e2e.running import until


class Windows:
    """Answers in turn, or fails."""

    def __init__(self, *answers: bool | Exception) -> None:
        self.answers = list(answers)

    def close_lot(self) -> bool:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_a_failure_is_told_and_the_next_look_goes_on() -> None:
    threads = DatabaseThreads(1)
    windows = Windows(True, StorageBusy(), ConnectionError("away"), False)
    worker = OutcomeWorker(windows, threads.run)  # type: ignore[arg-type]  # what it calls of it
    with structlog.testing.capture_logs() as lines:
        assert [await worker.look() for _ in range(4)] == [True, True, False, False]
    (line,) = lines
    assert (line["event"], bool(line["next_step"])) == ("outcomes_not_entered", True)
    threads.close()


async def test_it_looks_at_the_start() -> None:
    threads = DatabaseThreads(1)
    windows = Windows(False)
    loop = asyncio.create_task(OutcomeWorker(windows, threads.run).run())  # type: ignore[arg-type]  # as above
    await until(lambda: not windows.answers, "a look")
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    threads.close()
