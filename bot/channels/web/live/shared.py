"""Reads once for everybody who waits for the same."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

PAUSE = 1.0  # seconds from one reading to the next, however many wait for it


class Shared(Generic[T]):
    """Reading that all who wait share: at most one in each `pause`, and one at a time."""

    def __init__(self, read: Callable[[], Awaitable[T]], pause: float) -> None:
        self._read = read
        self._pause = pause
        self._next: asyncio.Task[T] | None = None
        self._running: asyncio.Task[T] | None = None
        self._not_before = 0.0

    async def __call__(self) -> T:
        """Return what was read after this call; raise what the reading raised."""
        if self._next is None:
            self._next = asyncio.create_task(self._read_in_turn())
        # Who goes away must not take the reading from the others.
        return await asyncio.shield(self._next)

    async def _read_in_turn(self) -> T:
        if self._running is not None:
            await asyncio.wait([self._running])
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, self._not_before - clock()))
        # Who asks from here on may know of a change that this reading misses: they wait for the next one.
        self._running, self._next = self._next, None
        self._not_before = clock() + self._pause
        return await self._read()
