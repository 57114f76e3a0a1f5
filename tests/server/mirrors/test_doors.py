"""The doors of systems that are mirrored both ways: what comes there is refused or taken; nothing fails."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import wording
from bot.backends import jira, zendesk
from bot.desk.ports.backends import BackendHost
from tests.support.clock import Clock
from tests.support.fakes.jira.playing import settings_of
from tests.support.fakes.jira.server import signature
from tests.support.fakes.mirrors.zendesk import SECRET
from tests.support.fakes.mirrors.zendesk_desk import settings_at

Headers = Mapping[str, bytes]
NOWHERE = "http://127.0.0.1:9"
DEEP = b"[" * 20_000, b'{"a":' * 20_000, b'{"timestamp":' + b"9" * 5_000 + b"}", b"\xff\xfe", b"null"
ODD = b"\xff", b"sha256=\xe9", "é".encode(), b"\xed\xa0\x80", b"=" * 4_000
HELD = ("X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp", "X-Hub-Signature")


def zendesk_signed(body: bytes, clock: Clock) -> Headers:
    moment = clock().strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    mac = base64.b64encode(hmac.new(SECRET.encode(), moment + body, hashlib.sha256).digest())
    return {"X-Zendesk-Webhook-Signature": mac, "X-Zendesk-Webhook-Signature-Timestamp": moment}


def jira_signed(body: bytes, _clock: Clock) -> Headers:
    return {"X-Hub-Signature": signature(body).encode()}


async def posted(clock: Clock, name: str, body: bytes, headers: Headers) -> int:
    """The status of a request as it is written here, byte by byte."""
    host = BackendHost(wording.load(), clock, "en", "")
    app = web.Application()
    if name == "zendesk":
        zendesk.build(settings_at(NOWHERE), host).mount(app)
    else:
        jira.build(settings_of(NOWHERE), host).mount(app)
    async with TestServer(app) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        lines = [f"POST /mirrors/{name} HTTP/1.1".encode(), b"Host: x", b"Connection: close"]
        lines += [key.encode() + b": " + value for key, value in headers.items()]
        lines.append(f"Content-Length: {len(body)}".encode())
        writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        status = (await reader.readline()).split()[1]
        writer.close()
        return int(status)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["zendesk", "jira"])
async def test_a_signature_of_any_bytes_is_refused(clock: Clock, name: str, odd: bytes) -> None:
    for number in range(len(HELD) + 1):
        headers = dict.fromkeys(HELD[:number] or HELD, odd)
        assert await posted(clock, name, b"{}", headers) in (400, 401)


@pytest.mark.parametrize("body", DEEP, ids=range(len(DEEP)))
@pytest.mark.parametrize(("name", "sign"), [("zendesk", zendesk_signed), ("jira", jira_signed)])
async def test_what_is_signed_and_no_webhook_changes_nothing(
    clock: Clock, name: str, sign: Callable[[bytes, Clock], Headers], body: bytes
) -> None:
    assert await posted(clock, name, body, sign(body, clock)) in (200, 401)
