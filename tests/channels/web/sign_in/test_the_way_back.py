"""The way to the provider and back: whose browser it is, where it goes, and what it takes along."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from http.cookies import SimpleCookie
from typing import Any

import pytest

from bot.channels.web.sign_in.attempt import begin, new_secret, own_path, resume
from bot.storage import Database
from tests.support.channels.signing_in import Later, a_page, signed_in
from tests.support.clock import START
from tests.support.fakes.identity.nasty import CLIENT, Nasty


async def test_what_goes_to_the_provider(nasty: Nasty, sqlite: Database) -> None:
    async with a_page(sqlite, nasty.issuer) as page:
        query = await page.begun()
        assert {name: query[name] for name in query if name not in ("state", "nonce", "code_challenge")} == {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": f"{page.site.origin}/web/oidc/callback",
            "scope": "openid profile email",
            "code_challenge_method": "S256",
        }
        nasty.nonce = query["nonce"]
        await page.back({"code": "c", "state": query["state"]})
        verifier = nasty.forms[0]["code_verifier"]
        digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        assert query["code_challenge"] == digest
        assert (await page.begun("/web/oidc/begin?silent=1"))["prompt"] == "none"


async def test_a_code_of_another_browser_is_refused(nasty: Nasty, sqlite: Database) -> None:
    """Login CSRF: somebody is sent to the callback with the code of an account that is not theirs."""
    async with a_page(sqlite, nasty.issuer) as page:
        query = await page.begun()
        nasty.nonce = query["nonce"]
        page.forget()
        for _ in range(2):
            response = await page.back({"code": "a code", "state": query["state"]})
            assert (response.status, page.session) == (403, "")
            assert "begun elsewhere" in await response.text()
            await page.begun()  # with a sign-in of its own on the way, it is refused all the same
        assert nasty.forms == []


@pytest.mark.parametrize(
    "state", ["", "x", "....", "a.b.c.d.e", "\0", "é" * 10, "x" * 5000, "1.1.1.Lw.", "ok."], ids=repr
)
async def test_a_made_up_state_is_refused(state: str, nasty: Nasty, sqlite: Database) -> None:
    async with a_page(sqlite, nasty.issuer) as page:
        real = (await page.begun())["state"]
        for tried in (state, f"{state}x{real}", f"{real}x{state}", real[:-1], real.swapcase()):
            response = await page.back({"code": "a code", "state": tried})
            assert (response.status, page.session) == (403, "")
        assert nasty.forms == []


async def test_a_sign_in_opens_one_session(nasty: Nasty, sqlite: Database) -> None:
    async with a_page(sqlite, nasty.issuer) as page:
        query = await page.begun()
        nasty.nonce = query["nonce"]
        back = {"code": "a code", "state": query["state"]}
        assert (await page.back(back)).status == 200
        first = page.session
        # Whatever the provider thinks of the code, which this one takes twice.
        assert (await page.back(back)).status == 403
        assert page.session == first


async def test_a_sign_in_ends_after_ten_minutes(nasty: Nasty, sqlite: Database) -> None:
    async with a_page(sqlite, nasty.issuer) as page:
        query = await page.begun()
        nasty.nonce = query["nonce"]
        page.later.move(minutes=10, seconds=2)
        assert (await page.back({"code": "a code", "state": query["state"]})).status == 403


async def test_several_windows_sign_in_side_by_side(nasty: Nasty, sqlite: Database) -> None:
    async with a_page(sqlite, nasty.issuer) as page:
        begun = [await page.begun() for _ in range(3)]
        for query in begun:
            nasty.nonce = query["nonce"]
            assert (await page.back({"code": "a code", "state": query["state"]})).status == 200


async def test_the_answer_of_another_provider_is_refused(nasty: Nasty, sqlite: Database) -> None:
    """Mix-up: the issuer in the answer is checked before anything is sent anywhere."""
    async with a_page(sqlite, nasty.issuer) as page:
        assert (await signed_in(page, nasty, iss="https://elsewhere.example")).status == 403
        assert nasty.forms == []
        assert (await signed_in(page, nasty, iss=nasty.issuer)).status == 200
    nasty.more_metadata = {"authorization_response_iss_parameter_supported": True}
    nasty.forms.clear()
    async with a_page(sqlite, nasty.issuer) as page:
        assert (await signed_in(page, nasty)).status == 403
        assert nasty.forms == []


@pytest.mark.parametrize("error", ["access_denied", "server_error", "login_required", "<script>"])
async def test_what_the_provider_refuses_is_said(error: str, nasty: Nasty, sqlite: Database) -> None:
    async with a_page(sqlite, nasty.issuer) as page:
        query = await page.begun()
        response = await page.back({"error": error, "error_description": "<b>x", "state": query["state"]})
        text = await response.text()
        assert (response.status, 'id="begin"' in text) == (403, True)
        assert "<script>" not in text
        assert "<b>" not in text


async def test_each_sign_in_makes_a_session_of_its_own(nasty: Nasty, sqlite: Database) -> None:
    """Session fixation: what the browser had before opens nothing afterwards."""
    async with a_page(sqlite, nasty.issuer) as page:
        jar = page.site.client.session.cookie_jar
        jar.update_cookies({"firstline_session": "chosen-by-somebody-else"}, page.site.client.make_url("/"))
        await signed_in(page, nasty)
        first = page.session
        await signed_in(page, nasty)
        assert len({first, page.session, "chosen-by-somebody-else"}) == 3


FOREIGN = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%0d%0aLocation:x",
    "/\r\nSet-Cookie: a=b",
    "javascript:alert(1)",
    "/web/sign-out",
    "/web/oidc/begin",
    "evil",
    "/" + "a" * 600,
    "/é",
    '/"><script>',
    "/;url=https://evil.example",
)


@pytest.mark.parametrize("to", FOREIGN)
async def test_nobody_is_sent_elsewhere_afterwards(to: str, nasty: Nasty, sqlite: Database) -> None:
    assert own_path(to) in ("/", "/%0d%0aLocation:x")
    async with a_page(sqlite, nasty.issuer) as page:
        async with page.site.client.get("/web/oidc/begin", params={"to": to}, allow_redirects=False) as begun:
            state = begun.headers["Location"].partition("&state=")[2].partition("&")[0]
            nasty.nonce = begun.headers["Location"].partition("&nonce=")[2].partition("&")[0]
        response = await page.back({"code": "a code", "state": state})
        assert 'content="0;url=/"' in await response.text()


@pytest.mark.parametrize("to", ["/", "/?lang=es", "/figures?from=2026-01-01&to=x", "/a/b.c~d%20e"])
def test_a_path_of_ours_is_kept(to: str) -> None:
    secret = new_secret()
    attempt = begin(secret, START, to)
    assert own_path(to) == to
    assert resume(secret, attempt.state, START) == attempt


def cookies(headers: Any) -> SimpleCookie:
    found: SimpleCookie = SimpleCookie()
    for line in headers.getall("Set-Cookie"):
        found.load(line)
    return found


async def test_the_cookies_are_as_strict_as_they_can_be(nasty: Nasty, sqlite: Database) -> None:
    https = {"public_url": "https://help.example.com"}
    async with a_page(sqlite, nasty.issuer, https) as page:
        response = await page.site.client.get("/web/oidc/begin", allow_redirects=False)
        [(name, cookie)] = cookies(response.headers).items()
        kept = {key: cookie[key] for key in ("path", "domain", "secure", "httponly", "samesite", "max-age")}
        assert (name, kept) == (
            "__Host-firstline_sign_in",
            {
                "path": "/",
                "domain": "",
                "secure": True,
                "httponly": True,
                "samesite": "Lax",
                "max-age": "600",
            },
        )
        # Over https the browser would send it back; this client does so by hand.
        location = response.headers["Location"]
        state, nasty.nonce = (
            location.partition(f"&{name}=")[2].partition("&")[0] for name in ("state", "nonce")
        )
        back = await page.site.client.get(
            "/web/oidc/callback",
            params={"code": "c", "state": state},
            headers={"Cookie": f"{name}={cookie.value}"},
        )
        [(name, cookie)] = cookies(back.headers).items()
        kept = {key: cookie[key] for key in ("path", "domain", "secure", "httponly", "samesite", "max-age")}
        assert (name, kept) == (
            "__Host-firstline_session",
            {
                "path": "/",
                "domain": "",
                "secure": True,
                "httponly": True,
                "samesite": "Strict",
                "max-age": "43200",
            },
        )
        assert back.headers["Referrer-Policy"] == "no-referrer"
        assert back.headers["Cache-Control"] == "no-store"


def test_the_time_of_a_state_is_ours() -> None:
    secret, later = new_secret(), Later()
    attempt = begin(secret, later(), "/")
    assert resume(new_secret(), attempt.state, later()) is None
    assert resume("", attempt.state, later()) is None
    head, _, rest = attempt.state.partition(".")
    assert resume(secret, f"{head}.9{rest}", later()) is None
