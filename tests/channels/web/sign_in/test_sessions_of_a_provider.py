"""How long a session lasts, when the provider is asked again, and what becomes of it then."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select

from bot.channels.web.access.accounts import ROOM, digest_of, read_grants
from bot.channels.web.sign_in.sealing import seal, unseal
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import RosterUnavailable
from bot.domain.people import Identity
from bot.storage import Database
from bot.storage.schema.tables import sessions
from tests.support.channels.page_site import MAYA_TOKEN, TOKENS
from tests.support.channels.signing_in import a_page, signed_in, status
from tests.support.fakes.identity.nasty import Nasty

REFRESH = {"refresh_token": "refresh me", "expires_in": 3600}


def row(database: Database) -> Any:
    with database.transaction(reading=True) as db:
        return db.execute(select(sessions)).one()


async def test_it_ends_when_nobody_did_anything(nasty: Nasty, sqlite: Database) -> None:
    nasty.token_answer = {"access_token": ""} | REFRESH
    options = {"idle_minutes": "60", "session_hours": "2", "check_minutes": "1440"}
    async with a_page(sqlite, nasty.issuer, options) as page:
        await signed_in(page, nasty)
        page.later.move(minutes=50)
        assert await status(page) == 200  # what a window reads by itself keeps nothing alive
        page.later.move(minutes=11)
        assert await status(page) == 401
        await signed_in(page, nasty)
        for _ in range(2):
            page.later.move(minutes=50)
            assert await status(page, "/") == 200
        page.later.move(minutes=21)  # the end for good, whatever one does
        assert await status(page, "/") == 401


async def test_the_provider_is_asked_again_in_time(nasty: Nasty, sqlite: Database) -> None:
    nasty.token_answer = dict(REFRESH)
    async with a_page(sqlite, nasty.issuer) as page:
        await signed_in(page, nasty)
        nasty.nonce = ""  # a refreshed token has none
        nasty.claims = {"nonce": None, "name": "Ana Ruiz"}
        nasty.token_answer = REFRESH | {"refresh_token": "and again"}
        assert (await status(page), len(nasty.forms)) == (200, 1)
        page.later.move(minutes=15)
        assert "Ana Ruiz" in await page.site.text("/")
        page.later.move(minutes=14)
        assert (await status(page), [form.get("refresh_token") for form in nasty.forms]) == (
            200,
            [None, "refresh me"],
        )
        page.later.move(minutes=1)
        assert (await status(page), nasty.forms[-1]["refresh_token"]) == (200, "and again")


async def test_a_verified_address_is_told_and_told_again_when_it_is_another(
    nasty: Nasty, sqlite: Database
) -> None:
    told: list[tuple[str, ...]] = []

    async def addressed(identity: Identity, addresses: Sequence[str]) -> None:
        assert (identity.channel, identity.external_id) == ("web", row(sqlite).person)
        told.append(tuple(addresses))

    nasty.token_answer = dict(REFRESH)
    async with a_page(sqlite, nasty.issuer, addressed=addressed) as page:
        await signed_in(page, nasty)
        first = told[0]
        for claims in ({"nonce": None}, {"nonce": None, "email": "ana.ruiz@x.example"}):
            nasty.claims = claims
            page.later.move(minutes=15)
            assert await status(page) == 200
    assert len(first) == 1
    assert told == [first, ("ana.ruiz@x.example",)]


async def test_all_requests_of_one_moment_ask_once(nasty: Nasty, sqlite: Database) -> None:
    nasty.token_answer = dict(REFRESH)
    async with a_page(sqlite, nasty.issuer) as page:
        await signed_in(page, nasty)
        nasty.claims = {"nonce": None}
        page.later.move(minutes=15)
        assert {*await asyncio.gather(*(status(page) for _ in range(10)))} == {200}
        assert len(nasty.forms) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"token_answer": {"error": "invalid_grant"}},
        {"claims": {"sub": "somebody else"}},
        {"claims": {"iss": "https://elsewhere.example"}},
        {"claims": {"email": "ana@elsewhere.example"}},
        {"claims": {"email_verified": False}},
    ],
    ids=str,
)
async def test_whoever_the_provider_no_longer_knows_is_out(
    changed: dict[str, Any], nasty: Nasty, sqlite: Database
) -> None:
    nasty.token_answer = dict(REFRESH)
    async with a_page(sqlite, nasty.issuer, {"employees": "", "engineers": "@example.com"}) as page:
        await signed_in(page, nasty)
        assert len(await page.site.channel.members(ROOM)) == 1
        for name, value in changed.items():
            getattr(nasty, name).update(value)
        page.later.move(minutes=15)
        assert (await status(page), await page.site.channel.members(ROOM)) == (401, {})
        assert page.refreshed == ["web", "web"]
        ended = row(sqlite)
        assert (ended.name, ended.email, ended.sealed) == (None, None, None)


async def test_while_the_provider_is_away_sessions_and_tokens_go_on(nasty: Nasty, sqlite: Database) -> None:
    nasty.token_answer = dict(REFRESH)
    async with a_page(sqlite, nasty.issuer) as page:
        await signed_in(page, nasty)
        broken = {path: lambda _: web.Response(status=502) for path in ("/token", "/userinfo", "/keys")}
        nasty.answers.update(broken)
        page.later.move(minutes=15)
        assert [await status(page) for _ in range(3)] == [200, 200, 200]
        assert nasty.asked.count("/token") == 2  # once a minute, not with each request
        nasty.answers.clear()
        nasty.token_answer = {"error": "invalid_grant"}
        page.later.move(minutes=1)
        assert await status(page) == 401


async def test_tokens_go_on_beside_the_provider(nasty: Nasty, sqlite: Database) -> None:
    nasty.answers["/.well-known/openid-configuration"] = lambda _: web.Response(status=502)
    grants, _ = read_grants(TOKENS)
    async with a_page(sqlite, nasty.issuer, grants=grants) as page:
        async with page.site.client.get("/web/oidc/begin", headers={"Accept-Language": "es"}) as response:
            assert (response.status, "no responde ahora mismo" in await response.text()) == (503, True)
        assert (await page.site.post("/web/sign-in", token=MAYA_TOKEN))[0] == 200
        assert await status(page, "/web/room") == 200
        html = await page.site.text("/")
        assert "maya patel" in html
        assert (await page.site.post("/web/sign-out"))[1] == {"kind": "signed-out", "to": ""}
        assert await status(page) == 401


async def test_without_a_refresh_token_the_access_token_asks(nasty: Nasty, sqlite: Database) -> None:
    """As with Slack, whose tokens do not end."""
    async with a_page(sqlite, nasty.issuer, {"employees": "@example.com"}) as page:
        await signed_in(page, nasty)
        nasty.userinfo = {"email": "ana@example.com", "email_verified": True, "name": "Ana Ruiz"}
        page.later.move(minutes=15)
        assert "Ana Ruiz" in await page.site.text("/")
        nasty.userinfo = {"ok": False, "error": "account_inactive"}
        page.later.move(minutes=15)
        assert await status(page) == 401


async def test_without_any_token_the_browser_asks_and_nobody_is_shown_anything(
    nasty: Nasty, sqlite: Database
) -> None:
    """As with Google, an hour after a sign-in that gave no refresh token."""
    nasty.token_answer = {"expires_in": 600}
    async with a_page(sqlite, nasty.issuer) as page:
        await signed_in(page, nasty)
        before = page.session
        page.later.move(minutes=15)
        assert await status(page) == 401  # the page's script loads the page anew
        async with page.site.client.get("/", allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/web/oidc/begin?silent=1")
        async with page.site.client.get("/?ticket=HELP-1002", allow_redirects=False) as response:
            back = response.headers["Location"]
        assert back == "/web/oidc/begin?silent=1&to=%2F%3Fticket%3DHELP-1002"
        assert "/?ticket=HELP-1002&amp;renewed=1" in await (await signed_in(page, nasty, back)).text()
        assert page.session != before
        assert await status(page) == 200
        page.forget()
        async with page.site.client.get("/", headers={"Cookie": f"firstline_session={before}"}) as response:
            assert response.status == 401  # in the place of the one before, not beside it


async def test_other_settings_let_nobody_stay_in(nasty: Nasty, sqlite: Database) -> None:
    async with a_page(sqlite, nasty.issuer) as page:
        await signed_in(page, nasty)
        session = page.session
    cases: tuple[tuple[dict[str, str], int], ...] = (
        ({}, 200),
        ({"employees": "@example.com"}, 401),
        ({"managers": "x@example.com"}, 401),
    )
    for options, expected in cases:
        async with a_page(sqlite, nasty.issuer, options) as page:
            cookie = {"Cookie": f"firstline_session={session}"}
            async with page.site.client.get("/web/conversation", headers=cookie) as response:
                assert response.status == expected, options


async def test_what_is_stored_opens_nothing(nasty: Nasty, sqlite: Database) -> None:
    nasty.token_answer = dict(REFRESH)
    async with a_page(sqlite, nasty.issuer) as page:
        await signed_in(page, nasty)
        stored = row(sqlite)
        assert stored.key_hash == digest_of(page.session)
        text = " ".join(map(str, stored))
        for secret in (page.session, "refresh me", "an access token", "ana-1"):
            assert secret not in text
        assert unseal(page.session, stored.sealed)["refresh"] == "refresh me"
        assert unseal("another key", stored.sealed) == {}
        for broken in ("", "x", seal("k", {})[:-4], "é"):
            assert unseal("k", broken) == {}


async def test_the_userinfo_adds_what_the_token_lacks_and_verifies_no_other_address(
    nasty: Nasty, sqlite: Database
) -> None:
    options = {"employees": "@example.com", "engineers": "helpdesk", "role_claim": "groups"}
    nasty.userinfo = {"groups": ["helpdesk"], "email": "eva@elsewhere.example", "email_verified": True}
    async with a_page(sqlite, nasty.issuer, options) as page:
        nasty.claims = {"email_verified": None}
        await signed_in(page, nasty)
        assert (row(sqlite).role, row(sqlite).email) == ("engineer", None)
        nasty.userinfo = {"email": "ana@example.com", "email_verified": True}
        page.forget()
        assert (await signed_in(page, nasty)).status == 403
        nasty.claims = {"email": None, "email_verified": None}
        assert (await signed_in(page, nasty)).status == 200
        nasty.claims = {"email": None, "email_verified": True}  # of which address?
        nasty.userinfo = {"email": "ana@example.com"}
        assert (await signed_in(page, nasty)).status == 403
        nasty.claims, nasty.userinfo = {}, {"error": "insufficient_scope"}
        assert (await signed_in(page, nasty)).status == 200


async def test_a_manager_sees_what_an_employee_sees(nasty: Nasty, sqlite: Database) -> None:
    async with a_page(sqlite, nasty.issuer, {"employees": "", "managers": "ana@example.com"}) as page:
        await signed_in(page, nasty)
        assert row(sqlite).role == "manager"
        assert [await status(page, path) for path in ("/", "/web/room", "/web/ticket")] == [200, 403, 403]
        assert (await page.site.post("/web/press", pane="room", action="claim", token="t1"))[0] == 403
        assert await page.site.channel.members(ROOM) == {}


async def test_who_has_no_role_is_told_whom_to_ask(nasty: Nasty, sqlite: Database) -> None:
    async with a_page(
        sqlite, nasty.issuer, {"employees": "@elsewhere.example", "contact": "Eva, it@example.com <b>"}
    ) as page:
        response = await signed_in(page, nasty)
        assert (response.status, page.session) == (403, "")
        assert "To be let in, ask: Eva, it@example.com &lt;b&gt;" in await response.text()
        assert 'href="/web/oidc/begin?another=1"' in await response.text()
        assert (await page.begun("/web/oidc/begin?another=1"))["prompt"] == "login"
    async with a_page(sqlite, nasty.issuer, {"employees": "@elsewhere.example"}) as page:
        assert "Ask your help desk to let you in" in await (await signed_in(page, nasty)).text()


async def test_an_engineer_may_open_a_ticket_for_whoever_is_signed_in(nasty: Nasty, sqlite: Database) -> None:
    options = {"employees": "*", "engineers": "wes@example.com"}
    async with a_page(sqlite, nasty.issuer, options) as page:
        await signed_in(page, nasty)
        employee = row(sqlite).person
        page.forget()
        nasty.claims = {"sub": "wes", "email": "wes@example.com", "name": "Wes"}
        await signed_in(page, nasty)
        assert f'<option value="{employee}">Ana Costa</option>' in await page.site.text("/")
        assert (await page.site.post("/web/ask", pane="room", behalf=employee, text="chair"))[0] == 200
        behalf = page.site.desk.received[0].behalf
        assert behalf is not None
        assert str(behalf.identity) == f"web:{employee}"


FORGED: dict[str, Any] = {
    "no events": {"events": None},
    "another event": {"events": {"https://elsewhere.example": {}}},
    "a nonce": {"nonce": "x"},
    "nobody": {"sub": None, "sid": None},
    "another audience": {"aud": "another"},
    "another issuer": {"iss": "https://elsewhere.example"},
    "old": {"iat": 1_700_000_000},
    "expired": {"exp": 1_700_000_000},
}
LOGOUT: dict[str, Any] = {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}, "nonce": None}


async def test_the_provider_may_end_sessions_and_nobody_else(nasty: Nasty, sqlite: Database) -> None:
    nasty.claims = {"sid": "there-1"}
    async with a_page(sqlite, nasty.issuer) as page:

        async def told(**changes: Any) -> int:
            token = nasty.signed(nasty.id_claims(**LOGOUT | changes))
            async with page.site.client.post("/web/oidc/logout", data={"logout_token": token}) as response:
                return response.status

        await signed_in(page, nasty)
        for name, changes in FORGED.items():
            assert (await told(**changes), await status(page)) == (400, 200), name
        id_token = nasty.signed(nasty.id_claims())
        for body in ({"logout_token": id_token}, {"logout_token": ""}, {}, {"logout_token": "x" * 70_000}):
            async with page.site.client.post("/web/oidc/logout", data=body) as response:
                assert response.status in (400, 413)
        assert (await told(sid="there-2"), await status(page)) == (200, 200)
        assert (await told(sub=None), await status(page)) == (200, 401)
        await signed_in(page, nasty)
        assert (await told(sid=None, exp=None), await status(page)) == (200, 401)


async def test_who_is_in_a_room_of_a_chat_platform_is_an_engineer_where_that_is_allowed(
    nasty: Nasty, sqlite: Database
) -> None:
    asked: list[str] = []
    members: set[str] | None = {"ana@example.com"}

    async def in_a_room(room: ConversationRef, address: str) -> bool:
        assert room == ROOM
        asked.append(address)
        if members is None:
            raise RosterUnavailable
        return address in members

    nasty.token_answer = dict(REFRESH)
    rooms = {"room_engineers": "true"}
    async with a_page(sqlite, nasty.issuer, suffices_for_room=in_a_room) as page:
        await signed_in(page, nasty)
        assert (row(sqlite).role, asked) == ("employee", [])  # not allowed: nobody is asked
    async with a_page(sqlite, nasty.issuer, rooms, suffices_for_room=in_a_room) as page:
        page.forget()
        nasty.claims = {"email_verified": False}
        await signed_in(page, nasty)
        assert (await status(page, "/web/room"), asked) == (403, [])
        page.forget()
        nasty.claims = {}
        await signed_in(page, nasty)
        assert (await status(page, "/web/room"), asked) == (200, ["ana@example.com"])
        members = None  # nobody can say: who was in stays what they were
        nasty.claims = {"nonce": None}
        page.later.move(minutes=15)
        assert await status(page, "/web/room") == 200
        members = set()
        page.later.move(minutes=1)
        assert await status(page, "/web/room") == 403
        members = None
        page.forget()
        nasty.claims = {}
        assert ((await signed_in(page, nasty)).status, await status(page, "/web/room")) == (200, 403)
    async with a_page(sqlite, nasty.issuer, rooms | {"employees": ""}, suffices_for_room=in_a_room) as page:
        page.forget()
        assert (await signed_in(page, nasty)).status == 503
        members = set()
        assert (await signed_in(page, nasty)).status == 403
