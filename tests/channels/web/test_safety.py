"""What is refused, and how."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientResponse, FormData

from bot.channels.web.access.accounts import read_grants
from bot.domain.conversations.messages import Attachment, ConversationRef, Reply
from tests.support.channels.page_host import Desk
from tests.support.channels.page_site import ANA_TOKEN, MAYA_TOKEN, TOKENS, Serve, Site

ASK = {"pane": "ask", "as": "ana", "text": "my account is locked", "key": "0123456789abcdef"}


async def send(site: Site, headers: Mapping[str, str], data: bytes | None = None) -> ClientResponse:
    given = {"Origin": site.origin, "Content-Type": "application/json", **headers}
    body = json.dumps(ASK).encode() if data is None else data
    response = await site.client.post("/web/ask", data=body, headers=given)
    await response.read()
    return response


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "firstline.example.com"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.evil.example:3978"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "localhost"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/web/conversation", "/web/room", "/web/events"])
async def test_the_demo_is_for_this_machine_alone(demo: Site, path: str, headers: Mapping[str, str]) -> None:
    async with demo.client.get(path, headers=headers) as response:
        assert response.status == 403
        assert "FIRSTLINE_WEB_TOKENS" in await response.text()
    assert (await send(demo, headers)).status == 403
    assert demo.desk.received == []


@pytest.mark.parametrize("host", ["localhost", "localhost:3978", "[::1]:3978", "127.0.0.1"])
async def test_loopback_has_several_names(demo: Site, host: str) -> None:
    async with demo.client.get("/", headers={"Host": host}) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://[bad"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_site_cannot_post(demo: Site, headers: Mapping[str, str]) -> None:
    response = await send(demo, headers)
    assert response.status == 403
    assert "another site" in (await response.json())["error"]
    assert demo.desk.received == []


async def test_the_public_url_is_the_page_s_own_origin(served: Serve) -> None:
    site = await served(public_url="https://help.example.com/")
    assert (await send(site, {"Origin": "https://help.example.com"})).status == 200
    assert (await send(site, {"Origin": "http://help.example.com"})).status == 403


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"text=x", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (json.dumps(ASK | {"text": 5}).encode(), "application/json", 400),
        (json.dumps(ASK | {"key": "x"}).encode(), "application/json", 400),
        (json.dumps(ASK | {"pane": "roof"}).encode(), "application/json", 400),
        (json.dumps(ASK | {"as": "nobody"}).encode(), "application/json", 400),
        (json.dumps(ASK | {"pane": "room", "behalf": "leo"}).encode(), "application/json", 400),
        (b" " * (600 * 1024), "application/json", 413),
    ],
)
async def test_what_cannot_be_read_is_refused(demo: Site, body: bytes, kind: str, status: int) -> None:
    response = await send(demo, {"Content-Type": kind}, body)
    assert response.status == status
    assert (await response.json())["error"]
    assert demo.desk.received == []


@pytest.mark.parametrize("inputs", [5, [], {"a": 1}, {str(n): "x" for n in range(30)}])
async def test_inputs_are_texts_by_name(demo: Site, inputs: object) -> None:
    status, answer = await demo.post("/web/press", action="resolve", token="t1", inputs=inputs)
    assert (status, demo.desk.received) == (400, [])
    assert answer["error"]


async def test_forty_thousand_characters_are_taken(demo: Site) -> None:
    text = "\U0001f600" * 40_000
    status, answer = await demo.post("/web/ask", text=text)
    assert (status, answer["kind"]) == (200, "ticket")
    assert demo.desk.received[0].text == text


@pytest.mark.parametrize("path", ["/web/ask", "/web/change"])
async def test_a_longer_text_is_refused_with_a_sentence_instead_of_cut(demo: Site, path: str) -> None:
    status, answer = await demo.post(path, text="x" * 40_001, change="edited", message="m")
    assert (status, demo.desk.received) == (413, [])
    assert "too much text" in str(answer["error"])


async def test_what_no_database_stores_is_replaced(demo: Site) -> None:
    status, _ = await demo.post(
        "/web/press", action="x\0", token="\ud800", argument="\0", inputs={"note": "\udfff"}
    )
    click = demo.desk.received[0].click
    assert status == 200
    assert click is not None
    assert not {"\0", "\ud800"} & set(click.action + click.token + click.argument + str(click.inputs))
    assert click.token.encode()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/web/conversation",
        "/web/room",
        "/articles/signed",
        "/articles/no",
        "/privacy",
        "/about",
        "/terms",
        "/web/static/page.js",
    ],
)
async def test_every_answer_has_strict_headers(demo: Site, path: str) -> None:
    async with demo.client.get(path) as response:
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        immutable = path.startswith("/web/static/")
        assert ("immutable" if immutable else "no-store") in response.headers["Cache-Control"]


async def test_people_s_words_are_never_markup(demo: Site) -> None:
    evil = "<img src=x onerror=alert(1)> <!channel> [x](javascript:alert(1)) \"'&"
    demo.desk.trouble = (evil,)
    await demo.post("/web/ask", text=evil)
    for path in ("/", "/web/conversation", "/web/room"):
        text = await demo.text(path)
        assert "&lt;img src=x onerror=alert(1)&gt; &lt;!channel&gt; [x](javascript:alert(1))" in text
        assert "<img src=x" not in text
        assert 'href="javascript' not in text


async def test_only_a_known_static_file_is_served(demo: Site) -> None:
    for name in ("nothing.css", "..%2F__init__.py", "%2Fetc%2Fpasswd"):
        async with demo.client.get(f"/web/static/{name}") as response:
            assert response.status == 404


async def test_tokens_open_the_page_to_their_person(guarded: Site) -> None:
    async with guarded.client.get("/") as response:
        assert response.status == 401
        assert 'id="sign-in"' in await response.text()
    async with guarded.client.get("/web/conversation") as response:
        assert response.status == 401
    assert (await guarded.post("/web/sign-in", token="wrong-token-0123456789"))[0] == 403
    async with guarded.client.post(
        "/web/sign-in", json={"token": ANA_TOKEN}, headers={"Origin": guarded.origin}
    ) as response:
        cookie = response.headers["Set-Cookie"]
        assert response.status == 200
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert ANA_TOKEN not in cookie
    page = await guarded.text("/?as=tom&desk=maya_patel")
    assert "Engineers" not in page
    assert "Tom" not in page


async def test_an_employee_sees_and_does_only_what_is_theirs(guarded: Site) -> None:
    private = ConversationRef("web", "", "maya_patel")
    guarded.desk.add(private, reply=Reply(()), author="maya patel", text="not for Ana")
    await guarded.post("/web/sign-in", token=ANA_TOKEN)
    assert "not for Ana" not in await guarded.text("/web/conversation?as=maya_patel")
    async with guarded.client.get("/web/room") as response:
        assert response.status == 403
    status, _ = await guarded.post("/web/press", pane="room", action="claim", token="t1")
    assert (status, guarded.desk.received) == (403, [])
    await guarded.post("/web/ask", text="hello", **{"as": "maya_patel"})
    assert [said.sender.external_id for said in guarded.desk.received] == ["ana"]
    await guarded.post("/web/sign-out")
    async with guarded.client.get("/") as response:
        assert response.status == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [("/web/ask", 401), ("/web/press", 401), ("/web/change", 401), ("/web/sign-in", 415)],
)
async def test_nobody_fills_our_memory_without_a_token(
    served: Serve, path: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    grants, _ = read_grants(TOKENS)
    site = await served(grants=grants, anonymous=False, largest_file=1024**2)
    kept: list[int] = []

    def attachment(*values: object, **more: object) -> Attachment:
        kept.append(1)
        return Attachment(*values, **more)  # type: ignore[arg-type]  # as they were given

    monkeypatch.setattr("bot.channels.web.access.request_body.Attachment", attachment)
    form = FormData()
    form.add_field("file", b"x" * 100_000, filename="large.bin")
    form.add_field("body", json.dumps(ASK), content_type="application/json")
    async with site.client.post(path, data=form, headers={"Origin": site.origin}) as response:
        assert response.status == status
    assert kept == []


async def test_a_bearer_token_needs_no_session(guarded: Site) -> None:
    room = await guarded.text("/web/room", Authorization=f"Bearer {MAYA_TOKEN}")
    assert "No open tickets" in room
    async with guarded.client.get("/web/room", headers={"Authorization": "Bearer x"}) as response:
        assert response.status == 401


async def test_a_session_ends_with_its_token_and_its_time(guarded: Site, served: Serve) -> None:
    await guarded.post("/web/sign-in", token=ANA_TOKEN)
    [session] = [c.value for c in guarded.client.session.cookie_jar if c.key == "firstline_session"]
    grants = read_grants(TOKENS)[0]
    sessions = guarded.host.sessions
    later = Desk(now=lambda: datetime.now(UTC) + timedelta(days=15))
    cases = {
        "same": (grants, Desk(), 200),
        "revoked": (grants[1:], Desk(), 401),
        "late": (grants, later, 401),
    }
    for name, (kept, desk, status) in cases.items():
        site = await served(grants=kept, desk=desk, anonymous=False, sessions=sessions)
        async with site.client.get("/", headers={"Cookie": f"firstline_session={session}"}) as response:
            assert response.status == status, name
        forged = session[:-3] + ("aaa" if not session.endswith("aaa") else "bbb")
        async with site.client.get("/", headers={"Cookie": f"firstline_session={forged}"}) as response:
            assert response.status == 401, name


async def test_the_cookie_is_secure_behind_https(served: Serve, guarded: Site) -> None:
    grants = read_grants(TOKENS)[0]
    site = await served(grants=grants, anonymous=False, public_url="https://help.example.com")
    async with site.client.post("/web/sign-in", json={"token": ANA_TOKEN}) as response:
        cookie = response.headers["Set-Cookie"]
        # The prefix keeps a page of a neighbouring name from putting its own session there.
        assert cookie.startswith("__Host-firstline_session=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    key = cookie.partition(";")[0].partition("=")[2]
    for name, status in (("firstline_session", 401), ("__Host-firstline_session", 200)):
        async with site.client.get("/web/conversation", headers={"Cookie": f"{name}={key}"}) as response:
            assert response.status == status
    async with site.client.post("/web/sign-out", json={}) as response:
        gone = response.headers["Set-Cookie"]  # browsers take neither the prefix nor its end without Secure
        assert gone.startswith('__Host-firstline_session="";')
        assert {"Secure", "Max-Age=0", "Path=/"} <= set(gone.split("; "))
