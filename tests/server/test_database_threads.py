"""Transactions on the threads of the database: what stood in another's way is run again."""

import pytest

from bot.domain.errors import StorageBusy
from bot.server.database_threads import TRIES, DatabaseThreads


class Contended:
    """A transaction that stands in another's way so many times."""

    def __init__(self, busy: int) -> None:
        self.busy = busy
        self.runs = 0

    def run(self, value: str) -> str:
        self.runs += 1
        if self.runs <= self.busy:
            raise StorageBusy
        return value


async def test_a_transaction_that_was_in_the_way_is_run_again() -> None:
    threads = DatabaseThreads(1)
    contended = Contended(TRIES - 1)
    assert await threads.run_again(contended.run, "done") == "done"
    assert contended.runs == TRIES
    threads.close()


async def test_it_is_not_run_for_ever() -> None:
    threads = DatabaseThreads(1)
    contended = Contended(TRIES)
    with pytest.raises(StorageBusy):
        await threads.run_again(contended.run, "done")
    assert contended.runs == TRIES
    threads.close()
