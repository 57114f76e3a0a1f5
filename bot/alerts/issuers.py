"""Checks tokens that a cloud has signed, with its public keys, which are fetched beside the requests."""

import asyncio
import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import jwt
import structlog
from aiohttp import web

from bot.alerts.proofs import NotYet, Refused
from bot.desk.ports.alerts import AlertHost
from bot.runtime.network.credentials import authorization
from bot.runtime.network.fetching import NotFetched, fetch

log = structlog.get_logger()
REFRESH_SECONDS = 12 * 3600.0
AGAIN_SECONDS = 60.0  # after a failure, and at most so often for a key that nobody knows
LEEWAY_SECONDS = 60.0  # that two clocks may differ


@dataclass(frozen=True, slots=True)
class Issuer:
    """Issuer of tokens: where its keys are, and what its tokens must say.

    Each claim of `claims` must have one of the values; one of several names may be given as `appid|azp`.
    """

    keys_url: str
    issuers: Collection[str]
    audiences: Collection[str]
    claims: Mapping[str, Collection[Any]] = field(default_factory=dict)


class IssuerProof:
    """A token in `Authorization: Bearer` that the issuer has signed."""

    def __init__(self, issuer: Issuer, host: AlertHost) -> None:
        self._issuer = issuer
        self._clock = host.clock
        self._fetch = host.fetch or fetch
        self._keys: Mapping[str, Any] = {}
        self._fault = ""
        self._task: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()

    async def start(self) -> None:
        """Fetch the keys now, twice a day, and when a token names one that is not known."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End the fetching."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def trouble(self) -> str | None:
        """Why there are no keys."""
        if not self._fault:
            return None
        return f"The keys at {self._issuer.keys_url} cannot be had ({self._fault}); see that it is reached."

    def check(self, request: web.Request, body: bytes) -> None:  # noqa: ARG002  # every proof is given both
        """Raise `Refused` or `NotYet` unless the token is the issuer's, for us, and in force."""
        token = authorization(request, "bearer")
        if token.count(".") != 2:
            raise Refused("no_token")
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Refused("malformed") from error
        if header.get("alg") != "RS256":
            raise Refused("algorithm")
        self._check_claims(self._decoded(token, self._key(str(header.get("kid")))))

    def _key(self, kid: str) -> Any:
        key = self._keys.get(kid)
        if key is None:
            self._wanted.set()
            if not self._keys:
                raise NotYet
            raise Refused("unknown_key")
        return key

    def _decoded(self, token: str, key: Any) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=list(self._issuer.audiences),
                issuer=list(self._issuer.issuers),
                # Times are compared with the clock that we are given.
                options={
                    "require": ["exp", "iss", "aud"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Refused(type(error).__name__) from error

    def _check_claims(self, claims: Mapping[str, Any]) -> None:
        now = self._clock().timestamp()
        for moment in (claims["exp"], claims.get("nbf", 0)):
            if isinstance(moment, bool) or not isinstance(moment, int | float):
                raise Refused("times")
        # Written so that NaN refuses.
        if not (now <= claims["exp"] + LEEWAY_SECONDS and claims.get("nbf", 0) - LEEWAY_SECONDS <= now):
            raise Refused("expired")
        for names, allowed in self._issuer.claims.items():
            told = [claims[name] for name in names.split("|") if name in claims]
            if not told or any(value not in allowed for value in told):
                raise Refused("sender")

    async def _keep(self) -> None:
        while True:
            try:
                self._keys, self._fault = read_keys(await self._fetch(self._issuer.keys_url)), ""
            except NotFetched as error:
                self._fault = str(error)
                log.warning(
                    "alert_keys_unavailable",
                    error=self._fault,
                    next_step="see that the address of the keys is reached; it is tried again",
                )
            # At most once a minute, whoever sends tokens of unknown keys.
            if self._keys:
                await asyncio.sleep(AGAIN_SECONDS)
                self._wanted.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wanted.wait(), REFRESH_SECONDS)
            else:
                await asyncio.sleep(1.0 if not self._fault else AGAIN_SECONDS / 4)


def read_keys(body: bytes) -> Mapping[str, Any]:
    """The keys of a JWK set by their ids; raise `NotFetched` where it is none."""
    try:
        entries = json.loads(body)["keys"]
    except (ValueError, KeyError, TypeError) as error:
        raise NotFetched("no_keys") from error
    keys = {}
    for entry in entries if isinstance(entries, list) else ():
        with suppress(jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError):
            keys[str(entry["kid"])] = jwt.PyJWK.from_dict(entry, algorithm="RS256").key
    if not keys:
        raise NotFetched("no_keys")
    return keys
