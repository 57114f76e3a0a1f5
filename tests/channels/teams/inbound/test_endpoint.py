"""The status code table of `/api/messages`: junk is refused in its place, and never with 500."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.teams.inbound.auth import UNKNOWN_KEY_SECONDS
from tests.support.channels.recording_host import Desk
from tests.support.channels.teams_stage import Open, Stage
from tests.support.fakes.teams import Person
from tests.support.patience import PATIENCE

JSON = "application/json"


async def call(stage: Stage, method: str = "POST", body: bytes | BytesIO = b"{}", **headers: str) -> int:
    """One raw request; return the status."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession(auto_decompress=False) as client,
        client.request(method, f"{stage.url}/api/messages", data=body, headers=sent) as answer,
    ):
        return answer.status


def signed(stage: Stage) -> str:
    return f"Bearer {stage.teams.issuer.sign(stage.teams.service_url)}"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_other_methods_get_405(stage: Stage, method: str) -> None:
    assert await call(stage, method) == 405


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
async def test_other_content_types_get_415(stage: Stage, kind: str) -> None:
    assert await call(stage, Content_Type=kind, Authorization=signed(stage)) == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"text"',
        b"1" * 5_000,
        b"{}",
        b'{"type":"message"}',
        b'{"type":5,"serviceUrl":"https://smba.trafficmanager.net/"}',
        b'{"type":"message","serviceUrl":""}',
        b'{"type":"message","serviceUrl":["https://smba.trafficmanager.net/"]}',
        b"[" * 200_000,
    ],
)
async def test_what_is_no_activity_gets_400(stage: Stage, body: bytes) -> None:
    assert await call(stage, body=body, Content_Type=JSON, Authorization=signed(stage)) == 400


async def test_a_body_that_does_not_decompress_gets_400(stage: Stage) -> None:
    status = await call(
        stage, body=b"junk", Content_Type=JSON, Content_Encoding="gzip", Authorization=signed(stage)
    )
    assert status == 400


async def test_a_body_that_is_too_large_gets_413(stage: Stage) -> None:
    body = b'{"text":"' + b"x" * 1_100_000 + b'"}'
    status = await call(stage, body=BytesIO(body), Content_Type=JSON, Authorization=signed(stage))
    assert status == 413


async def test_a_large_body_without_a_length_gets_413(stage: Stage) -> None:
    async def chunks() -> Any:
        for _ in range(40):
            yield b"x" * 65_536

    headers = {"Content-Type": JSON, "Authorization": signed(stage)}
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{stage.url}/api/messages", data=chunks(), headers=headers) as answer,
    ):
        assert answer.status == 413


def _stranger() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


_FORGED: dict[str, Callable[[Stage], str | None]] = {
    "none at all": lambda stage: None,
    "empty": lambda stage: "",
    "basic": lambda stage: "Basic YTpi",
    "no token": lambda stage: "Bearer ",
    "junk": lambda stage: "Bearer a.b.c",
    "dots": lambda stage: "Bearer ...",
    "not a token": lambda stage: "Bearer \u00e9\u00e9",
    "alg none": lambda stage: f"Bearer {stage.teams.issuer.forge_none(stage.teams.service_url)}",
    "HS256": lambda stage: f"Bearer {stage.teams.issuer.forge_hs256(stage.teams.service_url)}",
    "another key": lambda stage: _sign(stage, key=_stranger()),
    "unknown key id": lambda stage: _sign(stage, kid="nobody", key=_stranger()),
    "expired": lambda stage: _sign(stage, exp=int(time.time()) - 3_000),
    "not yet valid": lambda stage: _sign(stage, nbf=int(time.time()) + 3_000),
    "never expires": lambda stage: _sign(stage, exp=None),
    "another audience": lambda stage: _sign(stage, aud="somebody-else"),
    "no audience": lambda stage: _sign(stage, aud=None),
    "another issuer": lambda stage: _sign(stage, iss="https://sts.windows.net/evil"),
    "no issuer": lambda stage: _sign(stage, iss=None),
    "another service": lambda stage: _sign(stage, serviceurl="https://evil.example/"),
    "no service": lambda stage: _sign(stage, serviceurl=None),
}


def _sign(stage: Stage, **changes: Any) -> str:
    return f"Bearer {stage.teams.issuer.sign(stage.teams.service_url, **changes)}"


@pytest.mark.parametrize("name", _FORGED)
async def test_a_token_that_is_not_valid_gets_401(stage: Stage, name: str) -> None:
    authorization = _FORGED[name](stage)
    activity = stage.teams.personal("ana", "hello")
    headers = {"Content-Type": JSON}
    if authorization is not None:
        headers["Authorization"] = authorization
    status = await call(stage, body=json.dumps(activity).encode(), **headers)
    assert (status, stage.desk.heard) == (401, [])


async def test_a_valid_token_is_let_in_whatever_the_case_and_slash_of_its_service_url(stage: Stage) -> None:
    token = stage.teams.issuer.sign(stage.teams.service_url.rstrip("/").upper().replace("HTTP", "http"))
    status, _ = await stage.teams.send(stage.teams.personal("ana", "hello"), token=token)
    assert (status, stage.desk.last.text) == (200, "hello")


async def test_times_are_compared_with_the_clock_that_is_given(open_stage: Open) -> None:
    stage = await open_stage(desk=Desk(now=lambda: datetime.now(UTC) + timedelta(hours=2)))
    status, _ = await stage.teams.says("ana", "hello")
    assert status == 401


async def test_another_channel_of_the_bot_framework_is_refused(stage: Stage) -> None:
    status, _ = await stage.teams.says("ana", "hello", channelId="directline")
    assert (status, stage.desk.heard) == (403, [])


async def test_a_key_that_may_not_sign_for_teams_is_refused(open_stage: Open) -> None:
    stage = await open_stage(start=False)
    stage.teams.issuer.endorsements = ["webchat"]
    status, _ = await stage.teams.says("ana", "hello")
    assert (status, stage.desk.heard) == (401, [])


@pytest.mark.parametrize(
    "service_url",
    [
        "http://smba.trafficmanager.net/emea/",
        "ftp://127.0.0.1/",
        "https://",
        "https://user:secret@smba.trafficmanager.net/",
        "https://smba.trafficmanager.net/{x}/",
        "https://[::1",
        "javascript:alert(1)",
    ],
)
async def test_a_service_url_that_we_would_not_post_to_gets_400(stage: Stage, service_url: str) -> None:
    status, _ = await stage.teams.says("ana", "hello", serviceUrl=service_url)
    assert (status, stage.desk.heard) == (400, [])


async def test_keys_that_cannot_be_had_get_503_and_are_asked_for_again(
    open_stage: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.teams.inbound.auth.RETRY_SECONDS", 0.0)
    stage = await open_stage(start=False)
    stage.teams.issuer.metadata_status = 500
    assert (await stage.teams.says("ana", "hello"))[0] == 503
    assert "signing keys" in (stage.channel.trouble() or "")
    stage.teams.issuer.metadata_status = 200
    assert (await stage.teams.says("ana", "hello"))[0] == 200
    assert stage.channel.trouble() is None


async def test_a_new_key_is_fetched_but_not_for_every_forgery(open_stage: Open) -> None:
    moment = [1_000.0]
    stage = await open_stage(start=False)
    stage.channel._signing_keys._monotonic = lambda: moment[0]
    await stage.teams.says("ana", "hello")
    issuer = stage.teams.issuer
    assert issuer.fetches == 1
    for _ in range(5):
        await stage.teams.says("ana", "forged")
        status, _ = await stage.teams.send(
            stage.teams.personal("ana", "x"), token=issuer.sign(stage.teams.service_url, kid="forged")
        )
        assert status == 401
    assert issuer.fetches == 1
    issuer.kid = "key-2"
    moment[0] += UNKNOWN_KEY_SECONDS
    assert (await stage.teams.says("ana", "hello"))[0] == 200
    assert issuer.fetches == 2


async def test_no_request_goes_out_while_the_keys_are_known(stage: Stage) -> None:
    for _ in range(20):
        await stage.teams.says("ana", "hello")
    assert stage.teams.issuer.fetches == 1
    assert stage.teams.calls == []


async def test_what_the_desk_could_not_keep_gets_500_and_is_sent_again(stage: Stage) -> None:
    stage.desk.failure = RuntimeError("the database is gone")
    assert (await stage.teams.says("ana", "hello"))[0] == 500
    stage.desk.failure = None
    assert (await stage.teams.says("ana", "hello"))[0] == 200


# --- without an app id --------------------------------------------------------------------------------


async def test_the_demo_lets_local_requests_in_without_a_token(open_stage: Open) -> None:
    stage = await open_stage(anonymous=True)
    status, _ = await stage.teams.says("ana", "hello")
    assert (status, stage.desk.last.text, stage.desk.last.conversation.tenant) == (200, "hello", "")


@pytest.mark.parametrize(
    "header",
    [
        {"Host": "bot.example.com"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "[::1"},
        {"X-Forwarded-For": "203.0.113.9"},
        {"x-forwarded-host": "bot.example.com"},
        {"Forwarded": "for=203.0.113.9"},
        {"Via": "1.1 tunnel"},
        {"Origin": "https://evil.example"},
    ],
)
async def test_a_tunnel_or_a_web_page_does_not_open_the_demo(
    open_stage: Open, header: dict[str, str]
) -> None:
    stage = await open_stage(anonymous=True)
    status, _ = await stage.teams.send(stage.teams.personal("ana", "hello"), headers=header)
    assert (status, stage.desk.heard) == (401, [])


async def test_the_demo_posts_to_this_machine_only(open_stage: Open) -> None:
    stage = await open_stage(anonymous=True)
    status, _ = await stage.teams.says("ana", "hello", serviceUrl="https://smba.trafficmanager.net/")
    assert (status, stage.desk.heard) == (400, [])


async def test_nothing_is_anonymous_unless_the_host_says_so(open_stage: Open) -> None:
    stage = await open_stage(anonymous=True)
    stage.channel._endpoint._allow_anonymous = False
    assert (await stage.teams.says("ana", "hello"))[0] == 401


async def test_an_app_id_ends_anonymity(open_stage: Open) -> None:
    stage = await open_stage(anonymous=True, app_id="an-app", start=False)
    assert (await stage.teams.says("ana", "hello"))[0] == 401


# --- whatever comes -----------------------------------------------------------------------------------

_junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_keys = st.sampled_from(
    "type id name action text textFormat from recipient conversation channelData entities attachments value"
    " locale channelId replyToId".split()
)
_types = st.sampled_from(["message", "invoke", "conversationUpdate", "installationUpdate", "typing", "x"])


async def test_no_activity_ever_gets_500(stage: Stage) -> None:
    stage.teams.store.people["odd"] = Person("odd", "<at>\ud800\0")
    loop = asyncio.get_running_loop()
    runs: list[tuple[int, Any]] = []

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(_keys, _junk, max_size=5), _types, st.booleans())
    def shoot(junk: dict[str, Any], kind: str, whole: bool) -> None:
        activity = (stage.teams.personal("odd", "x") if whole else {}) | {"type": kind} | junk
        activity["serviceUrl"] = stage.teams.service_url
        future = asyncio.run_coroutine_threadsafe(stage.teams.send(activity), loop)
        status, body = future.result(PATIENCE)
        runs.append((status, body))
        assert status in (200, 400, 403, 501), (status, activity)

    await asyncio.to_thread(shoot)
    assert len(runs) >= 100


async def test_no_authorization_ever_gets_500(stage: Stage) -> None:
    loop = asyncio.get_running_loop()
    activity = json.dumps(stage.teams.personal("ana", "x")).encode()
    good = signed(stage)

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60),
        st.integers(0, len(good) - 1),
    )
    def shoot(noise: str, at: int) -> None:
        for sent in (noise, f"Bearer {noise}", good[:at] + noise + good[at + 1 :]):
            request = call(stage, body=activity, Content_Type=JSON, Authorization=sent)
            status = asyncio.run_coroutine_threadsafe(request, loop).result(PATIENCE)
            scheme, _, token = sent.strip().partition(" ")  # a scheme is written as one likes
            assert status == 401 or (status, scheme.lower(), token.strip()) == (200, "bearer", good[7:])

    await asyncio.to_thread(shoot)
