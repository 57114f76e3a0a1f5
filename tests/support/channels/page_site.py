"""The page on a loopback port, over a desk in memory."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.web.access.accounts import Grant
from bot.channels.web.access.limits import Allowance
from bot.channels.web.channel import WebChannel
from bot.channels.web.sign_in.options import ProviderOptions
from bot.desk.ports.channels import Host
from tests.support.channels.page_host import Desk, make_host

ANA_TOKEN = "ana-token-0123456789="
MAYA_TOKEN = "maya-token-0123456789"
TOKENS = f"{ANA_TOKEN}=ana:employee, {MAYA_TOKEN}=maya_patel:engineer"
ALLOWANCE = Allowance()
Client = TestClient[web.Request, web.Application]


@dataclass
class Site:
    """A served page, and what is behind it."""

    client: Client
    desk: Desk
    host: Host
    channel: WebChannel

    async def post(self, path: str, /, **body: Any) -> tuple[int, dict[str, Any]]:
        """Send JSON as the page's script does; the status and the answer."""
        body = {"pane": "ask", "key": "0123456789abcdef", **body}
        async with self.client.post(path, json=body, headers={"Origin": self.origin}) as response:
            return response.status, await response.json()

    async def text(self, path: str, **headers: str) -> str:
        """A page that must be there."""
        async with self.client.get(path, headers=headers) as response:
            assert response.status == 200, await response.text()
            return await response.text()

    @property
    def origin(self) -> str:
        """The page's own origin."""
        return str(self.client.make_url("/")).rstrip("/")


Serve = Callable[..., Awaitable[Site]]


async def serve(
    grants: tuple[Grant, ...] = (),
    desk: Desk | None = None,
    allowance: Allowance = ALLOWANCE,
    clock: Callable[[], float] = monotonic,
    provider: ProviderOptions | None = None,
    port: int | None = None,
    engineers_see_insights: bool = False,
    **changes: Any,
) -> Site:
    """Start a page on a port of its own or this one; `clock` is its limits', `changes` are the host's."""
    desk = desk or Desk()
    host = make_host(desk, **changes)
    channel = WebChannel(
        grants,
        host,
        pause=0,
        allowance=allowance,
        clock=clock,
        provider=provider,
        engineers_see_insights=engineers_see_insights,
    )
    app = web.Application()
    channel.mount(app)
    # The session cookie must be kept although the host is an address.
    client: Client = TestClient(
        TestServer(app, host="127.0.0.1", port=port), cookie_jar=CookieJar(unsafe=True)
    )
    await client.start_server()
    return Site(client, desk, host, channel)
