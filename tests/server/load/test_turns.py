"""A flood of one person waits for its own turns, and nobody waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.domain.errors import Overloaded
from bot.server.load.turns import AT_ONCE, FLOOD, RECENT, RESTS, Turns
from bot.server.monitoring.limited import Limited
from bot.server.monitoring.metrics import Metrics
from tests.support.e2e.running import until
from tests.support.patience import PATIENCE


class Desk:
    """Work that lasts until it is ended, one after the other."""

    def __init__(
        self, seconds: float = PATIENCE, most_waiting: int = 1000, gives_way: float = PATIENCE
    ) -> None:
        self.metrics = Metrics()
        self.now = 0.0
        self.turns = Turns(Limited(self.metrics), lambda: self.now, seconds, most_waiting, gives_way)
        self.begun: list[str] = []
        self._ends: list[asyncio.Event] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def come(self, person: str, count: int = 1) -> list[asyncio.Task[None]]:
        """Let events of a person come, and get as far as they can."""
        made = [asyncio.create_task(self._work(f"{person} {number}", person)) for number in range(count)]
        self.tasks += made
        await self.settled()
        return made

    async def _work(self, name: str, person: str) -> None:
        async with self.turns.turn("slack", person):
            end = asyncio.Event()
            self.begun.append(name)
            self._ends.append(end)
            await end.wait()

    async def end(self, count: int = 1) -> None:
        """End what began first."""
        for _ in range(count):
            self._ends.pop(0).set()
            await self.settled()

    async def settled(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    @property
    def refused(self) -> float:
        found: float = self.metrics.limited.labels("slack", "share")._value.get()
        return found


@asynccontextmanager
async def desk(
    seconds: float = PATIENCE, most_waiting: int = 1000, gives_way: float = PATIENCE
) -> AsyncIterator[Desk]:
    made = Desk(seconds, most_waiting, gives_way)
    try:
        yield made
    finally:
        for task in made.tasks:
            task.cancel()
        await asyncio.gather(*made.tasks, return_exceptions=True)
        assert not made.turns._lines, "nobody is remembered who has nothing in work"


async def test_others_begin_at_once_whoever_floods() -> None:
    async with desk() as one:
        await one.come("flood", 500)
        assert len(one.begun) == AT_ONCE
        for person in ("ana", "tom", "eva"):
            await one.come(person)
        assert one.begun[AT_ONCE:] == ["ana 0", "tom 0", "eva 0"]


async def test_a_flood_goes_on_when_nobody_elses_is_in_work() -> None:
    async with desk() as one:
        await one.come("flood", 10)
        await one.come("ana")
        await one.end()
        assert one.begun == ["flood 0", "ana 0"]
        await one.end()
        assert one.begun == ["flood 0", "ana 0", "flood 1"]
        await one.come("tom")
        assert one.begun[-1] == "tom 0", "the flood is waited for by nobody"


async def test_two_floods_wait_for_others_and_not_for_each_other() -> None:
    async with desk() as one:
        await one.come("flood", 10)
        await one.come("ana", 2)
        await one.come("deluge", 10)
        await one.end(3)  # of each the first, which knew of no flood yet
        assert one.begun[3:] == ["ana 1"]
        await one.end()
        assert sorted(one.begun[4:]) == ["deluge 1", "flood 1"]


async def a_flood_that_took(seconds: float, one: Desk) -> None:
    """Two of a flood, the second of which took so long."""
    await one.come("flood", 10)
    await one.end()
    one.now += seconds
    await one.end()


async def test_a_flood_rests_longer_than_it_works_while_others_use_the_desk() -> None:
    async with desk() as one:
        await one.come("ana")
        await one.end()
        await a_flood_that_took(0.001, one)
        await asyncio.sleep(0.02)
        assert one.begun == ["ana 0", "flood 0", "flood 1"], "by the desk's clock nothing of the rest is over"
        await one.come("tom")
        assert one.begun[-1] == "tom 0", "nobody else rests"
        await one.end()
        one.now += 0.001 * RESTS
        await until(lambda: one.begun[-1] == "flood 2")


async def test_on_an_idle_desk_a_flood_does_not_rest() -> None:
    async with desk() as one:
        await one.come("ana")
        await one.end()
        one.now += RECENT
        await a_flood_that_took(0.001, one)
        assert one.begun == ["ana 0", "flood 0", "flood 1", "flood 2"]


async def test_one_flood_rests_after_another() -> None:
    async with desk() as one:
        await one.come("ana")
        await one.end()
        await one.come("deluge", 10)
        await one.come("flood", 10)
        await one.end(2)
        assert one.begun[3:] == ["deluge 1", "flood 1"]
        one.now += 0.001
        await one.end(2)
        await asyncio.sleep(0.02)
        assert len(one.begun) == 5, one.begun


async def test_a_flood_does_not_wait_for_others_for_ever() -> None:
    async with desk(gives_way=0.01) as one:
        await one.come("flood", 10)
        await one.come("ana")
        await one.end()
        await until(lambda: one.begun[-1] == "flood 1")


async def test_a_few_of_one_person_are_no_flood() -> None:
    async with desk() as one:
        await one.come("ana", 1 + FLOOD)
        await one.come("tom")
        await one.end()
        assert one.begun == ["ana 0", "tom 0", "ana 1"]


async def test_what_waits_is_taken_in_its_order_and_none_is_lost() -> None:
    async with desk() as one:
        await one.come("flood", 50)
        await one.end(50)
        assert one.begun == [f"flood {number}" for number in range(50)]
        assert one.refused == 0


async def test_what_cannot_have_its_turn_in_time_is_refused_and_told() -> None:
    async with desk(seconds=0.05, most_waiting=5) as one:
        tasks = await one.come("flood", AT_ONCE + 10)
        assert one.refused == 5, "more than may wait are refused at once"
        outcomes = await asyncio.gather(*tasks[AT_ONCE:], return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {Overloaded}
        assert one.refused == 10
        await one.end(AT_ONCE)
        await one.come("flood")
        assert len(one.begun) == AT_ONCE + 1, "and its next turn comes"


async def test_whoever_goes_away_while_waiting_takes_nobodys_turn() -> None:
    async with desk() as one:
        tasks = await one.come("flood", AT_ONCE + 3)
        tasks[AT_ONCE].cancel()
        await one.settled()
        await one.end()
        assert one.begun[-1] == f"flood {AT_ONCE + 1}"
        with pytest.raises(asyncio.CancelledError):
            await tasks[AT_ONCE]


async def test_what_nobody_caused_waits_for_nothing() -> None:
    async with desk() as one:
        await one.come("", 10)
        assert len(one.begun) == 10
