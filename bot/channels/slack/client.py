"""Makes the client of the Web API, and translates Slack's errors."""

import asyncio
import logging
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import DeliveryFailed
from bot.runtime.network.outgoing import open_session

TIMEOUT = 15.0  # seconds for one call
# Bolt and the SDK print whole requests, people's words included, at INFO and below.
QUIET = logging.getLogger("bot.channels.slack.sdk")
QUIET.setLevel(logging.WARNING)

# The same post can never succeed. What an operator or a person can still mend is not here: a room that
# does not exist yet, a bot that is not invited, a token that is wrong.
PERMANENT = frozenset(
    """
    invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text too_many_attachments
    metadata_too_large invalid_metadata_format user_not_found users_not_found user_disabled user_not_visible
    user_not_in_channel cannot_dm_bot messages_tab_disabled thread_not_found invalid_thread_ts not_found
    """.split()
)
BLOCKS_REFUSED = frozenset(
    """
    invalid_blocks invalid_blocks_format invalid_attachments invalid_arguments
    msg_blocks_too_long msg_too_long
    """.split()
)
CANNOT_EDIT = frozenset(
    """
    message_not_found cant_update_message edit_window_closed cant_edit_others_message
    is_inactive external_channel_migrating
    """.split()
)
_SLACKS_OWN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
TRIGGER_GONE = frozenset(
    {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_expired"}
)
DEFAULT_WAIT = 5.0  # seconds, where Slack limits us and does not say for how long
ERRORS = (SlackClientError, aiohttp.ClientError, asyncio.TimeoutError, OSError)


class Client(AsyncWebClient):
    """The SDK's client, but for one method whose header aiohttp will not make for much longer."""

    async def oauth_v2_access(
        self,
        *,
        client_id: str,
        client_secret: str,
        code: str | None = None,
        redirect_uri: str | None = None,
        grant_type: str | None = None,
        refresh_token: str | None = None,
        **kwargs: Any,
    ) -> AsyncSlackResponse:
        """Exchange a code or a refresh token for tokens; who asks stands in the body."""
        given = {
            "client_id": client_id,
            "client_secret": client_secret,
            "code": code,
            "redirect_uri": redirect_uri,
            "grant_type": grant_type,
            "refresh_token": refresh_token,
            **kwargs,
        }
        return await self.api_call(
            "oauth.v2.access", data={name: value for name, value in given.items() if value is not None}
        )


def make_client(token: str, api_url: str, session: aiohttp.ClientSession | None = None) -> AsyncWebClient:
    """A client that never retries by itself: the outbox does, with the database's patience."""
    client = Client(
        token=token or None,
        base_url=api_url,
        session=session,
        timeout=int(TIMEOUT),
        retry_handlers=[],
        logger=QUIET,
    )
    client.proxy = None  # the SDK takes one from the environment, whatever NO_PROXY says; the session knows
    return client


def make_session() -> aiohttp.ClientSession:
    """One session for all calls, within a running loop; the SDK's own timeout is not used with it."""
    return open_session(TIMEOUT)


async def make_socket(app_token: str, client: AsyncWebClient) -> SocketModeClient:
    """A client of Socket Mode that opens its socket as the other calls are made."""
    socket = SocketModeClient(app_token, logger=QUIET, web_client=client)
    socket.proxy = None
    own, socket.aiohttp_client_session = socket.aiohttp_client_session, make_session()
    await own.close()
    return socket


def code_of(error: BaseException) -> str:
    """Slack's code for an error, or ours where Slack said none; never its text, which holds the request."""
    if isinstance(error, SlackApiError):
        data = getattr(error.response, "data", None)
        if isinstance(data, dict) and isinstance(data.get("error"), str):
            return str(data["error"])
        return f"http_{_status(error)}"
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return "timeout"
    if isinstance(error, aiohttp.ClientError | OSError):
        return "connection"
    return type(error).__name__


def wait_of(error: BaseException) -> float | None:
    """How many seconds Slack asked to wait; None when it did not limit us."""
    if not isinstance(error, SlackApiError):
        return None
    if _status(error) != 429 and code_of(error) not in ("ratelimited", "rate_limited"):
        return None
    headers: Any = getattr(error.response, "headers", None) or {}
    try:
        return max(float(headers.get("Retry-After", DEFAULT_WAIT)), 0.0)
    except (TypeError, ValueError):
        return DEFAULT_WAIT


def failed(error: BaseException) -> DeliveryFailed:
    """An error of a call as the outbox understands it."""
    code = code_of(error)
    return DeliveryFailed(code, retry_after=wait_of(error), permanent=code in PERMANENT)


def passing(error: BaseException) -> bool:
    """Whether the same call may succeed by itself a little later."""
    if isinstance(error, SlackApiError):
        return wait_of(error) is not None or _status(error) >= 500 or code_of(error) in _SLACKS_OWN
    return isinstance(error, aiohttp.ClientError | asyncio.TimeoutError | OSError)


def _status(error: SlackApiError) -> int:
    response = error.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
