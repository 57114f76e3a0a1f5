"""Strict stand-ins of Splunk's HTTP Event Collector and New Relic's Log API; they fail when told to."""

import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

HEC_TOKEN = "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"
LICENSE_KEY = "eu01xx0123456789abcdef0123456789abcdNRAL"
LIMIT = 1_000_000  # bytes of one request to New Relic


@dataclass
class Collector:
    """What has arrived; `faults` are answered first, each once: a status, with seconds to wait."""

    url: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    faults: deque[tuple[int, str]] = field(default_factory=deque)
    requests: int = 0

    @property
    def ids(self) -> list[int]:
        """The ids of the events that are safe here, in the order in which they came."""
        return [int(event["id"]) for event in self.events]

    def fault(self) -> web.Response | None:
        """The next fault, as an answer."""
        self.requests += 1
        if not self.faults:
            return None
        status, seconds = self.faults.popleft()
        headers = {"Retry-After": seconds} if seconds else {}
        return web.json_response({"text": "Server is busy", "code": 9}, status=status, headers=headers)


@dataclass
class Hec(Collector):
    """Splunk: what it took is safe only when it is acknowledged; `lost` acknowledgements never come."""

    acks: dict[tuple[str, int], list[dict[str, Any]]] = field(default_factory=dict)
    lost: int = 0
    looks: int = 1  # at an acknowledgement before it is there
    acknowledging: bool = True

    async def take(self, request: web.Request) -> web.Response:
        """`POST /services/collector/event`."""
        if request.headers.get("Authorization") != f"Splunk {HEC_TOKEN}":
            return web.json_response({"text": "Invalid token", "code": 4}, status=403)
        if (answer := self.fault()) is not None:
            return answer
        channel = request.headers.get("X-Splunk-Request-Channel", "")
        if self.acknowledging and not channel:
            return web.json_response({"text": "Data channel is missing", "code": 10}, status=400)
        found = []
        for line in (await request.text()).splitlines():
            event = json.loads(line)
            assert set(event) == {"time", "source", "sourcetype", "event"}
            found.append(event["event"])
        if not found:
            return web.json_response({"text": "No data", "code": 5}, status=400)
        if not self.acknowledging:
            self.events += found
            return web.json_response({"text": "Success", "code": 0})
        number = len(self.acks)
        self.acks[channel, number] = found
        return web.json_response({"text": "Success", "code": 0, "ackId": number})

    async def ask(self, request: web.Request) -> web.Response:
        """`POST /services/collector/ack`."""
        channel = request.headers["X-Splunk-Request-Channel"]
        told = {}
        for number in (await request.json())["acks"]:
            there = (channel, number) in self.acks
            if there and self.looks > 0:
                self.looks -= 1
                there = False
            elif there and self.lost:
                # Splunk was killed before it had indexed them.
                self.lost -= 1
                self.acks[channel, number], there = [], False
            elif there:
                self.events += self.acks[channel, number]
                self.acks[channel, number] = []
            told[str(number)] = there
        return web.json_response({"acks": told})


@dataclass
class Logs(Collector):
    """New Relic: 202 means that it is kept."""

    async def take(self, request: web.Request) -> web.Response:
        """`POST /log/v1`."""
        if request.headers.get("Api-Key") != LICENSE_KEY:
            return web.Response(status=403)
        if (answer := self.fault()) is not None:
            return answer
        raw = await request.read()
        if len(raw) > LIMIT:
            return web.Response(status=413)
        for part in json.loads(raw):
            assert set(part) == {"common", "logs"}
            for line in part["logs"]:
                assert isinstance(line["timestamp"], int)
                fields = {
                    name.removeprefix("firstline."): value for name, value in line["attributes"].items()
                }
                self.events.append(fields)
        return web.json_response({"requestId": "e1"}, status=202)


@asynccontextmanager
async def served(collector: Collector) -> AsyncIterator[None]:
    """Serve one of them on loopback."""
    app = web.Application()
    if isinstance(collector, Hec):
        app.router.add_post("/services/collector/event", collector.take)
        app.router.add_post("/services/collector/ack", collector.ask)
    elif isinstance(collector, Logs):
        app.router.add_post("/log/v1", collector.take)
    async with TestServer(app, host="127.0.0.1") as server:
        collector.url = str(server.make_url("/")).rstrip("/")
        yield
