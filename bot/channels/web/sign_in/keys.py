"""Keeps the public keys of the identity provider, and fetches them again when a new one comes up."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any

import jwt
import structlog

from bot.channels.web.sign_in.errors import ProviderUnavailable, SignInRefused

log = structlog.get_logger()

DAILY = 24 * 3600.0  # seconds after which keys are fetched anew
UNKNOWN_KEY = 60.0  # seconds: forged ids of keys must not make us fetch all the time
AGAIN = 5.0  # seconds after which one that did not answer is asked again
MOST_KEYS = 100
Fetch = Callable[[], Awaitable[Mapping[str, Any]]]


class SigningKeys:
    """The keys by which ID tokens are verified; only public ones, only by their ids."""

    def __init__(self, fetch: Fetch, clock: Callable[[], float] = monotonic) -> None:
        """`fetch` reads the provider's set of keys; it raises `ProviderUnavailable`."""
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, Mapping[str, Any]] = {}
        self._fetched = float("-inf")
        self._asked = self._failed = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, header: Mapping[str, Any]) -> jwt.PyJWK:
        """The key that a token's header names; raise `SignInRefused` or `ProviderUnavailable`."""
        kid, algorithm = str(header.get("kid") or ""), str(header.get("alg"))
        async with self._lock:
            if self._clock() - self._fetched > DAILY or (not self._named(kid) and self._may_ask()):
                await self._renew()
        entry = self._named(kid)
        if entry is None:
            raise SignInRefused("unknown_key")
        if entry.get("alg") not in (None, algorithm):
            raise SignInRefused("wrong_algorithm")
        try:
            return jwt.PyJWK.from_dict(dict(entry), algorithm=algorithm)
        except (jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
            raise SignInRefused("unreadable_key") from error

    def _named(self, kid: str) -> Mapping[str, Any] | None:
        if not kid and len(self._keys) == 1:  # a provider with one key need not name it
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    def _may_ask(self) -> bool:
        return self._clock() - self._asked >= UNKNOWN_KEY

    async def _renew(self) -> None:
        self._asked = self._clock()
        try:
            # Those who waited for one that does not answer do not wait for it again, one after the other.
            if self._clock() - self._failed < AGAIN:
                raise ProviderUnavailable("keys")
            found = (await self._fetch()).get("keys")
            if not isinstance(found, list):
                raise ProviderUnavailable("keys")
        except ProviderUnavailable:
            if self._clock() - self._failed >= AGAIN:
                self._failed = self._clock()
            if not self._keys:
                self._asked = float("-inf")  # nothing was learnt: the next one asks again
                raise
            return  # those that are known go on
        usable = [one for one in found[:MOST_KEYS] if isinstance(one, dict) and _verifies(one)]
        self._keys = {str(one.get("kid") or ""): one for one in usable}
        self._fetched = self._clock()
        log.info("oidc_keys_fetched", keys=len(self._keys))


def _verifies(key: Mapping[str, Any]) -> bool:
    """Whether a key is a public one for signatures: a secret in the set would let anybody sign."""
    return key.get("kty") in ("RSA", "EC", "OKP") and key.get("use") in (None, "sig")
