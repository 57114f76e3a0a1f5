"""Signing in with a real, certified provider."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

from bot.channels.web.access.accounts import ROOM
from bot.storage import Database
from tests.support.channels.signing_in import SignIn, a_page
from tests.support.e2e.running import free_port, until
from tests.support.fakes.identity.certified import Browser, Certified

ANA: dict[str, Any] = {"name": "Ana Costa", "email": "Ana@example.com", "email_verified": True}
WES: dict[str, Any] = ANA | {"name": "Wes Engineer", "realm_access": {"roles": ["it", "helpdesk"]}}
ROLES = {"role_claim": "realm_access.roles", "engineers": "helpdesk", "check_minutes": "10"}


@asynccontextmanager
async def registered(provider: Certified, database: Database) -> AsyncIterator[SignIn]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    more = {"backchannel_logout_uri": f"{base}/web/oidc/logout"}
    client = await provider.register(base, **more)
    async with a_page(database, provider.issuer, ROLES, client=client, port=port) as page:
        yield page


async def signed_in(page: SignIn, browser: Browser, person: str, to: str = "/") -> str:
    """Sign somebody in; the page that they see then."""
    status, at, html = await browser.sign_in(f"{page.site.origin}/web/oidc/begin?to={to}", person)
    assert (status, at.split("?")[0]) == (200, f"{page.site.origin}/web/oidc/callback"), unescape(html)
    return (await browser.sign_in(page.site.origin + to, person))[2]


async def test_an_employee_signs_in_and_out(provider: Certified, browser: Browser, sqlite: Database) -> None:
    await provider.tell({"ana": ANA})
    async with registered(provider, sqlite) as page:
        html = await signed_in(page, browser, "ana", "/?as=ana")
        assert "Ana Costa" in html
        assert 'id="room-title"' not in unescape(html)
        origin = {"Origin": page.site.origin}
        async with browser.http.post(f"{page.site.origin}/web/sign-out", json={}, headers=origin) as answer:
            to = (await answer.json())["to"]
        assert to.startswith(f"{provider.issuer}/session/end?")
        # Signed out here at once; and there, so that the button asks who it is.
        assert (await browser.sign_in(f"{page.site.origin}/", ""))[0] == 401
        assert await browser.confirm(to) == f"{page.site.origin}/"
        _, at, _ = await browser.go(f"{page.site.origin}/web/oidc/begin")
        assert "/interaction/" in at


async def test_an_engineer_is_known_by_a_nested_claim(
    provider: Certified, browser: Browser, sqlite: Database
) -> None:
    await provider.tell({"wes": WES})
    async with registered(provider, sqlite) as page:
        html = await signed_in(page, browser, "wes")
        assert 'id="room-title"' in unescape(html)
        [(engineer, name)] = (await page.site.channel.members(ROOM)).items()
        assert (str(engineer)[:9], name, page.refreshed) == ("web:oidc:", "Wes Engineer", ["web"])


async def test_whoever_is_removed_there_is_out_here(
    provider: Certified, browser: Browser, sqlite: Database
) -> None:
    await provider.tell({"wes": WES})
    async with registered(provider, sqlite) as page:
        await signed_in(page, browser, "wes")
        # A refresh token is good once: all that come in one moment ask once, and each time again.
        for _ in range(2):
            page.later.move(minutes=10)
            reads = [browser.go(f"{page.site.origin}/web/room") for _ in range(8)]
            assert {status for status, _, _ in await asyncio.gather(*reads)} == {200}
        await provider.tell({"wes": WES | {"realm_access": {"roles": ["it"]}, "name": "Wes Employee"}})
        page.later.move(minutes=10)
        status, _, _ = await browser.go(f"{page.site.origin}/web/room")
        assert (status, await page.site.channel.members(ROOM)) == (403, {})
        assert "Wes Employee" in (await browser.go(f"{page.site.origin}/"))[2]
        await provider.tell({"wes": None})
        assert (await browser.go(f"{page.site.origin}/"))[0] == 200
        page.later.move(minutes=10)
        assert (await browser.go(f"{page.site.origin}/web/conversation"))[0] == 401
        assert (await browser.go(f"{page.site.origin}/"))[0] == 401


async def test_a_sign_out_elsewhere_ends_the_session_here(
    provider: Certified, browser: Browser, sqlite: Database
) -> None:
    await provider.tell({"ana": ANA})
    async with registered(provider, sqlite) as page:
        await signed_in(page, browser, "ana")
        await browser.confirm(f"{provider.issuer}/session/end")

        async def out() -> bool:
            return (await browser.go(f"{page.site.origin}/web/conversation"))[0] == 401

        await until(out, "the end of the session")


async def test_the_code_of_somebody_else_s_browser_opens_nothing(
    provider: Certified, browser: Browser, sqlite: Database
) -> None:
    await provider.tell({"ana": ANA})
    async with registered(provider, sqlite) as page:
        _, at, _ = await browser.sign_in(f"{page.site.origin}/web/oidc/begin", "ana")
        # Ana's answer, once more and in a browser that began nothing.
        for _ in range(2):
            async with page.site.client.get(at.removeprefix(page.site.origin)) as response:
                assert response.status == 403
                assert "begun elsewhere" in await response.text()
        assert page.session == ""
        # And once more in her own: the provider's code and the state are used up.
        status, _, html = await browser.go(at)
        assert (status, "begun elsewhere" in html or "did not work" in html) == (403, True)


async def test_nobody_signs_in_silently_who_is_not_signed_in_there(
    provider: Certified, browser: Browser, sqlite: Database
) -> None:
    async with registered(provider, sqlite) as page:
        status, _, html = await browser.go(f"{page.site.origin}/web/oidc/begin?silent=1")
        assert (status, 'id="begin"' in html) == (403, True)
