"""A gateway in front of a stand-in, which keeps every request that goes through it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from tests.e2e.vendors.interface import Request

LARGEST = 64 * 1024**2  # bytes
OF_THE_CONNECTION = {"transfer-encoding", "connection", "content-length", "keep-alive"}


@asynccontextmanager
async def recorded(behind: str, requests: list[Request]) -> AsyncIterator[str]:
    """Serve what is behind, under the gateway's own address; every request is added to the list."""

    async def through(request: web.Request) -> web.Response:
        body = await request.read()
        query = [(name, value) for name, value in request.query.items()]
        headers = {name.lower(): value for name, value in request.headers.items()}
        requests.append(Request(request.method, request.path, query, headers, body))
        url = URL(behind + request.raw_path, encoded=True)
        sent = {
            name: value for name, value in request.headers.items() if name.lower() not in OF_THE_CONNECTION
        }
        async with session.request(
            request.method, url, headers=sent, data=body, allow_redirects=False
        ) as answer:
            kept = {n: v for n, v in answer.headers.items() if n.lower() not in OF_THE_CONNECTION}
            return web.Response(status=answer.status, headers=kept, body=await answer.read())

    app = web.Application(client_max_size=LARGEST)
    app.router.add_route("*", "/{path:.*}", through)
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        TestServer(app, host="127.0.0.1") as server,
    ):
        yield f"http://127.0.0.1:{server.port}"
