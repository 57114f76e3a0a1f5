"""What goes on by itself in a window, and what is learnt in one session of somebody who has several."""

import pytest

from bot.channels.web.access.accounts import ROOM
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import RosterUnavailable
from bot.storage import Database
from tests.support.channels.signing_in import a_page, signed_in, status
from tests.support.fakes.identity.nasty import Nasty

REFRESH = {"refresh_token": "refresh me", "expires_in": 3600}


async def test_a_window_that_nobody_sits_at_does_not_stay_signed_in_for_good(
    nasty: Nasty, sqlite: Database
) -> None:
    nasty.token_answer = {"access_token": "", "expires_in": 600}
    options = {"idle_minutes": "60", "session_hours": "2"}
    async with a_page(sqlite, nasty.issuer, options) as page:

        async def renewed() -> str:
            """What a window does by itself: load the page, go to the provider and back, load it again."""
            await signed_in(page, nasty, "/web/oidc/begin?silent=1")
            assert await status(page, "/?renewed=1") == 200
            return page.session

        await signed_in(page, nasty)
        for _ in range(3):
            page.later.move(minutes=16)
            await renewed()
        page.later.move(minutes=13)  # an hour after somebody did something
        assert await status(page, "/") == 401
        async with page.site.client.get("/web/oidc/begin?silent=1", allow_redirects=False) as response:
            assert response.status == 403
        await signed_in(page, nasty)
        for _ in range(7):
            page.later.move(minutes=16)
            await renewed()
            assert await status(page, "/") == 200  # somebody did
        page.later.move(minutes=9)
        assert await status(page, "/") == 401


@pytest.mark.parametrize("meanwhile", ["signed out", "somebody else there"])
async def test_nothing_is_renewed_that_is_over(meanwhile: str, nasty: Nasty, sqlite: Database) -> None:
    nasty.token_answer = {"access_token": "", "expires_in": 600}
    async with a_page(sqlite, nasty.issuer) as page:
        await signed_in(page, nasty)
        query = await page.begun("/web/oidc/begin?silent=1")
        if meanwhile == "signed out":
            await page.site.post("/web/sign-out")
        else:
            nasty.claims = {"sub": "somebody else"}
        nasty.nonce, nasty.now = query["nonce"], page.later
        before = page.session
        assert (await page.back({"code": "a code", "state": query["state"]})).status == 403
        assert page.session == before


async def test_what_is_learnt_in_one_session_holds_for_all_of_a_person(
    nasty: Nasty, sqlite: Database
) -> None:
    """Else a browser that is left alone would keep somebody an engineer who is one no longer."""
    nasty.token_answer = dict(REFRESH)
    options = {"engineers": "helpdesk", "role_claim": "groups"}
    for now in ({"token_answer": {"error": "invalid_grant"}}, {"claims": {"groups": ["others"]}}):
        async with a_page(sqlite, nasty.issuer, options) as page:
            nasty.claims = {"groups": ["helpdesk"]}
            await signed_in(page, nasty)
            asked = page.session
            page.forget()
            page.later.move(minutes=5)
            await signed_in(page, nasty)  # the newer one, of which nothing is heard again
            assert len(await page.site.channel.members(ROOM)) == 1
            nasty.claims |= {"nonce": None}
            for name, value in now.items():
                getattr(nasty, name).update(value)
            page.later.move(minutes=10)
            cookie = {"Cookie": f"firstline_session={asked}"}
            page.site.client.session.cookie_jar.clear()
            async with page.site.client.get("/web/room", headers=cookie) as response:
                assert response.status in (401, 403)
            assert await page.site.channel.members(ROOM) == {}
        nasty.token_answer = dict(REFRESH)


async def test_a_refresh_token_that_is_good_once_is_kept_whatever_comes_after(
    nasty: Nasty, sqlite: Database
) -> None:
    reached = True

    async def in_a_room(_: ConversationRef, __: str) -> bool:
        if not reached:
            raise RosterUnavailable
        return True

    nasty.token_answer = REFRESH | {"refresh_token": "first"}
    async with a_page(sqlite, nasty.issuer, {"room_engineers": "true"}, suffices_for_room=in_a_room) as page:
        await signed_in(page, nasty)
        nasty.claims, nasty.token_answer = {"nonce": None}, REFRESH | {"refresh_token": "second"}
        reached = False
        page.later.move(minutes=15)
        assert await status(page, "/web/room") == 200
        page.later.move(minutes=1)
        assert await status(page, "/web/room") == 200
        assert [form.get("refresh_token") for form in nasty.forms] == [None, "first", "second"]


@pytest.mark.parametrize(
    ("answer", "claims", "left"),
    [
        ({"error": "login_required"}, {}, 0),
        ({"error": "server_error"}, {}, 1),  # it says nothing of the person
        ({"code": "a code"}, {"groups": ["others"], "email": "ana@elsewhere.example"}, 0),
        ({"code": "a code"}, {"sub": "somebody else", "groups": ["helpdesk"]}, 0),
    ],
    ids=str,
)
async def test_whoever_the_provider_does_not_vouch_for_when_the_browser_asks_is_out(
    answer: dict[str, str], claims: dict[str, object], left: int, nasty: Nasty, sqlite: Database
) -> None:
    nasty.token_answer = {"access_token": "", "expires_in": 600}
    options = {"engineers": "helpdesk", "role_claim": "groups", "employees": "@example.com"}
    async with a_page(sqlite, nasty.issuer, options) as page:
        nasty.claims = {"groups": ["helpdesk"]}
        await signed_in(page, nasty)
        query = await page.begun("/web/oidc/begin?silent=1")
        nasty.nonce, nasty.claims = query["nonce"], dict(claims)
        assert (await page.back({**answer, "state": query["state"]})).status == 403
        assert len(await page.site.channel.members(ROOM)) == left
        assert await status(page) == (200 if left else 401)
