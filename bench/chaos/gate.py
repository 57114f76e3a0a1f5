"""A gate before a fake platform: lets calls through, or does to them what a platform in trouble does."""

import asyncio
import json
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.support.e2e.running import free_port

SLOW_SECONDS = 3.0
RETRY_AFTER = 2
CREATED = 201
# With it a socket that is closed sends a reset.
NO_LINGER = struct.pack("ii", 1, 0)
PASSED_ON = ("Content-Type", "Authorization")
ANSWERED = ("Content-Type", "Retry-After", "Location")


class Trouble(StrEnum):
    """What is wrong with a platform."""

    NONE = "none"
    LIMITED = "429"
    BROKEN = "5xx"
    HANGS = "hangs"
    RESETS = "resets"
    REFUSES = "refuses"
    SLOW = "slow"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Manners:
    """How a platform says no: the bodies of its answers, and whether a lost answer can be found again."""

    limited: Any
    broken: Any
    revoked: Any
    revoked_status: int
    found_again: bool


SLACK = Manners(
    {"ok": False, "error": "ratelimited"},
    {"ok": False, "error": "service_unavailable"},
    {"ok": False, "error": "token_revoked"},
    200,
    found_again=True,
)


def _teams(code: str) -> dict[str, object]:
    return {"error": {"code": code, "message": code}}


TEAMS = Manners(
    _teams("TooManyRequests"),
    _teams("ServiceUnavailable"),
    _teams("Unauthorized"),
    401,
    found_again=False,
)


class Gate:
    """A port before a fake, as an async context manager; `trouble` is what it does to calls."""

    def __init__(self, target: str, manners: Manners) -> None:
        self._target = target
        self._manners = manners
        self._port = free_port()
        self.address = f"http://127.0.0.1:{self._port}"
        self.trouble = Trouble.NONE
        self.troubled = 0  # calls that did not get their answer
        self.posted: dict[str, float] = {}  # Teams' new messages, and when (monotonic seconds)
        self._closing = asyncio.Event()
        self._runner: web.ServerRunner | None = None
        self._site: web.TCPSite | None = None
        self._client: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession(auto_decompress=False)
        self._runner = web.ServerRunner(web.Server(self._handle))
        await self._runner.setup()
        await self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._client is not None:
            await self._client.close()

    async def fall_into(self, trouble: Trouble) -> None:
        """Be in this trouble from now on."""
        self.trouble = trouble
        if trouble is Trouble.REFUSES and self._site is not None:
            await self._site.stop()
            self._site = None

    async def recover(self) -> None:
        """Let everything through again."""
        self.trouble = Trouble.NONE
        if self._site is None:
            await self._listen()

    async def _listen(self) -> None:
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await self._site.start()

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        body, trouble = await request.read(), self.trouble
        if trouble is Trouble.NONE:
            return await self._forward(request, body)
        self.troubled += 1
        match trouble:
            case Trouble.LIMITED:
                wait = {"Retry-After": str(RETRY_AFTER)}
                return web.json_response(self._manners.limited, status=429, headers=wait)
            case Trouble.BROKEN:
                return web.json_response(self._manners.broken, status=503)
            case Trouble.REVOKED:
                return web.json_response(self._manners.revoked, status=self._manners.revoked_status)
            case Trouble.SLOW:
                await asyncio.sleep(SLOW_SECONDS)
                return await self._forward(request, body)
        # Half of what is lost on its way back took effect, where that can be found out.
        if self._manners.found_again and self.troubled % 2 and trouble is not Trouble.REFUSES:
            await self._forward(request, body)
        if trouble is Trouble.HANGS:
            await self._closing.wait()
        return self._reset(request)

    async def _forward(self, request: web.BaseRequest, body: bytes) -> web.Response:
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        assert self._client is not None
        url = self._target + request.path_qs
        async with self._client.request(request.method, url, data=body, headers=headers) as answer:
            kept = {name: answer.headers[name] for name in ANSWERED if name in answer.headers}
            said = await answer.read()
            if answer.status == CREATED:
                made = json.loads(said)
                self.posted[str(made.get("activityId") or made["id"])] = time.monotonic()
            return web.Response(status=answer.status, body=said, headers=kept)

    @staticmethod
    def _reset(request: web.BaseRequest) -> web.Response:
        if request.transport is not None:
            with suppress(OSError):
                raw = request.transport.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            request.transport.abort()
        return web.Response(status=500)
