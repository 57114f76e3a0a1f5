"""A page over a desk in memory and a real book of sessions, whose people sign in with a provider."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientResponse

from bot.channels.web import Settings, mistakes
from bot.channels.web.access.accounts import Grant
from bot.channels.web.sign_in.options import provider_options
from bot.storage import Database
from bot.storage.unit_of_work import ChannelSessions, units_of_work
from tests.support.channels.page_host import Desk
from tests.support.channels.page_site import Site, serve
from tests.support.e2e.running import free_port
from tests.support.fakes.identity.nasty import CLIENT, SECRET, Nasty


@dataclass
class Later:
    """The time, moved on as a test says."""

    by: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by

    def move(self, **parts: float) -> None:
        """Let time pass."""
        self.by += timedelta(**parts)


def oidc_settings(**options: str) -> Settings:
    """The settings of a page with a provider; `options` are named without `oidc_`."""
    named = {name if name == "public_url" else f"oidc_{name}": value for name, value in options.items()}
    return Settings.model_validate(named)


@dataclass
class SignIn:
    """A page, its clock, and how often it asked for the engineers to be read again."""

    site: Site
    later: Later
    refreshed: list[str]

    async def begun(self, path: str = "/web/oidc/begin") -> dict[str, str]:
        """Begin a sign-in; the query that the browser takes to the provider."""
        async with self.site.client.get(path, allow_redirects=False) as response:
            assert response.status == 303, await response.text()
            query = parse_qs(urlsplit(response.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}

    async def back(self, query: dict[str, str]) -> ClientResponse:
        """Come back from the provider."""
        response = await self.site.client.get("/web/oidc/callback", params=query, allow_redirects=False)
        await response.read()
        return response

    def forget(self) -> None:
        """Forget all cookies, as another browser has none."""
        self.site.client.session.cookie_jar.clear()

    @property
    def session(self) -> str:
        """The browser's session, empty where it has none."""
        found = [c.value for c in self.site.client.session.cookie_jar if c.key == "firstline_session"]
        return found[0] if found else ""


async def status(page: SignIn, path: str = "/web/conversation") -> int:
    """The status of what a window reads, or of another path."""
    async with page.site.client.get(path, allow_redirects=False) as response:
        return response.status


async def signed_in(page: SignIn, nasty: Nasty, path: str = "/web/oidc/begin", **more: str) -> ClientResponse:
    """Sign in with the nasty provider; what the page answers at the end."""
    query = await page.begun(path)
    nasty.nonce, nasty.now = query["nonce"], page.later
    return await page.back({"code": "a code", "state": query["state"], **more})


@asynccontextmanager
async def a_page(
    database: Database,
    issuer: str,
    options: Mapping[str, str] = MappingProxyType({}),
    *,
    client: Mapping[str, Any] | None = None,
    port: int | None = None,
    grants: tuple[Grant, ...] = (),
    **changes: Any,
) -> AsyncIterator[SignIn]:
    """A page that knows this provider; `options` are settings without `oidc_`, `changes` the host's."""
    port = port or free_port()
    client = client or {"client_id": CLIENT, "client_secret": SECRET}
    given = {
        "issuer": issuer,
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "employees": "*",
        "public_url": f"http://127.0.0.1:{port}",
        **options,
    }
    settings = oidc_settings(**given)
    assert mistakes(settings) == []
    later, refreshed = Later(), list[str]()
    site = await serve(
        grants=grants,
        desk=Desk(now=later),
        provider=provider_options(settings),
        port=port,
        anonymous=False,
        public_url=settings.public_url,
        sessions=ChannelSessions(units_of_work(database)),
        refresh_roster=refreshed.append,
        **changes,
    )
    try:
        yield SignIn(site, later, refreshed)
    finally:
        await site.client.close()
        await site.channel.stop()
