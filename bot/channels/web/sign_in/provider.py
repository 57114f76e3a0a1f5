"""Talks to the identity provider: what it says of itself, codes for tokens, and who somebody is."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
import structlog

from bot.channels.web.sign_in.attempt import Attempt
from bot.channels.web.sign_in.errors import ProviderUnavailable, SignInRefused
from bot.channels.web.sign_in.id_token import Verifier
from bot.channels.web.sign_in.keys import SigningKeys
from bot.channels.web.sign_in.options import ProviderOptions
from bot.runtime.network.loopback import is_loopback
from bot.runtime.network.outgoing import open_session

log = structlog.get_logger()

SECONDS, CONNECT_SECONDS = 10.0, 5.0
LARGEST = 1024**2  # bytes of an answer
LONGEST_SECONDS = 366 * 24 * 3600.0  # that a token is taken to last
HOURLY = 3600.0  # seconds after which the provider is asked again what it says of itself
AGAIN = 5.0  # seconds after which one that did not answer is asked again
OFFLINE = {
    "https://accounts.google.com": {"access_type": "offline"}
}  # where no scope asks for a refresh token
WITHOUT_PKCE = ("https://slack.com",)  # it takes PKCE from public clients alone, and an app is one for good
PASSING = ("temporarily_unavailable", "server_error", "slow_down", "ratelimited")
MISTAKES = (
    "invalid_client",
    "unauthorized_client",
    "redirect_uri_mismatch",
    "bad_client_secret",
    "bad_redirect_uri",
)
ANOTHER_SUBJECT = "another_subject"
DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider says of itself; addresses that it does not have are empty."""

    authorization: str
    token: str
    keys: str
    userinfo: str = ""
    end_session: str = ""
    names_itself: bool = False  # in what it sends the browser back with
    secret_in_body: bool = False


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens that a provider gave; those that it did not are empty."""

    id_token: str = field(repr=False)
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    access_seconds: float | None = None  # None where it does not end


class Provider:
    """The identity provider, asked through the proxy of the environment like everything else."""

    def __init__(self, options: ProviderOptions, clock: Callable[[], float] = monotonic) -> None:
        self._options = options
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._metadata: Metadata | None = None
        self._read_at = self._failed_at = float("-inf")
        self._discovery = options.issuer.rstrip("/") + DISCOVERY
        self.keys = SigningKeys(self._key_set, clock)
        self.verifier = Verifier(self.keys, options.issuer, options.client_id)

    def trouble(self) -> str | None:
        """Say that it does not answer, where it did not when it was last asked."""
        if self._failed_at <= self._read_at:
            return None
        return "the identity provider does not answer; who is signed in goes on, nobody else can sign in"

    async def close(self) -> None:
        """Close its connections."""
        if self._session is not None:
            await self._session.close()

    async def metadata(self) -> Metadata:
        """What it says of itself, kept an hour and while it is away; raise `ProviderUnavailable`."""
        now = self._clock()
        if self._metadata is not None and (now - self._read_at < HOURLY or now - self._failed_at < AGAIN):
            return self._metadata
        if now - self._failed_at < AGAIN:
            raise ProviderUnavailable
        try:
            found = _metadata(self._options.issuer, await self._ask("GET", self._discovery))
        except ProviderUnavailable as error:
            self._note_failure(error)
            if self._metadata is None:
                raise
            return self._metadata
        self._metadata, self._read_at = found, now
        return found

    async def authorization_url(self, attempt: Attempt, *, another: bool = False) -> str:
        """Where the browser goes to sign in; with `another`, to choose the account anew."""
        metadata = await self.metadata()
        query = {
            "response_type": "code",
            "client_id": self._options.client_id,
            "redirect_uri": self._options.redirect_uri,
            "scope": " ".join(self._options.scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            **self._proof(code_challenge=attempt.challenge, code_challenge_method="S256"),
            **({"prompt": "none" if attempt.renews else "login"} if attempt.renews or another else {}),
            **OFFLINE.get(self._options.issuer, {}),
        }
        return _with_query(metadata.authorization, query)

    async def sign_out_url(self, id_token: str) -> str:
        """Where the browser goes to sign out there, too; empty where the provider has no such place."""
        metadata = await self.metadata()
        if not metadata.end_session:
            return ""
        query = {
            "client_id": self._options.client_id,
            "post_logout_redirect_uri": self._options.after_sign_out,
            **({"id_token_hint": id_token} if id_token else {}),
        }
        return _with_query(metadata.end_session, query)

    async def exchange(self, code: str, attempt: Attempt) -> Tokens:
        """The tokens for a code; raise `SignInRefused` or `ProviderUnavailable`."""
        return await self._tokens(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._options.redirect_uri,
                **self._proof(code_verifier=attempt.verifier),
            }
        )

    async def refresh(self, token: str) -> Tokens:
        """New tokens; raise `SignInRefused` where the person may no longer sign in, or as above."""
        return await self._tokens({"grant_type": "refresh_token", "refresh_token": token})

    async def userinfo(self, access: str, subject: str) -> Mapping[str, Any]:
        """What the provider says of somebody now; nothing where it does not say it to us."""
        metadata = await self.metadata()
        if not metadata.userinfo or not access:
            return {}
        found = await self._ask("GET", metadata.userinfo, headers={"Authorization": f"Bearer {access}"})
        _refuse_errors(found)
        if found.get("sub") != subject:
            raise SignInRefused(ANOTHER_SUBJECT)
        return found

    def _proof(self, **parts: str) -> Mapping[str, str]:
        """The parts of PKCE, where the provider takes it from us; the nonce binds the code, too."""
        return {} if self._options.issuer in WITHOUT_PKCE else parts

    async def _key_set(self) -> Mapping[str, Any]:
        return await self._ask("GET", (await self.metadata()).keys)

    async def _tokens(self, body: dict[str, str]) -> Tokens:
        options, metadata = self._options, await self.metadata()
        headers = {"Accept": "application/json"}
        if metadata.secret_in_body:
            body |= {"client_id": options.client_id, "client_secret": options.client_secret}
        else:
            login = f"{quote_plus(options.client_id)}:{quote_plus(options.client_secret)}"
            headers["Authorization"] = f"Basic {b64encode(login.encode()).decode()}"
        found = await self._ask("POST", metadata.token, headers=headers, data=body)
        _refuse_errors(found)
        return Tokens(
            id_token=str(found.get("id_token") or ""),
            access=str(found.get("access_token") or ""),
            refresh=str(found.get("refresh_token") or ""),
            access_seconds=_seconds(found.get("expires_in")),
        )

    async def _ask(self, method: str, url: str, **how: Any) -> Mapping[str, Any]:
        """The object that an address answers with, an error of the protocol's own included."""
        if self._session is None:
            self._session = open_session(SECONDS, connect=CONNECT_SECONDS)
        try:
            async with self._session.request(method, url, allow_redirects=False, **how) as response:
                body = bytearray()
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > LARGEST:
                        raise ProviderUnavailable("The identity provider's answer is too large.")
                found = json.loads(body) if body else {}
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError) as error:
            raise ProviderUnavailable(
                f"The identity provider does not answer: {type(error).__name__}."
            ) from error
        if response.status in (400, 401, 403) and url != self._discovery:
            return {"error": "refused", **found} if isinstance(found, dict) else {"error": "refused"}
        if response.status != 200 or not isinstance(found, dict):
            raise ProviderUnavailable(f"The identity provider answered {response.status}.")
        return found

    def _note_failure(self, error: ProviderUnavailable) -> None:
        if self._failed_at <= self._read_at:
            log.warning(
                "oidc_provider_unavailable",
                cause=str(error),
                next_step="see that the issuer is right and is reached; the next sign-in asks it again",
            )
        self._failed_at = self._clock()


def _seconds(value: Any) -> float | None:
    """How long a token lasts, which some providers write as a text; None where they do not say it."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_SECONDS) if seconds == seconds else 0.0


def _refuse_errors(found: Mapping[str, Any]) -> None:
    # Slack says so in an answer of 200.
    if not found.get("error") and found.get("ok") is not False:
        return
    error = str(found.get("error"))[:60]
    if error in PASSING:
        raise ProviderUnavailable(f"The identity provider answers: {error}.")
    if error in MISTAKES:
        log.error(
            "oidc_client_refused",
            code=error,
            next_step="see that client id, client secret and redirect URI are those of the provider",
        )
    raise SignInRefused(f"provider:{error}")


def _metadata(issuer: str, found: Mapping[str, Any]) -> Metadata:
    if found.get("issuer") != issuer:
        raise ProviderUnavailable("The identity provider calls itself by another issuer.")
    local = is_loopback(urlsplit(issuer).hostname or "")

    def address(name: str, *, needed: bool = False) -> str:
        url = found.get(name)
        if isinstance(url, str) and _is_safe(url, local=local):
            return url
        if needed or url:
            raise ProviderUnavailable(f"The identity provider has no usable {name}.")
        return ""

    methods = found.get("token_endpoint_auth_methods_supported") or ("client_secret_basic",)
    return Metadata(
        address("authorization_endpoint", needed=True),
        address("token_endpoint", needed=True),
        address("jwks_uri", needed=True),
        address("userinfo_endpoint"),
        address("end_session_endpoint"),
        found.get("authorization_response_iss_parameter_supported") is True,
        "client_secret_basic" not in methods,
    )


def _is_safe(url: str, *, local: bool) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    encrypted = parts.scheme == "https" or (local and parts.scheme == "http" and is_loopback(host))
    return bool(host) and encrypted and not any(one.isspace() for one in url)


def _with_query(url: str, query: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
