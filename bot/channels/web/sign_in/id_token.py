"""Verifies the tokens that an identity provider signs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeGuard

import jwt

from bot.channels.web.sign_in.errors import SignInRefused
from bot.channels.web.sign_in.keys import SigningKeys

# Signatures by a public key alone: neither none, nor a secret that a public key could be taken for.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY = timedelta(seconds=60)
LONGEST = 64 * 1024  # characters
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
LAST_SECOND = 253_402_300_800  # the year 10000
LOGOUT_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Verifier:
    """Checks a token's signature, issuer, audience and times."""

    keys: SigningKeys
    issuer: str
    client_id: str

    async def id_token(
        self, token: str, now: datetime, *, nonce: str | None = None, since: datetime | None = None
    ) -> Mapping[str, Any]:
        """The claims of an ID token; raise `SignInRefused` or `ProviderUnavailable`.

        `nonce` must be the token's where a sign-in began with one, `since` when it began.
        """
        claims = await self._verified(token)
        if not _is_time(claims.get("exp")):
            raise SignInRefused("no_expiry")
        _check_times(claims, now, since)
        if nonce is not None and claims.get("nonce") != nonce:
            raise SignInRefused("wrong_nonce")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise SignInRefused("no_subject")
        return claims

    async def logout_token(self, token: str, now: datetime) -> Mapping[str, Any]:
        """The claims of the token by which a provider ends sessions; raise as above."""
        claims = await self._verified(token)
        _check_times(claims, now, now - LOGOUT_LASTS)
        events = claims.get("events")
        if not isinstance(events, Mapping) or not isinstance(events.get(LOGOUT), Mapping):
            raise SignInRefused("no_logout")
        if "nonce" in claims or not (claims.get("sub") or claims.get("sid")):
            raise SignInRefused("no_logout")
        return claims

    async def _verified(self, token: str) -> Mapping[str, Any]:
        try:
            if len(token) > LONGEST:
                raise SignInRefused("too_long")
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS or "crit" in header:
                raise SignInRefused("wrong_algorithm")
            claims: Mapping[str, Any] = jwt.decode(
                token,
                await self.keys.find(header),
                algorithms=[header["alg"]],
                audience=self.client_id,
                issuer=self.issuer,
                # The times are held to our own clock, below.
                options={
                    "require": ["iss", "aud", "iat"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise SignInRefused(_code(error)) from error
        self._check_audience(claims)
        return claims

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        audience, party = claims["aud"], claims.get("azp")
        several = isinstance(audience, list) and len(audience) > 1
        if (several or party is not None) and party != self.client_id:
            raise SignInRefused("another_party")


def _check_times(claims: Mapping[str, Any], now: datetime, since: datetime | None) -> None:
    at = now.timestamp()
    slack = LEEWAY.total_seconds()
    issued, expires, begins = (claims.get(name) for name in ("iat", "exp", "nbf"))
    if not _is_time(issued) or issued > at + slack:
        raise SignInRefused("wrong_time")
    if since is not None and issued < since.timestamp() - slack:
        raise SignInRefused("too_old")
    if expires is not None and (not _is_time(expires) or expires <= at - slack):
        raise SignInRefused("expired")
    if begins is not None and (not _is_time(begins) or begins > at + slack):
        raise SignInRefused("wrong_time")


def _is_time(value: Any) -> TypeGuard[float]:
    # JSON is read with NaN, which is neither before nor after anything, and with numbers beyond every time.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LAST_SECOND


def _code(error: Exception) -> str:
    known: dict[type[Exception], str] = {
        jwt.InvalidSignatureError: "wrong_signature",
        jwt.InvalidAudienceError: "another_audience",
        jwt.InvalidIssuerError: "another_issuer",
        jwt.MissingRequiredClaimError: "missing_claim",
    }
    return known.get(type(error), "unreadable_token")
