"""Generates load: reads one job from standard input, sends it and prints what it measured.

python -m bench.load < job.json
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp

from bench.events import Message, Request, Sender, requests

REFUSED = "503"
PACED_AT_ONCE = 4096  # a bound for paced requests, which do not wait for each other


@dataclass(frozen=True, slots=True)
class Job:
    """The messages to send to URLs in turn: with `rate` that many a second, else `concurrency` at a time."""

    urls: tuple[str, ...]
    sender: Sender
    messages: tuple[Message, ...]
    concurrency: int
    rate: float = 0.0

    def dumped(self) -> str:
        """The job as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> "Job":
        """Read a job from JSON."""
        data = json.loads(text)
        messages = tuple(Message(**message) for message in data.pop("messages"))
        sender, urls = Sender(**data.pop("sender")), tuple(data.pop("urls"))
        return cls(urls, sender, messages, **data)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one request; times in milliseconds since it was due, `due` by the monotonic clock."""

    key: str
    place: str
    due: float  # seconds
    late: float  # until it was sent
    milliseconds: float  # until its answer was read
    status: str


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a job; times in milliseconds."""

    seconds: float
    load_cpu: float  # share of one core that the generator itself took
    sent: tuple[Sent, ...]

    @property
    def a_second(self) -> float:
        """Requests a second."""
        return len(self.sent) / self.seconds

    @property
    def statuses(self) -> dict[str, int]:
        """How many answers had each HTTP status, or failed with which error."""
        return dict(Counter(one.status for one in self.sent))

    @property
    def p50(self) -> float:
        """The median until the answer."""
        return self._part(0.5)

    @property
    def p99(self) -> float:
        """The time within which 99 of 100 were answered."""
        return self._part(0.99)

    @property
    def longest(self) -> float:
        """The longest time until an answer."""
        return self._part(1.0)

    def _part(self, part: float) -> float:
        return share(sorted(one.milliseconds for one in self.sent), part)

    def over(self, milliseconds: float) -> int:
        """How many took longer than this."""
        return sum(one.milliseconds > milliseconds for one in self.sent)

    @classmethod
    def parse(cls, text: str) -> "Measured":
        """Read the figures from JSON."""
        data = json.loads(text)
        return cls(sent=tuple(Sent(*one) for one in data.pop("sent")), **data)

    def dumped(self) -> str:
        """The figures as JSON."""
        data: dict[str, Any] = asdict(self)
        return json.dumps(data | {"sent": [tuple(one.values()) for one in data["sent"]]})


class LoadSender:
    """Sends requests over kept connections and notes how long each took."""

    def __init__(self, session: aiohttp.ClientSession, urls: Sequence[str]) -> None:
        self._session = session
        self._urls = urls
        self.sent: list[Sent] = []

    async def send(self, number: int, request: Request, due: float | None = None) -> None:
        """Send one request; a paced one is measured from the moment when it was due.

        Who sends as fast as can be taken in sends again what was refused, as the platforms do.
        """
        begun = time.monotonic()
        status = await self._answer(number, request)
        while due is None and status == REFUSED:
            status = await self._answer(number, request)
        due = begun if due is None else due
        late, took = ((moment - due) * 1000 for moment in (begun, time.monotonic()))
        self.sent.append(Sent(request.key, request.place, due, late, took, status))

    async def _answer(self, number: int, request: Request) -> str:
        url = self._urls[number % len(self._urls)]
        try:
            async with self._session.post(url, data=request.body, headers=request.headers) as answer:
                await answer.read()
                return str(answer.status)
        except (aiohttp.ClientError, TimeoutError) as error:
            return type(error).__name__

    async def at_full_speed(self, waiting: Iterable[Request], concurrency: int) -> None:
        """Send all requests with this many on their way at any time."""
        queue = iter(enumerate(waiting))

        async def one_after_the_other() -> None:
            for number, request in queue:
                await self.send(number, request)

        await asyncio.gather(*(one_after_the_other() for _ in range(concurrency)))

    async def paced(self, waiting: Iterable[Request], rate: float) -> None:
        """Send `rate` requests a second, whether or not the earlier ones have been answered."""
        begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number, request in enumerate(waiting):
                due = begun + number / rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                group.create_task(self.send(number, request, due))


def share(ordered: Sequence[float], part: float) -> float:
    """The quantile: the value below which this part of the ordered values lies."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


async def work(job: Job) -> Measured:
    """Send a job's requests and return the figures."""
    waiting = requests(job.sender, job.messages)
    limit = PACED_AT_ONCE if job.rate else job.concurrency
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=limit), timeout=aiohttp.ClientTimeout(total=60)
    ) as session:
        sender = LoadSender(session, job.urls)
        begun, cpu = time.monotonic(), time.process_time()
        if job.rate:
            await sender.paced(waiting, job.rate)
        else:
            await sender.at_full_speed(waiting, job.concurrency)
        seconds, busy = time.monotonic() - begun, time.process_time() - cpu
    return Measured(seconds, busy / seconds, tuple(sender.sent))


def main() -> None:
    """Do one job."""
    print(asyncio.run(work(Job.parse(sys.stdin.read()))).dumped())


if __name__ == "__main__":
    main()
