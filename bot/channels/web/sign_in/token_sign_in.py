"""Signs people in with tokens, and everybody out."""

import structlog
from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.access.auth import TokenAuthenticator, check_origin
from bot.channels.web.access.refusal import Refusal
from bot.channels.web.access.request_body import read_object, text_of
from bot.channels.web.access.sessions import LIFE, Sessions
from bot.desk.ports.channels import Host

log = structlog.get_logger()


class SignIn:
    """Exchanges a token for a session, and ends it."""

    def __init__(self, host: Host, authenticator: TokenAuthenticator, sessions: Sessions) -> None:
        self._host = host
        self._authenticator = authenticator
        self._sessions = sessions

    async def sign_in(self, request: web.Request) -> web.Response:
        """Exchange a token for a session."""
        check_origin(request, self._host.public_url)
        token = text_of(await read_object(request), "token").strip()
        grant = self._authenticator.grant(request, token)
        address = self._host.address(request)
        if grant is None:
            log.info("page_sign_in_refused", address=address)
            raise Refusal(403, "web.error.token")
        response = responses.answer({"kind": "signed-in"})
        response.set_cookie(
            self._sessions.cookie,
            await self._sessions.open(grant, address),
            max_age=int(LIFE.total_seconds()),
            httponly=True,
            samesite="Strict",
            secure=self._host.public_url.startswith("https:"),
        )
        return response

    async def sign_out(self, request: web.Request) -> web.Response:
        """End the session, and forget it in this browser."""
        check_origin(request, self._host.public_url)
        await read_object(request)
        elsewhere = ""
        if key := request.cookies.get(self._sessions.cookie, ""):
            elsewhere = await self._sessions.sign_out_url(key)
            await self._sessions.end(key, self._host.address(request))
        response = responses.answer({"kind": "signed-out", "to": elsewhere})
        secure = self._host.public_url.startswith("https:")  # else the browser does not take it
        response.del_cookie(self._sessions.cookie, httponly=True, samesite="Strict", secure=secure)
        return response
