"""Verifies the Bot Framework's token that comes with each request."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import jwt
import structlog

from bot.domain.errors import FirstlineError

log = structlog.get_logger()

LEEWAY = 300  # seconds; the protocol allows five minutes between two clocks
FETCH_SECONDS = 5.0
REFRESH_SECONDS = 24 * 3600.0
UNKNOWN_KEY_SECONDS = 300.0  # a forged `kid` must not make us fetch all the time
RETRY_SECONDS = 5.0
LARGEST_KEYS = 1_000_000


class TokenRefused(FirstlineError):
    """The request's token is not valid."""


class KeysUnavailable(FirstlineError):
    """The keys that sign requests could not be had."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key, and the channels that it may sign for (none named: any)."""

    key: Any
    endorsements: frozenset[str]


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a valid token."""

    service_url: str
    endorsements: frozenset[str]


class SigningKeys:
    """The issuer's keys, fetched in the background and kept; a request waits only for an unknown one."""

    def __init__(
        self,
        metadata_url: str,
        session: Callable[[], aiohttp.ClientSession],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metadata_url = metadata_url
        self._session = session
        self._monotonic = monotonic
        self._keys: Mapping[str, SigningKey] = {}
        self._asked: float | None = None
        self._answered = False
        self._lock = asyncio.Lock()

    @property
    def ready(self) -> bool:
        """Whether there are any keys."""
        return bool(self._keys)

    async def keep(self) -> None:
        """Fetch the keys now and daily, sooner after a failure; runs until it is cancelled."""
        wait = 1.0
        while True:
            async with self._lock:
                await self._fetch()
            wait = REFRESH_SECONDS if self._answered else min(wait * 2, 60.0)
            await asyncio.sleep(wait)

    async def find(self, kid: str) -> SigningKey:
        """The key of this id; raise `TokenRefused` without one, `KeysUnavailable` when nobody knows."""
        key = self._keys.get(kid)
        if key is None:
            async with self._lock:
                if kid not in self._keys and self._may_ask():
                    await self._fetch()
            key = self._keys.get(kid)
        if key is not None:
            return key
        if not self._answered:
            raise KeysUnavailable
        raise TokenRefused("unknown_key")

    def _may_ask(self) -> bool:
        if self._asked is None:
            return True
        gap = UNKNOWN_KEY_SECONDS if self._answered else RETRY_SECONDS
        return self._monotonic() - self._asked >= gap

    async def _fetch(self) -> None:
        self._asked = self._monotonic()
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                metadata = await self._get(self._metadata_url)
                keys = _read_keys(await self._get(str(metadata["jwks_uri"])))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
            self._answered = False
            log.warning(
                "teams_signing_keys_unavailable",
                error=type(error).__name__,
                next_step="see that login.botframework.com is reached; it is tried again",
            )
            return
        self._keys = keys
        self._answered = True
        log.info("teams_signing_keys_fetched", keys=len(keys))

    async def _get(self, url: str) -> dict[str, Any]:
        async with self._session().get(url, allow_redirects=False) as response:
            response.raise_for_status()
            if response.status != 200:
                raise ValueError("not an answer")
            if (response.content_length or 0) > LARGEST_KEYS:
                raise ValueError("too large")
            body = await response.json(content_type=None)
        if not isinstance(body, dict):
            raise TypeError("not an object")
        return body


def _read_keys(body: Mapping[str, Any]) -> dict[str, SigningKey]:
    keys = {}
    for entry in body["keys"]:
        try:
            key = jwt.PyJWK.from_dict(entry, algorithm="RS256").key
            keys[str(entry["kid"])] = SigningKey(key, frozenset(map(str, entry.get("endorsements") or ())))
        except (jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError) as error:
            # One key that we cannot read must not cost the others.
            log.warning(
                "teams_signing_key_unreadable",
                error=type(error).__name__,
                next_step="none: the other keys go on",
            )
    if not keys:
        raise ValueError("no keys")
    return keys


class TokenChecker:
    """Checks the token of a request against the issuer's keys."""

    def __init__(self, keys: SigningKeys, *, app_id: str, issuer: str) -> None:
        self._keys = keys
        self._app_id = app_id
        self._issuer = issuer

    async def check(self, authorization: str, now: datetime) -> Claims:
        """Return the claims of `Bearer <token>`; raise `TokenRefused` or `KeysUnavailable`."""
        scheme, _, token = authorization.strip().partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise TokenRefused("no_token")
        try:
            header = jwt.get_unverified_header(token.strip())
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise TokenRefused("malformed") from error
        kid = header.get("kid")
        if header.get("alg") != "RS256" or not isinstance(kid, str):
            raise TokenRefused("algorithm")
        key = await self._keys.find(kid)
        claims = self._decode(token.strip(), key)
        _check_times(claims, now.timestamp())
        service_url = claims.get("serviceurl", claims.get("serviceUrl"))
        if not isinstance(service_url, str) or not service_url:
            raise TokenRefused("no_service_url")
        return Claims(service_url, key.endorsements)

    def _decode(self, token: str, key: SigningKey) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                audience=self._app_id,
                issuer=self._issuer,
                # Times are compared below, with the clock that we are given.
                options={
                    "require": ["exp", "iss", "aud"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise TokenRefused(type(error).__name__) from error


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    expires, begins = claims["exp"], claims.get("nbf", 0)
    for moment in (expires, begins):
        if isinstance(moment, bool) or not isinstance(moment, int | float):
            raise TokenRefused("times")
    # Written so that NaN refuses.
    if not now <= expires + LEEWAY or not begins - LEEWAY <= now:
        raise TokenRefused("expired")


def same_service(left: str, right: str) -> bool:
    """Tell whether two service URLs are one; the token's and the activity's differ in case and slash."""
    return left.rstrip("/").lower() == right.rstrip("/").lower()
