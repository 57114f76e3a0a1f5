"""Addresses that only fail, and bodies on their way, at a real server with a clock that is moved by hand."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.runtime.network.addresses import TrustedProxies
from bot.runtime.network.proof import PROVED
from bot.runtime.output.logging import Malformed
from bot.server.doors.gate import HALF_SENT_OF_ONE, IN_VAIN_AT_ONCE, DoorGate
from bot.server.doors.version import hide_version
from bot.server.monitoring.limited import Limited
from bot.server.monitoring.metrics import Metrics
from tests.support.clock import Seconds
from tests.support.patience import PATIENCE

Client = TestClient[web.Request, web.Application]
FAR, NEAR = {"X-Forwarded-For": "198.51.100.1"}, {"X-Forwarded-For": "198.51.100.2"}


@dataclass
class House:
    """A server with a signed door, one where people sign in, and a metrics page."""

    client: Client
    clock: Seconds
    metrics: Metrics
    read: list[str]
    whole: list[str]  # requests that are worked on until `end`
    end: asyncio.Event

    async def status(self, path: str, **headers: str) -> int:
        async with self.client.post(path, data=b"x", headers=headers) as answer:
            return answer.status

    def refused(self, door: str, reason: str) -> float:
        found: float = self.metrics.limited.labels(door, reason)._value.get()
        return found


@asynccontextmanager
async def house(proxies: str = "127.0.0.1") -> AsyncIterator[House]:
    clock, metrics = Seconds(), Metrics()
    read: list[str] = []
    whole: list[str] = []
    end = asyncio.Event()
    gate = DoorGate(
        Limited(metrics, clock),
        TrustedProxies.parse(proxies),
        lambda request: request.path.strip("/"),
        clock=clock,
    )
    gate.limit_themselves = {"web"}

    async def answer(request: web.Request) -> web.Response:
        read.append(request.path)
        await request.read()
        if "X-Long" in request.headers:
            whole.append(request.path)
            await end.wait()
        if "X-Proved" in request.headers:
            request[PROVED] = True
            raise web.HTTPBadRequest
        if request.headers.get("X-Right") is None:
            raise web.HTTPUnauthorized
        return web.Response()

    app = web.Application(middlewares=[gate.handle])
    for path in ("/signed", "/other", "/web"):
        app.router.add_post(path, answer)
    client: Client = TestClient(TestServer(app, host="127.0.0.1"))
    await client.start_server()
    try:
        yield House(client, clock, metrics, read, whole, end)
    finally:
        end.set()
        await client.close()


async def test_an_address_that_only_fails_is_refused_unread_and_no_other() -> None:
    async with house() as one:
        found = [await one.status("/signed", **FAR) for _ in range(IN_VAIN_AT_ONCE + 20)]
        assert found == [401] * IN_VAIN_AT_ONCE + [429] * 20
        assert len(one.read) == IN_VAIN_AT_ONCE
        assert one.refused("signed", "in_vain") == 20
        assert await one.status("/signed", **NEAR) == 401
        assert await one.status("/other", **FAR) == 401, "each door counts for itself"
        async with one.client.post("/signed", headers=FAR) as answer:
            assert answer.headers["Retry-After"] == "1"
            assert "Try again in 1 s" in await answer.text()
        one.clock.now += 1
        assert await one.status("/signed", **FAR) == 401


async def test_what_succeeds_is_never_limited() -> None:
    async with house() as one:
        found = {await one.status("/signed", **{"X-Right": "1"}, **FAR) for _ in range(3 * IN_VAIN_AT_ONCE)}
        assert found == {200}


async def test_what_is_proved_is_not_in_vain_and_its_address_pays_for_nobody_else() -> None:
    async with house() as one:
        proved = {"X-Proved": "1"} | NEAR
        assert {await one.status("/signed", **proved) for _ in range(2 * IN_VAIN_AT_ONCE)} == {400}
        assert {await one.status("/signed", **NEAR) for _ in range(2 * IN_VAIN_AT_ONCE)} == {401}
        assert await one.status("/signed", **proved) == 400
        assert one.refused("signed", "in_vain") == 0
        found = [await one.status("/other", **NEAR) for _ in range(IN_VAIN_AT_ONCE + 1)]
        assert found[-1] == 429, "at another door nothing was proved"


async def test_where_people_sign_in_the_door_knows_better_whom_to_refuse() -> None:
    async with house() as one:
        assert {await one.status("/web", **FAR) for _ in range(2 * IN_VAIN_AT_ONCE)} == {401}


async def test_behind_a_proxy_that_nobody_named_no_address_is_refused(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(proxies="") as one:
        assert {await one.status("/signed", **FAR) for _ in range(2 * IN_VAIN_AT_ONCE)} == {401}
    said = capsys.readouterr().out + caplog.text
    assert said.count("proxy_not_named") == 1
    assert "FIRSTLINE_TRUSTED_PROXIES" in said


async def test_half_sent_bodies_of_one_address_are_bounded() -> None:
    async with house() as one:
        port = one.client.port
        writers = []
        for _ in range(HALF_SENT_OF_ONE):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /signed HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx")
            writers.append(writer)
        async with asyncio.timeout(PATIENCE):
            while len(one.read) < HALF_SENT_OF_ONE:  # noqa: ASYNC110 - many requests, one condition
                await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(writer)
        writer.write(b"POST /signed HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx")
        async with asyncio.timeout(PATIENCE):
            assert (await reader.readline()).startswith(b"HTTP/1.1 503 ")
        assert one.refused("signed", "half_sent") == 1
        assert await one.status("/other") == 401, "what comes whole is not held up"
        for writer in writers:
            writer.close()


async def test_a_body_that_has_come_is_on_its_way_no_longer_however_long_it_is_worked_on() -> None:
    async with house() as one:
        writers = []
        for _ in range(HALF_SENT_OF_ONE):
            _, writer = await asyncio.open_connection("127.0.0.1", one.client.port)
            writer.write(b"POST /signed HTTP/1.1\r\nHost: x\r\nX-Long: 1\r\nContent-Length: 2\r\n\r\nx")
            writers.append(writer)
        async with asyncio.timeout(PATIENCE):
            while len(one.read) < HALF_SENT_OF_ONE:  # noqa: ASYNC110 - many requests, one condition
                await asyncio.sleep(0.01)
            for writer in writers:
                writer.write(b"x")
            while len(one.whole) < HALF_SENT_OF_ONE:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            reader, writer = await asyncio.open_connection("127.0.0.1", one.client.port)
            writers.append(writer)
            writer.write(b"POST /signed HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nx")
            while len(one.read) == HALF_SENT_OF_ONE:
                assert one.refused("signed", "half_sent") == 0
                await asyncio.sleep(0.01)
            writer.write(b"x")
            assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
        for writer in writers:
            writer.close()


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization : Bearer a-secret-token\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nno colon a-secret-token\r\n\r\n",
        b"GET /a-secret-token HTTP/9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: a-secret-token\r\n\r\n",
    ],
)
async def test_a_malformed_request_is_not_logged_with_its_token(
    head: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    hide_version()
    logger, hidden = logging.getLogger("aiohttp.server"), Malformed()
    logger.addFilter(hidden)
    try:
        async with house() as one:
            reader, writer = await asyncio.open_connection("127.0.0.1", one.client.port)
            writer.write(head)
            async with asyncio.timeout(PATIENCE):
                answer = await reader.read()
            writer.close()
    finally:
        logger.removeFilter(hidden)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert b"aiohttp" not in answer
    assert b"Python" not in answer
    assert "malformed_request" in caplog.text
    assert "a-secret-token" not in caplog.text
