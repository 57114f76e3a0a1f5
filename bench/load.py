"""Generates load: reads one job from standard input, sends it and prints what it measured.

python -m bench.load < job.json
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp

from bench.events import Message, Request, Sender, requests

PACED_AT_ONCE = 1024  # a bound for paced requests, which do not wait for each other


@dataclass(frozen=True, slots=True)
class Job:
    """The messages to send to a URL: with `rate` that many a second, else `concurrency` at a time."""

    url: str
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
        return cls(sender=Sender(**data.pop("sender")), messages=messages, **data)


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a job; times in milliseconds, `statuses` counts answers by HTTP status."""

    a_second: float
    p50: float
    p99: float
    longest: float
    statuses: dict[str, int]
    load_cpu: float  # share of one core that the generator itself took
    slow: tuple[float, ...] = ()  # the milliseconds of all that took longer than a second

    def over(self, milliseconds: float) -> int:
        """How many took longer than this, which is a second or more."""
        return sum(one > milliseconds for one in self.slow)

    @classmethod
    def parse(cls, text: str) -> "Measured":
        """Read the figures from JSON."""
        return cls(**json.loads(text))


class LoadSender:
    """Sends requests over kept connections and notes how long each took."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self.milliseconds: list[float] = []
        self.statuses: Counter[str] = Counter()

    async def send(self, request: Request, due: float | None = None) -> None:
        """Send one request; a paced one is measured from the moment when it was due."""
        begun = time.perf_counter() if due is None else due
        try:
            async with self._session.post(self._url, data=request.body, headers=request.headers) as answer:
                await answer.read()
                status = str(answer.status)
        except (aiohttp.ClientError, TimeoutError) as error:
            status = type(error).__name__
        self.milliseconds.append((time.perf_counter() - begun) * 1000)
        self.statuses[status] += 1

    async def at_full_speed(self, waiting: Sequence[Request], concurrency: int) -> None:
        """Send all requests with this many on their way at any time."""
        queue = iter(waiting)

        async def one_after_the_other() -> None:
            for request in queue:
                await self.send(request)

        await asyncio.gather(*(one_after_the_other() for _ in range(concurrency)))

    async def paced(self, waiting: Sequence[Request], rate: float) -> None:
        """Send `rate` requests a second, whether or not the earlier ones have been answered."""
        begun = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number, request in enumerate(waiting):
                due = begun + number / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(self.send(request, due))


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
        sender = LoadSender(session, job.url)
        begun, cpu = time.perf_counter(), time.process_time()
        if job.rate:
            await sender.paced(waiting, job.rate)
        else:
            await sender.at_full_speed(waiting, job.concurrency)
        seconds, busy = time.perf_counter() - begun, time.process_time() - cpu
    ordered = sorted(sender.milliseconds)
    return Measured(
        a_second=len(ordered) / seconds,
        p50=share(ordered, 0.5),
        p99=share(ordered, 0.99),
        longest=ordered[-1],
        statuses=dict(sender.statuses),
        load_cpu=busy / seconds,
        slow=tuple(one for one in ordered if one > 1000),
    )


def main() -> None:
    """Do one job."""
    measured: dict[str, Any] = asdict(asyncio.run(work(Job.parse(sys.stdin.read()))))
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
