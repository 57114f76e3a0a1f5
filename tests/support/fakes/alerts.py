"""Monitoring systems that post alerts as theirs do, and a door at which they are received."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from types import ModuleType
from typing import Any

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from bot.desk.ports.alerts import AlertHost, AlertSource
from bot.domain.tickets.outage import Alert
from bot.runtime.network.fetching import NotFetched
from bot.wording import load
from tests.support.channels.page_host import Memory
from tests.support.clock import Clock
from tests.support.paths import ROOT

SECRET = "a-secret-of-the-alerts"
REQUESTS = ROOT / "tests/fixtures/alerts"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:desk-alarms"
TENANT, APPLICATION = "11111111-2222-3333-4444-555555555555", "99999999-8888-7777-6666-555555555555"
AUDIENCE, ACCOUNT = "https://help.example.com/alerts", "push@desk-example.iam.gserviceaccount.com"

# What a system is set up with, where it is not `TOKEN` under its prefix.
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "cloudwatch": {"FIRSTLINE_CLOUDWATCH_TOPICS": TOPIC},
    "mapped": {
        "FIRSTLINE_MAPPED_ALERTS_TABLES": str(REQUESTS / "mapped/tables.toml"),
        "FIRSTLINE_MAPPED_ALERTS_TOKENS": f"zabbix:{SECRET}",
    },
    "webhook": {"FIRSTLINE_ALERTS_SECRET": SECRET},
}


def settings_for(module: ModuleType) -> Mapping[str, str]:
    """The environment with which a system is set up."""
    name = module.__name__.rpartition(".")[2]
    return SETTINGS.get(name) or {f"{module.Settings.model_config['env_prefix']}TOKEN": SECRET}


def path_for(name: str) -> str:
    """Where a system's requests go."""
    place = {"mapped": "mapped/zabbix", "splunk": f"splunk/{SECRET}"}.get(name, name.replace("_", "-"))
    return f"/alerts/{place}"


def recorded(name: str, request: str) -> dict[str, Any]:
    """The body of a recorded request of a system."""
    body: dict[str, Any] = json.loads((REQUESTS / name / f"{request}.json").read_text(encoding="utf-8"))
    return body


@cache
def key() -> rsa.RSAPrivateKey:
    """A cloud's key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(until: datetime = datetime(2030, 1, 1, tzinfo=UTC)) -> bytes:
    """A certificate over the key, as SNS publishes it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder(name, name, key().public_key(), 1, datetime(2025, 1, 1, tzinfo=UTC), until)
    return made.sign(key(), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def key_set(kid: str = "one") -> bytes:
    """The key as a JWK set."""
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key().public_key()))
    return json.dumps({"keys": [public | {"kid": kid, "use": "sig"}]}).encode()


def token(claims: Mapping[str, Any], kid: str = "one") -> str:
    """A token that the cloud has signed."""
    return jwt.encode(dict(claims), key(), algorithm="RS256", headers={"kid": kid})


def sns_signed(message: Mapping[str, Any], version: str = "2", **changed: str) -> bytes:
    """A message of SNS, signed as SNS documents it."""
    message = {**message, "SignatureVersion": version, **changed}
    confirms = message["Type"] != "Notification"
    names = ["Message", "MessageId", *(["SubscribeURL"] if confirms else ["Subject"]), "Timestamp"]
    names += [*(["Token"] if confirms else []), "TopicArn", "Type"]
    text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
    kind = hashes.SHA1() if version == "1" else hashes.SHA256()  # noqa: S303  # as SNS signs version 1
    signature = key().sign(text.encode(), padding.PKCS1v15(), kind)
    return json.dumps(message | {"Signature": base64.b64encode(signature).decode()}).encode()


def grafana_signed(body: bytes, at: datetime, secret: str = SECRET) -> dict[str, str]:
    """The headers of Grafana's signature."""
    moment = str(int(at.timestamp()))
    signature = hmac.new(secret.encode(), moment.encode() + b":" + body, hashlib.sha256).hexdigest()
    name = "X-Grafana-Alerting-Signature"
    return {name: signature, f"{name}-Timestamp": moment}


@dataclass
class Internet:
    """What can be fetched, by address; what was asked for."""

    documents: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def fetch(self, url: str) -> bytes:
        """Give a document."""
        self.asked.append(url)
        for known, document in self.documents.items():
            if url.startswith(known):
                return document
        raise NotFetched("status_404")


@dataclass
class Door:
    """One system's source behind a server, and what came through it."""

    name: str
    source: AlertSource
    client: TestClient[web.Request, web.Application]
    clock: Clock
    internet: Internet
    memory: Memory
    taken: list[tuple[str, Alert]] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)
    failing: bool = False

    async def alerted(self, source: str, *alerts: Alert) -> int:
        """Take alerts as the desk does; those that are known change nothing."""
        if self.failing:
            raise OSError("the database is away")
        new = [(source, alert) for alert in alerts if (source, alert) not in self.taken]
        self.taken += new
        return len(new)

    def count(self, name: str, outcome: str, number: int) -> None:
        """Count what became of alerts."""
        assert name.startswith(self.name)
        self.counted[outcome] = self.counted.get(outcome, 0) + number

    async def post(
        self, body: object, *, path: str | None = None, proved: bool = True, headers: Mapping[str, str] = {}
    ) -> tuple[int, str]:
        """Send a body, proved as the system proves it; the status and the answer."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **headers}
        if proved and self.name == "cloudwatch":
            assert isinstance(body, dict)
            raw = sns_signed({**body, "Timestamp": f"{self.clock():%Y-%m-%dT%H:%M:%S}.000Z"})
        elif proved and self.name != "splunk":
            sent["Authorization"] = f"Basic {base64.b64encode(f'firstline:{SECRET}'.encode()).decode()}"
        place = path or path_for(self.name)
        place = place if proved or path else place.removesuffix(f"/{SECRET}")
        async with self.client.post(place, data=raw, headers=sent) as answer:
            return answer.status, await answer.text()

    @property
    def alerts(self) -> list[Alert]:
        """The alerts that were taken."""
        return [alert for _, alert in self.taken]


async def _run(function: Callable[..., Any], *values: Any) -> Any:
    return await asyncio.to_thread(function, *values)


@asynccontextmanager
async def received(
    module: ModuleType, clock: Clock, monkeypatch: pytest.MonkeyPatch, **settings: str
) -> AsyncIterator[Door]:
    """A system's source, set up as usual or with these settings, behind a server."""
    for name, value in (settings or settings_for(module)).items():
        monkeypatch.setenv(name, value)
    internet = Internet({"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService": certificate()})
    app, memory = web.Application(), Memory()
    client = TestClient(TestServer(app, host="127.0.0.1"))
    name = module.__name__.rpartition(".")[2]
    door: Door | None = None

    async def alerted(source: str, *alerts: Alert) -> int:
        assert door is not None
        return await door.alerted(source, *alerts)

    read = module.Settings()
    assert (module.configured(read, demo=False), module.mistakes(read)) == (True, [])
    host = AlertHost(
        alerted,
        _run,
        memory,
        load(),
        clock,
        "en",
        "",
        lambda _, reason: door.checked.append(reason) if door else None,
        lambda *told: door.count(*told) if door else None,
        internet.fetch,
    )
    source: AlertSource = module.build(read, host)
    door = Door(name, source, client, clock, internet, memory)
    source.mount(app)
    await source.start()
    async with client:
        yield door
    await source.stop()


def later(clock: Clock, **parts: float) -> float:
    """A moment from now, in seconds since 1970."""
    return (clock() + timedelta(**parts)).timestamp()
