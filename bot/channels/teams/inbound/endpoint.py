"""Receives requests at `/api/messages`, and refuses what is no activity that can be believed."""

import json
from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import web

from bot.channels.teams.directory import is_trusted_service_url
from bot.channels.teams.inbound.activities import Activity, NotAnActivity, read
from bot.channels.teams.inbound.auth import Claims, KeysUnavailable, TokenChecker, TokenRefused, same_service
from bot.channels.teams.settings import Settings
from bot.desk.ports.clock import Clock
from bot.domain.errors import BodyTooSlow
from bot.runtime.network.loopback import is_local
from bot.runtime.network.proof import PROVED

log = structlog.get_logger()

LARGEST_BODY = 1_000_000
MSTEAMS = "msteams"
NOT_UNDERSTOOD = ("json", "not_an_activity")


class Refused(web.HTTPException):
    """A request that is not served; `code` says why, in the log and in the answer."""

    def __init__(self, status: int, code: str) -> None:
        self.status_code = status
        self.code = code
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        super().__init__(headers=headers, text=json.dumps({"error": code}), content_type="application/json")
        log.warning("teams_request_refused", status=status, code=code, next_step="see `firstline docs teams`")


class TeamsEndpoint:
    """Checks a request, and reads its `Activity`."""

    def __init__(
        self,
        settings: Settings,
        token_checker: TokenChecker | None,
        *,
        allow_anonymous: bool,
        clock: Clock,
        checked: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`checked` is told whether each request proved who sent it: no reason where it did."""
        self._settings = settings
        self._token_checker = token_checker
        self._allow_anonymous = allow_anonymous
        self._clock = clock
        self._checked = checked

    async def activity(self, request: web.Request) -> Activity:
        """Return the request's activity, or raise `Refused`."""
        try:
            activity = await self._activity(request)
        except Refused as refused:
            if refused.status_code == 401:
                self._checked(refused.code)
            elif refused.code in NOT_UNDERSTOOD:
                self._checked("payload")
            raise
        self._checked("")
        return activity

    async def _activity(self, request: web.Request) -> Activity:
        if request.content_type != "application/json":
            raise Refused(415, "content_type")
        if (request.content_length or 0) > LARGEST_BODY:
            raise Refused(413, "too_large")
        claims = await self._sender(request)
        request[PROVED] = True
        activity = _parse(await _body(request))
        anonymous = claims is None
        if not is_trusted_service_url(
            activity.service_url, anonymous=anonymous, local=self._settings.test_issuer
        ):
            raise Refused(400, "service_url")
        if claims is not None:
            _check_claims(claims, activity)
        return activity

    async def _sender(self, request: web.Request) -> Claims | None:
        """The claims of the request's token; None for an anonymous request that may pass."""
        if self._token_checker is None:
            # A browser's page always says where it comes from; a local service never does.
            if not (self._allow_anonymous and is_local(request) and "Origin" not in request.headers):
                raise Refused(401, "anonymous")
            return None
        try:
            return await self._token_checker.check(request.headers.get("Authorization", ""), self._clock())
        except TokenRefused as error:
            raise Refused(401, str(error)) from error
        except KeysUnavailable as error:
            raise Refused(503, "signing_keys") from error


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.content.iter_chunked(65_536):
            body += chunk
            if len(body) > LARGEST_BODY:
                raise Refused(413, "too_large")
    except (web.HTTPException, ConnectionError, BodyTooSlow):
        raise
    except Exception as error:  # aiohttp has many for a body that it cannot decode
        raise Refused(400, "body") from error
    return bytes(body)


def _parse(body: bytes) -> Activity:
    try:
        decoded: Any = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refused(400, "json") from error
    try:
        return read(decoded)
    except NotAnActivity as error:
        raise Refused(400, "not_an_activity") from error


def _check_claims(claims: Claims, activity: Activity) -> None:
    if not same_service(claims.service_url, activity.service_url):
        raise Refused(401, "service_url")
    # On other channels of the Bot Framework people can name themselves as they like.
    if activity.channel_id not in ("", MSTEAMS):
        raise Refused(403, "channel")
    if claims.endorsements and MSTEAMS not in claims.endorsements:
        raise Refused(401, "endorsement")
