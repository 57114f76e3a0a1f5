"""What the others wait for while one person floods: in time that is computed, on a processor that is shared.

The machine has no part in it, so that the goal can be held to: the others' p99 is at most 1.3 times what it
is without the flood. `python -m bench.floods` measures the same on a real server, by the clock.
"""

import asyncio
import heapq
import random
import selectors
from collections.abc import Awaitable, Callable
from functools import partial
from statistics import quantiles

from bot.domain.errors import Overloaded
from bot.server.load.turns import RESTS, Turns
from bot.server.monitoring.limited import Limited
from bot.server.monitoring.metrics import Metrics

RATE, SECONDS = 25.0, 40.0  # of the others' messages
FLOODED = 500  # messages of one person in one breath, again in each of these seconds
EVERY = 2.0
RATIO = 1.3
POSTED = 0.005  # seconds that posting takes which follows a message, and which nobody waits for
SLICE = 0.001  # seconds of the processor that one has before the next


class Processor:
    """A processor that everything in work shares, a slice each in turn."""

    def __init__(self) -> None:
        self._queue: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = 0
        self._busy = False

    async def work(self, seconds: float) -> None:
        """Take so many seconds of it."""
        while seconds > 0:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._number += 1
            heapq.heappush(self._queue, (asyncio.get_running_loop().time(), self._number, turn))
            self._next()
            await turn
            await asyncio.sleep(min(SLICE, seconds))
            seconds -= SLICE
            self._busy = False
            self._next()

    def _next(self) -> None:
        if not self._busy and self._queue:
            self._busy = True
            heapq.heappop(self._queue)[2].set_result(None)


class _Jump(selectors.SelectSelector):
    """Waits for nothing: the time that would be waited for is over at once."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0.0
        return super().select(0)


def in_virtual_time(main: Callable[[], Awaitable[list[float]]]) -> list[float]:
    jump = _Jump()
    loop = asyncio.SelectorEventLoop(jump)
    loop.time = lambda: jump.now  # type: ignore[method-assign]
    loop._clock_resolution = 1e-9  # type: ignore[attr-defined]
    try:
        return loop.run_until_complete(main())
    finally:
        loop.close()


def costs(number: int) -> list[float]:
    """Seconds that messages take: mostly a few milliseconds, one in twenty as long as a ticket takes."""
    choice = random.Random(1)  # noqa: S311  # no secret
    kinds = choice.choices(((0.003, 0.009), (0.015, 0.03)), (95, 5), k=number)
    return [choice.uniform(*kind) for kind in kinds]


async def others_waits(rests: float = RESTS, *, flooded: bool) -> list[float]:
    loop, processor, waits = asyncio.get_running_loop(), Processor(), list[float]()
    turns = Turns(Limited(Metrics()), loop.time, rests=rests)

    async def message(person: str, seconds: float) -> None:
        came = loop.time()
        try:
            async with turns.turn("slack", person):
                await processor.work(seconds)
        except Overloaded:
            return
        if person != "flood":
            waits.append(loop.time() - came)
        await processor.work(POSTED)

    tasks = []
    for number, seconds in enumerate(costs(int(RATE * SECONDS))):
        if flooded and number % int(RATE * EVERY) == 0:
            tasks += [asyncio.create_task(message("flood", one)) for one in costs(FLOODED)]
        tasks.append(asyncio.create_task(message(f"person {number % 200}", seconds)))
        await asyncio.sleep(1 / RATE)
    await asyncio.gather(*tasks)
    return waits


def test_a_flood_slows_nobody_else() -> None:
    calm, flooded = (
        quantiles(in_virtual_time(partial(others_waits, flooded=one)), n=100) for one in (False, True)
    )
    assert len(calm) == len(flooded) == 99
    for percent in (50, 99):
        assert flooded[percent - 1] <= RATIO * calm[percent - 1], f"p{percent}"


def test_that_it_would_without_a_rest_is_seen() -> None:
    calm, flooded = (
        quantiles(in_virtual_time(partial(others_waits, 0.0, flooded=one)), n=100) for one in (False, True)
    )
    assert flooded[49] > RATIO * calm[49]
