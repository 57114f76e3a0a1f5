"""Runs synchronous work on the threads that use the database."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import structlog

from bot.domain.errors import StorageBusy

log = structlog.get_logger()
T = TypeVar("T")
Run = Callable[..., Awaitable[Any]]  # a function and its arguments

TRIES = 4  # of a transaction that stood in another's way


class DatabaseThreads:
    """A pool of threads: one hop from the event loop to the database."""

    def __init__(self, count: int, name: str = "core") -> None:
        self._executor = ThreadPoolExecutor(count, thread_name_prefix=name)

    async def run(self, function: Callable[..., Any], *values: Any) -> Any:
        """Run a function on one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *values)

    async def run_again(self, function: Callable[..., Any], *values: Any) -> Any:
        """Run a transaction, and again while another one stands in its way; raise `StorageBusy` at last."""
        return await self.run(_again, function, *values)

    def close(self) -> None:
        """End the threads when what they do is done."""
        self._executor.shutdown(wait=True)


def _again(function: Callable[..., T], *values: Any) -> T:
    for _ in range(TRIES - 1):
        try:
            return function(*values)
        except StorageBusy:
            log.info("receive_again")
    return function(*values)
