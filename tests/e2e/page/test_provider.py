"""A whole desk whose people sign in with an identity provider, on two replicas."""

from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import aiohttp
import pytest

from bot.channels.web.sign_in.provider_sessions import account_of
from bot.desk.knowledge.library import Library
from tests.support.e2e.page_client import token_of
from tests.support.e2e.running import running, until
from tests.support.fakes.identity.nasty import CLIENT, SECRET, Nasty
from tests.support.unknown import UNKNOWN


class Window:
    """A browser that was signed in."""

    def __init__(self, http: aiohttp.ClientSession, nasty: Nasty) -> None:
        self.http = http
        self.nasty = nasty

    async def sign_in(self, begin_at: str, back_at: str, **claims: Any) -> int:
        """Begin at one server, and come back to another."""
        async with self.http.get(f"{begin_at}/web/oidc/begin", allow_redirects=False) as begun:
            query = parse_qs(urlsplit(begun.headers["Location"]).query)
        self.nasty.nonce, self.nasty.claims = query["nonce"][0], claims
        back = {"code": "a code", "state": query["state"][0]}
        async with self.http.get(f"{back_at}/web/oidc/callback", params=back) as answer:
            return answer.status

    async def read(self, address: str) -> tuple[int, str]:
        """A page or fragment."""
        async with self.http.get(address, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def send(self, address: str, **body: Any) -> dict[str, Any]:
        """Ask or press."""
        sent = {"key": uuid4().hex} | body
        async with self.http.post(address, json=sent) as answer:
            found: dict[str, Any] = await answer.json()
        return found


async def test_an_engineer_works_and_two_replicas_know_who_is_signed_in(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with AsyncExitStack() as stack:
        nasty = await stack.enter_async_context(Nasty())
        settings = {
            "FIRSTLINE_PUBLIC_URL": "http://127.0.0.1:1",
            "FIRSTLINE_OIDC_ISSUER": nasty.issuer,
            "FIRSTLINE_OIDC_CLIENT_ID": CLIENT,
            "FIRSTLINE_OIDC_CLIENT_SECRET": SECRET,
            "FIRSTLINE_OIDC_EMPLOYEES": "@example.com",
            "FIRSTLINE_OIDC_ENGINEERS": "wes@example.com",
        }
        one, two = [
            await stack.enter_async_context(running(monkeypatch, library, database_url, settings))
            for _ in range(2)
        ]

        async def window() -> Window:
            jar = aiohttp.CookieJar(unsafe=True)
            return Window(await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar)), nasty)

        ana, wes = await window(), await window()
        assert await ana.sign_in(one.url, two.url, email="ana@example.com") == 200
        assert (await ana.send(f"{one.url}/web/ask", pane="ask", text=UNKNOWN))["kind"] == "ticket"
        assert await wes.sign_in(two.url, one.url, sub="wes", email="wes@example.com", name="Wes") == 200
        claim = ""

        async def claimed() -> bool:
            # The roster is read anew when an engineer signs in; until then nothing is offered to anybody.
            nonlocal claim
            _, room = await wes.read(f"{two.url}/web/ticket?ticket=HELP-1001")
            if 'data-action="claim"' not in room:
                return False
            claim = token_of(room, "claim")
            pressed = await wes.send(f"{two.url}/web/press", pane="room", action="claim", token=claim)
            return bool(pressed.get("kind") == "done")

        await until(claimed, "a claim")
        refused = await ana.send(f"{one.url}/web/press", pane="room", action="claim", token=claim)
        assert "Only engineers" in refused["error"]
        assert (await wes.send(f"{one.url}/web/sign-out"))["kind"] == "signed-out"
        assert [(await wes.read(f"{url}/web/room"))[0] for url in (one.url, two.url)] == [401, 401]
        assert [(await ana.read(f"{url}/web/conversation"))[0] for url in (one.url, two.url)] == [200, 200]
        with one.application.begin() as work:
            ana_s = account_of(nasty.issuer, "ana-1")
            assert work.sessions.verified_email(ana_s, one.application.clock()) == "ana@example.com"
