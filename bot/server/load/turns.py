"""Lets each person have a few events in work at a time, so that nobody waits behind the flood of another."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from bot.domain.errors import Overloaded
from bot.server.database_threads import answering
from bot.server.monitoring.limited import Limited

AT_ONCE = 1  # events of one person in work: the next begins when the one before is answered
MOST_WAITING = 250  # events of one person that wait: more could not be taken in before a platform gives up
FLOOD = 3  # events of one person that wait: from as many on, everybody else goes first
GIVES_WAY = 0.25  # seconds that each of a flood waits for others at most
RESTS = 4.0  # times as long as one of a flood took, all floods rest after it: the others have the processor
RECENT = 1.0  # seconds after somebody else's event for which a flood rests; on an idle desk it does not
SECONDS = 2.0  # that one waits for its turn: what is left of the platform's 3 is for the work itself


class _Line:
    """The events of one person: a few in work, the others waiting in their order."""

    def __init__(self) -> None:
        self.places = asyncio.Semaphore(AT_ONCE)
        self.waiting = 0
        self.present = 0


class Turns:
    """Gate before everything that an event of a known person costs.

    What is over a person's share waits for their own earlier events; nobody waits for it. While more of it
    waits, each begins when nobody else's is in work and the rest after the one before is over, or a while
    later: so few of the others meet one of it. What cannot have its turn in time is refused, so that its
    platform sends it again.
    """

    def __init__(
        self,
        limited: Limited,
        clock: Callable[[], float] = time.monotonic,
        seconds: float = SECONDS,
        most_waiting: int = MOST_WAITING,
        gives_way: float = GIVES_WAY,
        rests: float = RESTS,
    ) -> None:
        """`seconds`: how long an event waits for its turn at most, `gives_way`: one of a flood for others."""
        self._limited = limited
        self._clock = clock
        self._seconds = seconds
        self._most_waiting = most_waiting
        self._gives_way = gives_way
        self._rests = rests
        self._rested_at = float("-inf")  # when the rest after the last of a flood is over
        self._others_at = float("-inf")  # when the last event that is of no flood ended
        self._lines: dict[tuple[str, str], _Line] = {}
        self._in_work = 0  # events that are of no flood
        self._nobody = asyncio.Event()
        self._nobody.set()

    @asynccontextmanager
    async def turn(self, channel: str, person: str) -> AsyncIterator[None]:
        """Wait for the turn of this person's event; raise `Overloaded` where it does not come in time.

        What is nobody's waits for nothing: all that names nobody is not of one person.
        """
        if not person:
            yield
            return
        key = (channel, person)
        line = self._lines.setdefault(key, _Line())
        line.present += 1
        try:
            with answering() as budget:
                came = self._clock()
                await self._wait(line, channel, person)
                try:
                    floods = line.waiting >= FLOOD
                    if floods:
                        await self._give_way()
                    budget.left -= self._clock() - came  # the platform has waited
                    with self._flooding() if floods else self._working(line):
                        yield
                finally:
                    line.places.release()
        finally:
            line.present -= 1
            if not line.present:
                del self._lines[key]

    async def _wait(self, line: _Line, channel: str, person: str) -> None:
        if line.waiting >= self._most_waiting:
            raise self._refusal(channel, person)
        line.waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                await line.places.acquire()
        except TimeoutError:
            raise self._refusal(channel, person) from None
        finally:
            line.waiting -= 1

    @contextmanager
    def _working(self, line: _Line) -> Iterator[None]:
        """Count somebody's event while it is in work; the first of a flood is nobody else's."""
        self._in_work += 1
        self._nobody.clear()
        try:
            yield
        finally:
            self._in_work -= 1
            if line.waiting < FLOOD:
                self._others_at = self._clock()
            if not self._in_work:
                self._nobody.set()

    @contextmanager
    def _flooding(self) -> Iterator[None]:
        """Take the time of one of a flood, after which all floods rest."""
        began = self._clock()
        try:
            yield
        finally:
            ended = self._clock()
            self._rested_at = ended + self._rests * (ended - began)

    async def _give_way(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._gives_way):
                await self._nobody.wait()
                while (left := self._left_of_rest()) > 0:
                    await asyncio.sleep(left)
                    await self._nobody.wait()

    def _left_of_rest(self) -> float:
        now = self._clock()
        return self._rested_at - now if now - self._others_at < RECENT else 0.0

    def _refusal(self, channel: str, person: str) -> Overloaded:
        self._limited.refused(channel, "share", person)
        return Overloaded("share")
