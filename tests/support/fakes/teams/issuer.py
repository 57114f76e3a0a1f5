"""The token issuer: signing keys, tokens for the bot's door, and the bot's own token."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from email.utils import formatdate
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

APP_ID = "5f1c3b52-9c6e-4a53-8a55-6d4b7a2d1c01"
APP_SECRET = "fake-secret-of-the-app"
TENANT = "11111111-2222-3333-4444-555555555555"


@cache
def private_key(kid: str) -> rsa.RSAPrivateKey:
    """A key, made once in a test run: making one takes long."""
    del kid
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issuer:
    """Serves OpenID metadata, keys and tokens; signs what the fake sends."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.address = ""
        self.kid = "key-1"
        self.endorsements: list[str] | None = ["msteams", "webchat"]
        self.fetches = 0  # of the keys
        self.grants = 0  # of the bot's token
        self.metadata_status = 200
        self.token_status = 200
        self.token_lifetime = 3600
        self.forms: list[dict[str, str]] = []
        self._valid: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        """The issuer's routes."""
        return [
            web.get("/openid", self._metadata),
            web.get("/keys", self._keys),
            web.post("/{tenant}/oauth2/v2.0/token", self._token),
        ]

    def sign(self, service_url: str, **changes: Any) -> str:
        """A token for the bot's door; a change replaces a claim, None removes it.

        `kid` and `key` sign it with another key.
        """
        now = int(self.clock())
        kid, key = changes.pop("kid", self.kid), changes.pop("key", None)
        claims: dict[str, Any] = {
            "iss": self.address,
            "aud": APP_ID,
            "nbf": now - 60,
            "exp": now + 3600,
            "serviceurl": service_url,
        }
        claims = {k: v for k, v in (claims | changes).items() if v is not None}
        return jwt.encode(claims, key or private_key(self.kid), "RS256", headers={"kid": kid})

    def forge_none(self, service_url: str) -> str:
        """A token with `alg: none`."""
        parts = [{"alg": "none", "kid": self.kid, "typ": "JWT"}, self._claims_of(service_url)]
        return ".".join(_base64(json.dumps(part).encode()) for part in parts) + "."

    def forge_hs256(self, service_url: str) -> str:
        """A token that is signed with a secret instead of the key."""
        secret = "x" * 64
        return jwt.encode(self._claims_of(service_url), secret, "HS256", headers={"kid": self.kid})

    def accepts(self, authorization: str) -> bool:
        """Whether this is a token of ours for the bot, not expired."""
        return authorization.removeprefix("Bearer ") in self._valid

    def revoke(self) -> None:
        """Refuse every token that was given so far."""
        self._valid.clear()

    def _claims_of(self, service_url: str) -> dict[str, Any]:
        token = self.sign(service_url)
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        return claims

    async def _metadata(self, _: web.Request) -> web.Response:
        if self.metadata_status != 200:
            return web.Response(status=self.metadata_status)
        return web.json_response({"issuer": self.address, "jwks_uri": f"{self.address}/keys"})

    async def _keys(self, _: web.Request) -> web.Response:
        self.fetches += 1
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private_key(self.kid).public_key()))
        key |= {"kid": self.kid, "use": "sig"}
        if self.endorsements is not None:
            key["endorsements"] = self.endorsements
        broken = {"kty": "RSA", "kid": "broken"}
        return web.json_response({"keys": [broken, key]})

    async def _token(self, request: web.Request) -> web.Response:
        form = {k: str(v) for k, v in (await request.post()).items()}
        self.forms.append(form | {"tenant": request.match_info["tenant"]})
        if self.token_status != 200:
            return web.json_response({"error": "server_error"}, status=self.token_status)
        date = {"Date": formatdate(self.clock(), usegmt=True)}
        if form.get("client_id") != APP_ID or form.get("client_secret") != APP_SECRET:
            return web.json_response({"error": "invalid_client"}, status=401)
        if form.get("scope") != "https://api.botframework.com/.default":
            return web.json_response({"error": "invalid_scope"}, status=400)
        self.grants += 1
        token = f"bot-token-{self.grants}"
        self._valid.add(token)
        return web.json_response(
            {"token_type": "Bearer", "access_token": token, "expires_in": self.token_lifetime}, headers=date
        )


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
