"""Transactions on the threads of the database: run again, or given up, and never done behind our back."""

import asyncio
from threading import Event

import pytest

from bot.domain.errors import StorageBusy, StorageUnavailable
from bot.runtime.deadline import seconds_left
from bot.server.database_threads import MOST_WAITING, TRIES, DatabaseThreads, answering
from bot.storage import Database
from bot.storage.unit_of_work import units_of_work
from tests.support.patience import PATIENCE


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


class Slow:
    """Work that ends when it is let, and does what a transaction does before it commits."""

    def __init__(self) -> None:
        self.begun, self.may_end = Event(), Event()
        self.done: list[str] = []

    def run(self, value: str) -> str:
        self.begun.set()
        assert self.may_end.wait(PATIENCE)
        if seconds_left() > 0:
            self.done.append(value)
        return value


async def test_what_takes_too_long_is_given_up_and_not_done() -> None:
    threads, slow = DatabaseThreads(1), Slow()
    with answering(0.05) as budget, pytest.raises(StorageUnavailable):
        await threads.run(slow.run, "late")
    assert isinstance(budget.trouble, StorageUnavailable)
    slow.may_end.set()
    assert await threads.run(slow.run, "next") == "next"
    assert slow.done == ["next"]
    threads.close()


async def test_what_was_given_up_before_its_turn_is_never_begun() -> None:
    threads, first, second = DatabaseThreads(1), Slow(), Slow()
    holding = asyncio.create_task(threads.run(first.run, "first"))
    await asyncio.to_thread(first.begun.wait, PATIENCE)
    with answering(0.05), pytest.raises(StorageUnavailable, match="busy with earlier calls"):
        await threads.run(second.run, "second")
    first.may_end.set()
    assert await holding == "first"
    threads.close()
    assert not second.begun.is_set()


async def test_no_more_wait_than_can_be_answered() -> None:
    threads, slow = DatabaseThreads(1), Slow()
    calls = [asyncio.create_task(threads.run(slow.run, "")) for _ in range(MOST_WAITING + 1)]
    await asyncio.to_thread(slow.begun.wait, PATIENCE)
    with pytest.raises(StorageUnavailable, match="Too many calls"):
        await threads.run(slow.run, "one more")
    slow.may_end.set()
    await asyncio.gather(*calls)
    threads.close()


async def test_the_calls_of_a_request_share_its_seconds() -> None:
    threads, slow = DatabaseThreads(2), Slow()
    with answering(0.05):
        with answering(PATIENCE), pytest.raises(StorageUnavailable):
            await threads.run(slow.run, "first")
        with pytest.raises(StorageUnavailable):
            await threads.run(slow.run, "second")
    slow.may_end.set()
    threads.close()
    assert slow.done == []


async def test_a_transaction_that_was_given_up_is_rolled_back(database: Database) -> None:
    threads, begin, slow = DatabaseThreads(database.workers), units_of_work(database), Slow()

    def write() -> None:
        with begin() as work:
            work.memory.remember("test", "key", "late")
            slow.run("")

    with answering(0.05), pytest.raises(StorageUnavailable):
        await threads.run(write)
    slow.may_end.set()
    threads.close()
    with begin.reading() as work:
        assert work.memory.recall("test", "key") is None
