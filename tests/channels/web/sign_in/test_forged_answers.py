"""What a provider must not be believed, whatever it sends; each is the good answer with one thing changed."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.channels.web.sign_in.errors import ProviderUnavailable
from bot.channels.web.sign_in.keys import UNKNOWN_KEY, SigningKeys
from bot.storage import Database
from tests.support.channels.signing_in import a_page, signed_in
from tests.support.e2e.running import until
from tests.support.fakes.identity.forgeries import OTHER, REFUSED, Change, by_an_unknown_key
from tests.support.fakes.identity.nasty import CLIENT, Key, Nasty


@pytest.mark.parametrize(("reason", "change"), REFUSED.values(), ids=REFUSED)
async def test_what_is_forged_opens_no_session(
    reason: str, change: Change, nasty: Nasty, sqlite: Database
) -> None:
    async with a_page(sqlite, nasty.issuer) as page:
        change(nasty)
        with capture_logs() as logs:
            response = await signed_in(page, nasty)
        assert [line["reason"] for line in logs if line["event"] == "page_sign_in_refused"] == [reason]
        assert (response.status, page.session) == (403, "")
        assert "did not work" in await response.text()


async def test_what_is_good_opens_one(nasty: Nasty, sqlite: Database) -> None:
    async with a_page(sqlite, nasty.issuer) as page:
        now = int(time.time())
        nasty.claims = {"aud": [CLIENT, "another"], "azp": CLIENT, "iat": now - 30, "exp": now - 5}
        assert (await signed_in(page, nasty)).status == 200
        assert page.session
        [form] = nasty.forms
        assert form["redirect_uri"] == f"{page.site.origin}/web/oidc/callback"
        assert {*form} == {"grant_type", "code", "redirect_uri", "code_verifier"}


@pytest.mark.parametrize(
    "seconds",
    [float("nan"), float("inf"), -float("inf"), 10**400, -5, "3600", "soon", True, [], None],
    ids=repr,
)
async def test_however_long_a_token_is_said_to_last_its_holder_is_in(
    seconds: object, nasty: Nasty, sqlite: Database
) -> None:
    nasty.token_answer = {"expires_in": seconds, "refresh_token": "refresh me"}
    async with a_page(sqlite, nasty.issuer) as page:
        assert (await signed_in(page, nasty)).status == 200
        nasty.claims = {"nonce": None}
        page.later.move(minutes=15)
        async with page.site.client.get("/web/conversation") as response:
            assert response.status == 200


def huge(_: web.Request) -> web.Response:
    return web.json_response({"x": "x" * 2_000_000})


def words(_: web.Request) -> web.Response:
    return web.Response(text="<html>It works!</html>")


def deep(_: web.Request) -> web.Response:
    return web.Response(text="[" * 200_000, content_type="application/json")


def elsewhere(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": f"http://{request.host}/keys"})


def broken(_: web.Request) -> web.Response:
    return web.Response(status=500)


async def hung_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


AWAY = [huge, words, deep, elsewhere, broken, hung_up]


@pytest.mark.parametrize("answer", AWAY, ids=lambda one: one.__name__)
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
async def test_a_provider_that_answers_wrongly_is_away(
    path: str, answer: Callable[[web.Request], Any], nasty: Nasty, sqlite: Database
) -> None:
    async with a_page(sqlite, nasty.issuer) as page:
        nasty.answers[path] = answer
        if path.startswith("/.well"):
            response = await page.site.client.get("/web/oidc/begin", allow_redirects=False)
        else:
            response = await signed_in(page, nasty)
        assert (response.status, page.session) == (503, "")
        assert "does not answer just now" in await response.text()
        assert (page.site.channel.trouble() is not None) == path.startswith("/.well")


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://elsewhere.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "http://login.example.com/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"end_session_endpoint": "http://login.example.com/out"},
    ],
    ids=str,
)
async def test_what_it_says_of_itself_must_be_usable(
    changed: dict[str, Any], nasty: Nasty, sqlite: Database
) -> None:
    nasty.more_metadata = changed
    async with a_page(sqlite, nasty.issuer) as page:
        response = await page.site.client.get("/web/oidc/begin", allow_redirects=False)
        assert response.status == 503


async def test_a_slow_provider_is_given_up(
    nasty: Nasty, sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.web.sign_in.provider.SECONDS", 0.05)

    given_up = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"{")
        await given_up.wait()
        return response

    nasty.answers["/.well-known/openid-configuration"] = slow
    async with a_page(sqlite, nasty.issuer) as page:
        response = await page.site.client.get("/web/oidc/begin", allow_redirects=False)
        assert response.status == 503
        given_up.set()


async def test_a_provider_that_is_back_is_no_trouble_any_more(
    nasty: Nasty, sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.web.sign_in.doors.RETRY_SECONDS", 0.01)
    monkeypatch.setattr("bot.channels.web.sign_in.provider.AGAIN", 0.0)
    nasty.answers["/.well-known/openid-configuration"] = broken
    async with a_page(sqlite, nasty.issuer) as page:
        await page.site.channel.start()
        await until(page.site.channel.trouble, "the trouble")
        nasty.answers.clear()
        await until(lambda: page.site.channel.trouble() is None, "its end")


async def test_a_new_key_is_fetched_once_and_forged_ones_do_not_make_us_ask_all_the_time(
    nasty: Nasty, key: Key, sqlite: Database
) -> None:
    async with a_page(sqlite, nasty.issuer) as page:
        assert (await signed_in(page, nasty)).status == 200
        assert nasty.asked.count("/keys") == 1
        nasty.sign = by_an_unknown_key
        for _ in range(5):
            assert (await signed_in(page, nasty)).status == 403
        assert nasty.asked.count("/keys") == 1  # within a minute of the last time
    nasty.asked.clear()
    seconds = [0.0]

    async def fetch() -> Mapping[str, Any]:
        nasty.asked.append("fetched")
        return nasty.key_set()

    keys = SigningKeys(fetch, clock=lambda: seconds[0])
    await keys.find({"kid": "first", "alg": "RS256"})
    nasty.keys["second"] = OTHER
    seconds[0] += UNKNOWN_KEY
    await keys.find({"kid": "second", "alg": "RS256"})
    await keys.find({"kid": "first", "alg": "RS256"})
    assert nasty.asked == ["fetched", "fetched"]


async def test_those_who_wait_for_keys_that_do_not_come_wait_once(nasty: Nasty) -> None:
    """Else a hundred forged tokens would hold up every sign-in for a hundred times as long."""
    seconds, away = [0.0], True

    async def fetch() -> Mapping[str, Any]:
        nasty.asked.append("fetched")
        if away:
            seconds[0] += 10
            raise ProviderUnavailable
        return nasty.key_set()

    keys = SigningKeys(fetch, clock=lambda: seconds[0])
    header = {"kid": "first", "alg": "RS256"}
    found = await asyncio.gather(*(keys.find(header) for _ in range(10)), return_exceptions=True)
    assert {type(one) for one in found} == {ProviderUnavailable}
    assert nasty.asked == ["fetched"]
    away = False
    seconds[0] += 5
    await keys.find(header)
    seconds[0] += 24 * 3600 + 1
    away = True
    await asyncio.gather(*(keys.find(header) for _ in range(10)))  # what is known goes on
    assert nasty.asked == ["fetched"] * 3
