"""Runs synchronous work on the threads that use the database, and waits for none of it without a limit."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any, TypeVar

import structlog

from bot.domain.errors import StorageBusy, StorageUnavailable
from bot.runtime.deadline import ending_at, seconds_left

log = structlog.get_logger()
T = TypeVar("T")
Run = Callable[..., Awaitable[Any]]  # a function and its arguments

TRIES = 4  # of a transaction that stood in another's way
ANSWER_SECONDS = 2.4  # for all that one request asks of the database: Slack waits for 3 s
WORK_SECONDS = 60.0  # for what nobody waits for
GRACE_SECONDS = 0.2  # for a thread that ends by itself in time, to say why
MOST_WAITING = 500  # calls for a thread; more could not be answered in time


class Budget:
    """Seconds of the database that one request may still take, its calls together."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.trouble: Exception | None = None  # why a call could not be done
        self.kept = True  # false for a repeat, which writes nothing
        self.overloaded = False  # nothing of it was let in
        self.counted = False  # by whoever answers the request, should it fail


_budget: ContextVar[Budget | None] = ContextVar("budget", default=None)


@contextmanager
def answering(seconds: float = ANSWER_SECONDS) -> Iterator[Budget]:
    """Give what is done in here so many seconds of the database together, or what is left around it."""
    budget = _budget.get()
    if budget is not None:
        yield budget
        return
    budget = Budget(seconds)
    token = _budget.set(budget)
    try:
        yield budget
    finally:
        _budget.reset(token)


class DatabaseThreads:
    """A pool of threads: one hop from the event loop to the database.

    Whoever waits too long hears `StorageUnavailable`, and the thread ends by itself. What is given up so

    - before a thread had begun it, is never run;
    - while it ran, is rolled back: a transaction looks at its deadline before it commits;
    - while its COMMIT was on the way, may be kept: sent again it is known by its keys, and changes nothing.
    """

    def __init__(self, count: int, name: str = "core") -> None:
        self._executor = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._free = asyncio.Semaphore(count)
        self._waiting = 0

    async def run(self, function: Callable[..., Any], *values: Any) -> Any:
        """Run a function on one of the threads; raise `StorageUnavailable` where that takes too long."""
        budget = _budget.get()
        started = monotonic()
        try:
            return await self._run(started + (budget.left if budget else WORK_SECONDS), function, values)
        except (StorageUnavailable, StorageBusy) as error:
            if budget is not None:
                budget.trouble = error
            raise
        finally:
            if budget is not None:
                budget.left -= monotonic() - started

    async def run_again(self, function: Callable[..., Any], *values: Any) -> Any:
        """Run a transaction, and again while another one stands in its way; raise `StorageBusy` at last."""
        return await self.run(_again, function, *values)

    def close(self) -> None:
        """End the threads when what they do is done."""
        self._executor.shutdown(wait=True)

    async def _run(self, until: float, function: Callable[..., Any], values: tuple[Any, ...]) -> Any:
        await self._place(until)
        try:
            future = asyncio.get_running_loop().run_in_executor(
                self._executor, _run_until, until, function, values
            )
        except BaseException:
            self._free.release()
            raise
        future.add_done_callback(self._ended)
        # Never cancelled: a thread cannot be stopped, and has its place until it ends by itself.
        done, _ = await asyncio.wait({future}, timeout=max(until - monotonic(), 0.0) + GRACE_SECONDS)
        if not done:
            raise StorageUnavailable("The database gave no answer in time; see that it runs and is reached.")
        return future.result()

    async def _place(self, until: float) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        if self._waiting >= MOST_WAITING:
            raise StorageUnavailable("Too many calls wait for the database; see that it runs and is reached.")
        self._waiting += 1
        try:
            async with asyncio.timeout(until - monotonic()):
                await self._free.acquire()
        except TimeoutError:
            raise StorageUnavailable(
                "The database was busy with earlier calls for too long; see that it runs and is reached."
            ) from None
        finally:
            self._waiting -= 1

    def _ended(self, future: "asyncio.Future[Any]") -> None:
        self._free.release()
        if not future.cancelled():
            future.exception()  # whoever gave it up does not ask


def _run_until(until: float, function: Callable[..., T], values: tuple[Any, ...]) -> T:
    with ending_at(until):
        return function(*values)


def _again(function: Callable[..., T], *values: Any) -> T:
    for _ in range(TRIES - 1):
        try:
            return function(*values)
        except StorageBusy:
            if seconds_left() <= 0:
                raise
            log.info("receive_again")
    return function(*values)
