"""Posts to the doors of systems that tickets are mirrored in: unsigned, forged, old, repeated, odd."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.attack.attempts import Options, Row, row
from bot import wording
from bot.backends import jira, zendesk
from bot.desk.ports.backends import BackendHost
from tests.support.fakes.jira.playing import settings_of
from tests.support.fakes.jira.server import signature
from tests.support.fakes.mirrors.zendesk import SECRET
from tests.support.fakes.mirrors.zendesk_desk import settings_at

UNSIGNED = "mirrors: no signature, an empty one, bytes of any kind"
FORGED = "mirrors: signed with another secret, or over another body"
OLD = "mirrors: signed long ago, or in the future"
AGAIN = "mirrors: the same request again and again"
SHAPES = "mirrors: genuine requests of odd shapes"
ATTACKS = (UNSIGNED, FORGED, OLD, AGAIN, SHAPES)
NOWHERE = "http://127.0.0.1:9"
OTHER = "another-secret-0123456789"
SYSTEMS = ("zendesk", "jira")
HEADERS = ("X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp", "X-Hub-Signature")
ODD = (b"", b"\xff", b"sha256=", b"sha256=\xe9", b"\xed\xa0\x80", b"=" * 4_000, b"null", b"0")
DEEP = 20_000
BODIES = (
    *(
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b"[" * DEEP,
        b'{"a":' * DEEP,
        b'{"ticket_id":' + b"9" * 5_000 + b"}",
    ),
    *(b'{"ticket_id": {"a": []}}', b'{"detail": [1]}', b'{"issue": null}', b'{"issue": {"id": -1}}'),
    *(b'{"ticket_id": "1; drop"}', b'{"issue": {"id": "../1"}}', b" " * 5_000_000),
)
Headers = Mapping[str, bytes]


@dataclass
class Doors:
    """Both doors, and which tickets the desk was told of there."""

    port: int
    told: list[str] = field(default_factory=list)

    async def post(self, system: str, body: bytes, headers: Headers) -> int:
        """Send a request as it is written here, byte by byte; return its status."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            lines = [f"POST /mirrors/{system} HTTP/1.1".encode(), b"Host: x", b"Connection: close"]
            lines += [name.encode() + b": " + value for name, value in headers.items()]
            lines.append(f"Content-Length: {len(body)}".encode())
            writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
            return int((await reader.readline()).split()[1])
        finally:
            writer.close()


@asynccontextmanager
async def the_doors() -> AsyncIterator[Doors]:
    """Serve both on loopback, over a desk that only notes what it is told."""
    app = web.Application()

    async def changed(_name: str, remote_ids: Sequence[str]) -> None:
        doors.told += remote_ids

    host = BackendHost(wording.load(), lambda: datetime.now(UTC), "en", "", changed=changed)
    zendesk.build(settings_at(NOWHERE), host).mount(app)
    jira.build(settings_of(NOWHERE), host).mount(app)
    async with TestServer(app) as server:
        doors = Doors(int(server.port or 0))
        yield doors


async def attack(doors: Doors) -> list[Row]:
    """Post everything."""
    groups = {UNSIGNED: _unsigned(), FORGED: _forged(), OLD: _old()}
    rows = [row(name, [await _refused(doors, *sent) for sent in sents]) for name, sents in groups.items()]
    rows.append(row(AGAIN, [await again(doors, system) for system in SYSTEMS]))
    odd = [(system, body) for system in SYSTEMS for body in BODIES]
    return [*rows, row(SHAPES, [await _odd(doors, *one) for one in odd])]


async def run(_options: Options) -> list[Row]:
    """Attack doors of their own."""
    async with the_doors() as doors:
        return await attack(doors)


def genuine(system: str, at: datetime | None = None) -> tuple[bytes, Headers]:
    """What the system would send of a ticket at a time, now without one."""
    moment = at or datetime.now(UTC)
    if system == "jira":
        body = json.dumps({"timestamp": int(moment.timestamp() * 1000), "issue": {"id": "17"}}).encode()
    else:
        body = b'{"ticket_id": "17"}'
    return body, signed(system, body, moment)


def signed(system: str, body: bytes, at: datetime, secret: str = "") -> Headers:
    """The headers by which a body is believed, or would be with another secret."""
    if system == "jira":
        given = (secret,) if secret else ()
        return {"X-Hub-Signature": signature(body, *given).encode()}
    moment = at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    mac = hmac.new((secret or SECRET).encode(), moment + body, hashlib.sha256).digest()
    return {HEADERS[0]: base64.b64encode(mac), HEADERS[1]: moment}


async def again(doors: Doors, system: str) -> str:
    """A genuine request counts once."""
    before = len(doors.told)
    body, headers = genuine(system)
    headers = {**headers, "X-Atlassian-Webhook-Identifier": b"the-same"}
    answered = {await doors.post(system, body, headers) for _ in range(5)}
    new = len(doors.told) - before
    return "" if (answered, new) == ({200}, 1) else f"{system}: was answered {answered}, told {new} times"


async def _refused(doors: Doors, system: str, body: bytes, headers: Headers) -> str:
    before = len(doors.told)
    status = await doors.post(system, body, headers)
    if status not in (400, 401) or len(doors.told) != before:
        return f"{system}, {dict(headers)!r:.90}: was answered {status}"
    return ""


async def _odd(doors: Doors, system: str, body: bytes) -> str:
    before = len(doors.told)
    status = await doors.post(system, body, signed(system, body, datetime.now(UTC)))
    if status >= 500 or len(doors.told) != before:
        return f"{system}: {body[:60]!r} was answered {status}, told {doors.told[before:]}"
    return ""


Sent = Iterator[tuple[str, bytes, Headers]]


def _unsigned() -> Sent:
    for system in SYSTEMS:
        body, headers = genuine(system)
        yield system, body, {}
        for value in ODD:
            yield system, body, dict.fromkeys(HEADERS, value)
            for name in headers:
                yield system, body, {**headers, name: value}


def _forged() -> Sent:
    now = datetime.now(UTC)
    for system in SYSTEMS:
        body, headers = genuine(system)
        yield system, body, signed(system, body, now, OTHER)
        yield system, body + b" ", headers
        for other in SYSTEMS:
            if other != system:
                yield system, body, signed(other, body, now)


def _old() -> Sent:
    for system in SYSTEMS:
        for away in (timedelta(hours=-7), timedelta(hours=1), timedelta(days=-4_000), timedelta(days=4_000)):
            yield system, *genuine(system, datetime.now(UTC) + away)
