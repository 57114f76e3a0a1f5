"""An identity provider on loopback that lies in whatever way a test tells it to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "firstline", "a client secret of the tests"
Key = rsa.RSAPrivateKey


def new_key() -> Key:
    """A key pair of RSA."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Nasty:
    """What it answers, and what it was asked; what a test changes holds from then on."""

    keys: dict[str, Key] = field(default_factory=lambda: {"first": new_key()})
    claims: dict[str, Any] = field(default_factory=dict)  # None leaves one out
    more_metadata: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    token_answer: dict[str, Any] = field(default_factory=dict)
    sign: Callable[["Nasty", Mapping[str, Any]], str] | None = None
    answers: dict[str, Callable[[web.Request], Any]] = field(default_factory=dict)  # by path, instead
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    nonce: str = ""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    issuer: str = ""
    _server: Any = None

    async def __aenter__(self) -> "Nasty":
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._server = TestServer(app, host="127.0.0.1")
        await self._server.start_server()
        self.issuer = str(self._server.make_url("/")).rstrip("/")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    def signed(self, claims: Mapping[str, Any], kid: str = "first", **header: Any) -> str:
        """A token of one of its keys."""
        return jwt.encode(dict(claims), self.keys[kid], "RS256", headers={"kid": kid, **header})

    def id_claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of an ID token as they should be, with what the test changed."""
        now = int(self.now().timestamp())
        good = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "ana-1",
            "iat": now,
            "exp": now + 600,
            "nonce": self.nonce,
            "name": "Ana Costa",
            "email": "ana@example.com",
            "email_verified": True,
        }
        return {
            name: value for name, value in {**good, **self.claims, **changes}.items() if value is not None
        }

    def key_set(self) -> dict[str, Any]:
        """Its public keys."""
        found = []
        for kid, key in self.keys.items():
            found.append({**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid})
        return {"keys": found}

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if request.path in self.answers:
            found = self.answers[request.path](request)
            response: web.StreamResponse = await found if hasattr(found, "__await__") else found
            return response
        match request.path:
            case "/.well-known/openid-configuration":
                return web.json_response(self._metadata())
            case "/keys":
                return web.json_response(self.key_set())
            case "/token":
                self.forms.append({name: str(value) for name, value in (await request.post()).items()})
                return web.json_response(self._tokens())
            case "/userinfo":
                return web.json_response({"sub": "ana-1", **self.userinfo})
        return web.Response(status=404)

    def _metadata(self) -> dict[str, Any]:
        good = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
        }
        return {name: value for name, value in {**good, **self.more_metadata}.items() if value is not None}

    def _tokens(self) -> dict[str, Any]:
        sign = self.sign or (lambda self, claims: self.signed(claims))
        return {
            "token_type": "Bearer",
            "access_token": "an access token",
            "id_token": sign(self, self.id_claims()),
            **self.token_answer,
        }
