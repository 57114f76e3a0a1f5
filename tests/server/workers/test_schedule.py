"""The loop that does what is due: what one round breaks on holds up no other."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.domain.errors import StorageUnavailable
from bot.server.workers.schedule import ScheduleWorker
from tests.support.e2e.running import until

ROUNDS = ("absences", "addresses", "actions", "summaries", "promise")


class Desk:
    """Notes the rounds that were begun; one of them fails."""

    def __init__(self, failing: str, error: Exception) -> None:
        self.begun: list[str] = []
        self._failing = failing
        self._error = error

    def named(self, name: str) -> Callable[[], int]:
        def one_round() -> int:
            self.begun.append(name)
            if name == self._failing:
                raise self._error
            return 0

        return one_round

    def worker(self) -> ScheduleWorker:
        absences, addresses, actions, summaries, promise = map(self.named, ROUNDS)
        scheduler: Any = SimpleNamespace(round=actions, one_by_one=list)
        morning: Any = SimpleNamespace(round=summaries)
        notice: Any = SimpleNamespace(round=promise)
        silent = (absences, addresses)
        return ScheduleWorker(scheduler, morning, notice, self.run, lambda: None, silent, seconds=0.01)

    async def run(self, one_round: Callable[..., Any], *arguments: Any) -> Any:
        return one_round(*arguments)


async def begun(desk: Desk, *rounds: str) -> list[str]:
    """What was begun up to the moment at which all of these were begun twice."""
    loop = asyncio.create_task(desk.worker().run())
    await until(lambda: all(desk.begun.count(name) >= 2 for name in rounds), "two looks")
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    return desk.begun


@pytest.mark.parametrize("failing", ROUNDS)
async def test_a_round_that_fails_holds_up_no_other(failing: str) -> None:
    desk = Desk(failing, RuntimeError("a row that nobody can read"))
    with capture_logs() as logs:
        await begun(desk, *ROUNDS)
    event = "lot_failed" if failing == "actions" else "round_failed"
    assert event in {line["event"] for line in logs}


async def test_where_the_database_is_away_nothing_further_is_asked_of_it() -> None:
    desk = Desk("absences", StorageUnavailable("away"))
    assert set(await begun(desk, "absences")) == {"absences"}
