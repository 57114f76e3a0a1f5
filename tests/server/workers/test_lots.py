"""The loop of what is done lot by lot: while there is more at once, after a failure again."""

import asyncio

import structlog

from bot.domain.errors import ContentInvalid, StorageBusy
from bot.server.database_threads import DatabaseThreads
from bot.server.workers.lots import LotWorker, Pace
from tests.support.e2e.running import until

PACE = Pace(look=3600.0, lot=0.0)


class Lots:
    """Answers in turn, or fails."""

    def __init__(self, *answers: bool | Exception) -> None:
        self.answers = list(answers)

    def do(self) -> bool:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_a_failure_is_told_and_the_next_look_goes_on() -> None:
    threads, woken = DatabaseThreads(1), []
    lots = Lots(True, StorageBusy(), ConnectionError("away"), ContentInvalid("none yet"), False)
    worker = LotWorker(lots.do, threads.run, PACE, "lots_not_done", lambda: woken.append(len(lots.answers)))
    with structlog.testing.capture_logs() as lines:
        assert [await worker.look() for _ in range(5)] == [True, True, False, False, False]
    (line,) = lines
    assert (line["event"], bool(line["next_step"])) == ("lots_not_done", True)
    assert woken == [4, 0], "after what was done alone"
    threads.close()


async def test_it_goes_on_while_there_is_more() -> None:
    threads = DatabaseThreads(1)
    lots = Lots(True, True, False)
    loop = asyncio.create_task(LotWorker(lots.do, threads.run, PACE, "lots_not_done").run())
    await until(lambda: not lots.answers, "every lot")
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    threads.close()
