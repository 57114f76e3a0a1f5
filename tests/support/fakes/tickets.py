"""A ticket system that takes our webhook: refuses what is not signed, and fails when it is told to."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

SECRET = "a-secret-of-the-mirror-0123456789"


@dataclass
class Elsewhere:
    """What it holds, and how it is to answer next."""

    tickets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    failing: list[int] = field(default_factory=list)
    made: int = 0
    refused: int = 0

    async def take(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        body = await request.read()
        if not self._is_signed(request.headers.get("Firstline-Signature", ""), body):
            self.refused += 1
            return web.Response(status=401)
        if self.failing:
            return web.Response(status=self.failing.pop(0), headers={"Retry-After": "0"})
        data = json.loads(body)
        if data["type"] == "comment":
            self.comments.append(data)
            return web.json_response({})
        if data["key"] not in self.tickets:
            self.made += 1
            self.tickets[data["key"]] = []
        self.tickets[data["key"]].append(data)
        return await self._in_parts(
            request, {"id": f"ELSE-{self.made}", "url": f"https://else.example/{self.made}"}
        )

    @staticmethod
    async def _in_parts(request: web.Request, data: dict[str, str]) -> web.StreamResponse:
        # As a proxy may pass an answer on: the second half comes later than the first.
        answer = web.StreamResponse()
        await answer.prepare(request)
        body = json.dumps(data).encode()
        for part in (body[:5], body[5:]):
            await answer.write(part)
            await asyncio.sleep(0.01)
        await answer.write_eof()
        return answer

    @staticmethod
    def _is_signed(header: str, body: bytes) -> bool:
        parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
        wanted = hmac.new(SECRET.encode(), f"{parts.get('t')}.".encode() + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted, parts.get("v1", ""))

    @property
    def newest(self) -> dict[str, Any]:
        """The only ticket as it stands."""
        (versions,) = self.tickets.values()
        return versions[-1]

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Listen; the address for FIRSTLINE_MIRROR_URL."""
        app = web.Application()
        app.router.add_post("/tickets", self.take)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/tickets"
        finally:
            await runner.cleanup()
