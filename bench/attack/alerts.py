"""Posts alerts in the name of every monitoring system: without its proof, with a forged one, or once more."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization

from bench.attack.attempts import Options, Row, row
from bench.attack.monitoring import (
    IN_PATH,
    IN_QUERY,
    NO_SECRET,
    SOMEBODYS,
    SYSTEMS,
    body_of,
    door_of,
    message,
    proof_of,
    recorded,
    secret_of,
)
from bench.attack.site import Site, a_site
from bot.alerts.azure_monitor import ACTION_GROUPS
from bot.alerts.receiver import LARGEST
from bot.runtime.network.credentials import HEADER, QUERY
from tests.support.e2e.running import until
from tests.support.fakes import alerts as fake

NO_PROOF = "monitoring: no proof, or an empty one"
WRONG = "monitoring: a wrong secret, wherever one may stand"
OTHERS = "monitoring: the secret of another system"
ADDRESS = "monitoring: the secret in the address, where it must be in a header"
CLOUDS = "monitoring: forged tokens of Entra and Google"
SNS = "monitoring: forged, old and foreign messages of SNS"
GRAFANA = "monitoring: forged and old signatures of Grafana"
AGAIN = "monitoring: the same request again and again"
SHAPES = "monitoring: genuine requests of odd shapes"
ATTACKS = (NO_PROOF, WRONG, OTHERS, ADDRESS, CLOUDS, SNS, GRAFANA, AGAIN, SHAPES)
WITH_SECRET = tuple(name for name in SYSTEMS if name not in NO_SECRET)
DEEP = 20_000
ODD_BODIES = (
    *(b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * DEEP, b'{"a":' * DEEP, b'{"version": NaN}'),
    *(b"[" + b"{}," * 2_000 + b"{}]", b" " * (LARGEST + 1)),
)
ODD_VALUES: tuple[Any, ...] = (None, -1, 10**400, "", "\0", "\ud800", [[]], {"a": {}}, "x" * 50_000, True)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request to a system's door; without a body it brings the recorded one."""

    system: str
    what: str
    headers: Mapping[str, str]
    body: bytes = b""
    path: str = ""


async def attack(site: Site, more: Sequence[Sent] = ()) -> list[Row]:
    """Post everything; `more` is posted among what proves nothing."""
    await _introduced(site)
    groups = {
        NO_PROOF: [*_without(), *more],
        WRONG: list(_with_secret(WITH_SECRET, SOMEBODYS)),
        OTHERS: [one for name in WITH_SECRET for one in _with_secret((name,), secret_of(_next(name)))],
        ADDRESS: list(_in_the_address()),
        CLOUDS: list(_clouds()),
        SNS: list(_sns()),
        GRAFANA: list(_grafana()),
    }
    rows = [row(name, [await _refused(site, one) for one in sent]) for name, sent in groups.items()]
    rows.append(row(AGAIN, [await again(site, system) for system in SYSTEMS]))
    odd = [Sent(name, "", {}, body) for name in WITH_SECRET for body in _shapes(name)]
    return [*rows, row(SHAPES, [await _odd(site, one) for one in odd])]


async def run(_options: Options) -> list[Row]:
    """Attack a site of its own."""
    async with a_site() as site:
        return await attack(site)


async def _introduced(site: Site) -> None:
    """Let the server have what it fetches: keys at the start, the certificate when a message names it."""

    async def known() -> bool:
        told = fake.sns_signed(message("no_data"))  # which begins nothing
        answers = [await _post(site, Sent("cloudwatch", "", {}, told))]
        for system, claims in _claims().items():
            headers = {"Authorization": f"Bearer {fake.token(claims)}"}
            answers.append(await _post(site, Sent(system, "", headers, b"{}")))
        return 503 not in {status for status, _ in answers}

    await until(known, "the keys of the clouds")


async def _post(site: Site, sent: Sent) -> tuple[int, str]:
    headers = {"Content-Type": "application/json", **sent.headers}
    body = sent.body or body_of(sent.system)
    return await site.send("POST", sent.path or door_of(sent.system), headers, data=body)


async def _refused(site: Site, sent: Sent) -> str:
    before = site.state()
    status, said = await _post(site, sent)
    changed = site.changed(before)
    if changed or status not in (401, 404) or fake.SECRET in said:
        return f"{sent.system}, {sent.what}: was answered {status} and changed {changed or 'nothing'}"
    return ""


async def again(site: Site, system: str) -> str:
    """A request that was recorded is genuine, and changes nothing again."""
    path, headers = proof_of(system)
    before, body = len(site.values("alerts", "id")), body_of(system)
    answered = {(await _post(site, Sent(system, "", headers, body, path)))[0] for _ in range(5)}
    new = len(site.values("alerts", "id")) - before
    return "" if new == 1 and answered == {200} else f"{system}: was answered {answered}, {new} new alerts"


async def _odd(site: Site, sent: Sent) -> str:
    path, headers = proof_of(sent.system)
    status, _ = await _post(site, Sent(sent.system, "", headers, sent.body or b" ", path))
    return f"{sent.system}: {sent.body[:60]!r} was answered {status}" if status >= 500 else ""


def _shapes(system: str) -> Iterator[bytes]:
    yield from ODD_BODIES
    told = recorded(system)
    for name in told:
        for value in ODD_VALUES:
            yield json.dumps({**told, name: value}).encode()


# --- what proves nothing ------------------------------------------------------------------------------


def _next(system: str) -> str:
    return WITH_SECRET[(WITH_SECRET.index(system) + 1) % len(WITH_SECRET)]


def _without() -> Iterator[Sent]:
    for name in SYSTEMS:
        unsigned = json.dumps(message()).encode() if name == "cloudwatch" else b""
        yield Sent(name, "nothing", {}, unsigned)
        for value in ("", "Bearer", "Bearer ", "Basic", "Basic !", "Basic Og==", "Basic Zmlyc3RsaW5lOg=="):
            yield Sent(name, value, {"Authorization": value}, unsigned)
        yield Sent(name, "an empty header", {HEADER: ""}, unsigned)
        yield Sent(name, "an empty query", {}, unsigned, f"{door_of(name)}?{QUERY}=")
        yield Sent(name, "an empty path", {}, unsigned, f"{door_of(name)}/")


def _with_secret(systems: Sequence[str], secret: str) -> Iterator[Sent]:
    basic = base64.b64encode(f"firstline:{secret}".encode()).decode()
    for name in systems:
        yield Sent(name, "bearer", {"Authorization": f"Bearer {secret}"})
        yield Sent(name, "basic", {"Authorization": f"Basic {basic}"})
        yield Sent(name, "a header", {HEADER: secret})
        yield from _addressed(name, secret)


def _addressed(system: str, secret: str) -> Iterator[Sent]:
    yield Sent(system, "in the path", {}, path=f"{door_of(system)}/{secret}")
    yield Sent(system, "in the query", {}, path=f"{door_of(system)}?{QUERY}={secret}")


def _in_the_address() -> Iterator[Sent]:
    for name in WITH_SECRET:
        path, query = _addressed(name, secret_of(name))
        if name not in IN_PATH:
            yield path
        if name not in IN_QUERY:
            yield query


# --- what is forged -----------------------------------------------------------------------------------


def _claims() -> dict[str, dict[str, Any]]:
    times = {"nbf": time.time() - 60, "exp": time.time() + 3_000}
    azure = {"aud": f"api://{fake.APPLICATION}", "iss": f"https://sts.windows.net/{fake.TENANT}/"}
    google = {"aud": fake.AUDIENCE, "iss": "https://accounts.google.com"}
    return {
        "azure_monitor": {**times, **azure, "appid": ACTION_GROUPS, "tid": fake.TENANT},
        "google_monitoring": {**times, **google, "email": fake.ACCOUNT, "email_verified": True},
    }


def _clouds() -> Iterator[Sent]:
    past, later = time.time() - 600, time.time() + 600
    changes: dict[str, dict[str, Any]] = {
        "expired": {"exp": past},
        "never expires": {"exp": None},
        "an expiry that is no number": {"exp": float("nan")},
        "not valid yet": {"nbf": later},
        "another audience": {"aud": "api://elsewhere"},
        "no audience": {"aud": None},
        "another issuer": {"iss": "https://elsewhere.example/"},
        "no issuer": {"iss": None},
        "another application": {"appid": fake.APPLICATION, "email": "push@elsewhere.iam.gserviceaccount.com"},
        "no application": {"appid": None, "email": None},
        "another tenant": {"tid": fake.APPLICATION, "email_verified": False},
    }
    for system, claims in _claims().items():
        tokens = {what: fake.token(_changed(claims, change)) for what, change in changes.items()}
        tokens["alg none"] = jwt.encode(claims, "", algorithm="none", headers={"kid": "one"})
        tokens["HS256 with the public key"] = _signed_with_public_key(claims)
        tokens["an unknown key"] = fake.token(claims, kid="two")
        head, body, signature = fake.token(claims).split(".")
        tokens["altered"] = f"{head}.{body}.{signature[::-1]}"
        tokens["without its signature"] = f"{head}.{body}."
        for what, token in tokens.items():
            yield Sent(system, what, {"Authorization": f"Bearer {token}"})


def _signed_with_public_key(claims: Mapping[str, Any]) -> str:
    """A token that is good for whom takes the public key for the secret of HS256."""
    public = (
        fake.key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    head = {"alg": "HS256", "typ": "JWT", "kid": "one"}
    parts = [_base64(json.dumps(one).encode()) for one in (head, claims)]
    signature = hmac.new(public, ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, _base64(signature)])


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _changed(claims: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**claims, **change}.items() if value is not None}


def _sns() -> Iterator[Sent]:
    old = f"{datetime.now(UTC) - timedelta(minutes=70):%Y-%m-%dT%H:%M:%S}.000Z"
    signed = {
        "an old one": message(Timestamp=old),
        "one of the future": message(Timestamp=f"{datetime.now(UTC) + timedelta(hours=1):%FT%T}.000Z"),
        "another topic": message(TopicArn=fake.TOPIC.replace("123456789012", "999999999999")),
        "a certificate of elsewhere": message(SigningCertURL="https://elsewhere.example/a.pem"),
        "a certificate without TLS": message(SigningCertURL="http://sns.eu-west-1.amazonaws.com/a.pem"),
        "a kind that is none": message(Type="Greeting"),
    }
    for what, told in signed.items():
        yield Sent("cloudwatch", what, {}, fake.sns_signed(told))
    genuine = json.loads(fake.sns_signed(message()))
    for what, change in {
        "another message": {"Message": '{"AlarmName": "forged"}'},
        "an altered signature": {"Signature": genuine["Signature"][::-1]},
        "no signature": {"Signature": ""},
        "another version": {"SignatureVersion": "3"},
    }.items():
        yield Sent("cloudwatch", what, {}, json.dumps(genuine | change).encode())


def _grafana() -> Iterator[Sent]:
    body, now, secret = body_of("grafana"), datetime.now(UTC), f"{fake.SECRET}-of-signatures"
    fine = fake.grafana_signed(body, now, secret)
    name = next(iter(fine))
    for what, headers in {
        "with another secret": fake.grafana_signed(body, now, SOMEBODYS),
        "with the secret of the header": fake.grafana_signed(body, now, secret_of("grafana")),
        "of another body": fake.grafana_signed(body + b" ", now, secret),
        "an old one": fake.grafana_signed(body, now - timedelta(minutes=6), secret),
        "one of the future": fake.grafana_signed(body, now + timedelta(minutes=6), secret),
        "with another time": fine | {f"{name}-Timestamp": str(int(now.timestamp()) + 1)},
        "without a time": {name: fine[name]},
        "empty": {name: "", f"{name}-Timestamp": ""},
    }.items():
        yield Sent("grafana", what, headers)
