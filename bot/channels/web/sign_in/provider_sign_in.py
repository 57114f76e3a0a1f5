"""Signs people in with their identity provider: to it, back from it, and what it ends by itself."""

from urllib.parse import parse_qs

import structlog
from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.access.accounts import digest_of
from bot.channels.web.access.auth import renewed
from bot.channels.web.access.limits import Limits
from bot.channels.web.access.refusal import Refusal
from bot.channels.web.access.sessions import cookie_of
from bot.channels.web.sign_in.attempt import LASTS, SECRET, Attempt, begin, new_secret, own_path, resume
from bot.channels.web.sign_in.errors import ProviderUnavailable, SignInRefused
from bot.channels.web.sign_in.options import ProviderOptions
from bot.channels.web.sign_in.page import NO_ROLE, SignInPage
from bot.channels.web.sign_in.provider import PASSING, Provider
from bot.channels.web.sign_in.provider_sessions import ProviderSessions
from bot.channels.web.view import View
from bot.desk.ports.channels import Host

log = structlog.get_logger()

LARGEST = 64 * 1024  # bytes of a logout token's form
LONGEST = 4096  # characters of a code
# What a provider answers to a silent attempt of somebody who has to do something there.
NEEDS_PERSON = ("login_required", "interaction_required", "consent_required", "account_selection_required")
SENTENCES = {"failed": "web.oidc.failed", "again": "web.oidc.again", "role": NO_ROLE}


class ProviderSignIn:
    """The routes of a sign-in by OpenID Connect: authorization code with PKCE."""

    def __init__(
        self,
        host: Host,
        provider: Provider,
        options: ProviderOptions,
        sessions: ProviderSessions,
        page: SignInPage,
        view: View,
        limits: Limits,
    ) -> None:
        self._host = host
        self._provider = provider
        self._options = options
        self._sessions = sessions
        self._page = page
        self._view = view
        self._limits = limits
        self._secure = options.base.startswith("https:")
        # The prefix keeps others, such as a page of a neighbouring name, from putting their own in its place.
        self._cookie = "__Host-firstline_sign_in" if self._secure else "firstline_sign_in"

    async def begin(self, request: web.Request) -> web.Response:
        """Send the browser to the provider."""
        self._limits.stranger(request)
        known = request.cookies.get(self._cookie, "")
        secret = known if SECRET.fullmatch(known) else new_secret()
        to, renews = request.query.get("to", "/"), ""
        if "silent" in request.query:
            to, renews = renewed(own_path(to)), await self._session(request)
            if not renews:  # it is over: nothing goes on by itself
                return self._refused(request, SignInRefused("no_session", "again"), "/")
        attempt = begin(secret, self._host.clock(), to, renews)
        try:
            another = "another" in request.query
            response = responses.moved(await self._provider.authorization_url(attempt, another=another))
        except ProviderUnavailable:
            return self._page.show(request, 503, "web.oidc.unavailable", to=attempt.to)
        # Lax: the provider sends the browser back from its own site.
        response.set_cookie(
            self._cookie,
            secret,
            max_age=int(LASTS.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=self._secure,
        )
        return response

    async def callback(self, request: web.Request) -> web.Response:
        """Take the browser back from the provider, and open a session."""
        self._limits.stranger(request)
        given = request.query
        secret = request.cookies.get(self._cookie, "")
        attempt = resume(secret, given.get("state", ""), self._host.clock())
        if attempt is None:
            return self._refused(request, SignInRefused("unknown_state", "again"), "/")
        try:
            code = await self._code(request)
            key = await self._sessions.open(code, attempt, self._host.address(request))
        except ProviderUnavailable:
            return self._page.show(request, 503, "web.oidc.unavailable", to=attempt.to)
        except SignInRefused as refused:
            if attempt.renews and refused.code.removeprefix("provider:") not in PASSING:
                await self._sessions.end_refused(attempt.renews, refused)
            return self._refused(request, refused, attempt.to)
        return self._signed_in(request, key, attempt)

    async def log_out(self, request: web.Request) -> web.Response:
        """End the sessions that the provider says are over: its back-channel logout."""
        self._limits.stranger(request)
        body = bytearray()
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > LARGEST:
                raise Refusal(413, "web.error.large")
        token = parse_qs(body.decode("utf-8", "replace")).get("logout_token", [""])[0]
        try:
            await self._sessions.end_all(token)
        except ProviderUnavailable:
            raise Refusal(503, "web.oidc.unavailable") from None
        except SignInRefused as refused:
            log.warning(
                "oidc_logout_refused",
                reason=refused.code,
                address=self._host.address(request),
                next_step="none, unless the provider's sign-outs do not arrive: see `firstline docs sign-in`",
            )
            raise Refusal(400, "web.error.request") from None
        return web.Response(status=200, headers=responses.HEADERS)

    async def _session(self, request: web.Request) -> str:
        """The hash of the session that the browser has; empty where it has none that lasts."""
        key = request.cookies.get(cookie_of(self._options.base), "")
        found = key and await self._host.read(self._host.sessions.find, digest_of(key), self._host.clock())
        return digest_of(key) if found else ""

    async def _code(self, request: web.Request) -> str:
        """The code that the provider sent; raise `SignInRefused`."""
        given = request.query
        issuer = given.get("iss")
        # Another provider's answer must not be taken for this one's.
        named = issuer is not None or (await self._provider.metadata()).names_itself
        if named and issuer != self._options.issuer:
            raise SignInRefused("another_issuer")
        if error := given.get("error", ""):
            raise SignInRefused(f"provider:{error[:60]}", "again" if error in NEEDS_PERSON else "failed")
        code = given.get("code", "")
        if not code or len(code) > LONGEST:
            raise SignInRefused("no_code")
        return code

    def _refused(self, request: web.Request, refused: SignInRefused, to: str) -> web.Response:
        log.info("page_sign_in_refused", reason=refused.code, by="oidc", address=self._host.address(request))
        return self._page.show(request, 403, SENTENCES[refused.kind], to=to)

    def _signed_in(self, request: web.Request, key: str, attempt: Attempt) -> web.Response:
        """Give the browser its session, and let it go on from a page of ours.

        A redirect would count as the provider's, and browsers send a strict cookie with nothing of others.
        """
        html = self._view.render(request, "sign-in/done.html", {"to": attempt.to})
        response = responses.page(html)
        response.set_cookie(
            cookie_of(self._options.base),
            key,
            max_age=int(self._options.longest.total_seconds()),
            httponly=True,
            samesite="Strict",
            secure=self._secure,
        )
        return response
