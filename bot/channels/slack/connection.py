"""Asks Slack once who we are (`auth.test`), and keeps the socket of Socket Mode open."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from time import time
from typing import Any, Protocol

import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.client import ERRORS, code_of, make_socket, wait_of
from bot.channels.slack.directory import CHANNEL
from bot.channels.slack.installation import Installation, memory_key
from bot.channels.slack.payloads import Kind
from bot.desk.ports.channels import Host
from bot.domain.errors import FirstlineError, Overloaded

log = structlog.get_logger()

LONGEST_WAIT = 60.0  # seconds between two attempts
FINISHING = 5.0  # seconds for envelopes in flight when we stop
# Nothing but another setting mends these; we still try again, for a token may be re-enabled at Slack.
REFUSED = frozenset(
    "invalid_auth not_authed account_inactive token_revoked token_expired not_allowed_token_type".split()
)


Body = Mapping[str, Any]


class Connectable(Protocol):
    """Anything that is to be connected."""

    state: str  # "" when it is, else Slack's or our code for why not


async def connect_until_done(
    target: Connectable, name: str, attempt: Callable[[], Awaitable[None]], first_wait: float
) -> None:
    """Attempt until it succeeds, with growing waits; `target.state` says why it has not."""
    wait = first_wait
    while True:
        try:
            await attempt()
        except Exception as error:  # whatever it was, Slack stays unserved until it succeeds
            target.state = code_of(error)
            unexpected = None if isinstance(error, (*ERRORS, FirstlineError)) else error
            log.warning(
                "slack_not_connected",
                part=name,
                code=target.state,
                exc_info=unexpected,
                next_step="see that Slack is reached and its tokens are right; it is tried again",
            )
            await asyncio.sleep(wait_of(error) or wait)
            wait = min(wait * 2, LONGEST_WAIT)
        else:
            target.state = ""
            log.info("slack_connected", part=name)
            return


class Authority:
    """Authorizes requests by the stored answer of `auth.test`, never with a call while Slack waits.

    Bolt's own calls `auth.test` at the first event, and when that fails it acknowledges and drops the event.
    """

    def __init__(self, token: str, host: Host) -> None:
        self._token = token
        self._host = host
        self.installation: Installation | None = None
        self.state = "starting"

    async def _recall(self) -> None:
        stored = await self._host.run(self._host.memory.recall, CHANNEL, memory_key(self._token))
        if stored and self.installation is None:
            self.installation = Installation.parse(stored)

    def authorized(self, team: str | None) -> AuthorizeResult:
        """The authorization that Bolt asks for with every request."""
        installation = self.installation or Installation(team=team or "", bot_user="")
        return installation.authorized(self._token)

    async def ask(self, client: AsyncWebClient) -> None:
        """Ask Slack who we are, and store the answer; until then an earlier run's answer is used."""
        if self.installation is None:
            await self._recall()
        answer = await client.auth_test()
        self.installation = Installation.from_auth_test(answer.data if isinstance(answer.data, dict) else {})
        stored = self.installation.stored()
        await self._host.run(self._host.memory.remember, CHANNEL, memory_key(self._token), stored)


class Socket:
    """Receives the envelopes of Socket Mode through the same app; only a 200 outcome acknowledges one."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        look_at: Callable[[Callable[[], object]], Kind],
        turn: Callable[[Body], AbstractAsyncContextManager[None]],
    ) -> None:
        """`look_at` says what an envelope holds.

        `turn` is entered before what it costs: it waits for the same person's earlier ones.
        """
        self._look_at, self._turn = look_at, turn
        self._app = app
        self._app_token = app_token
        self._client: SocketModeClient | None = None
        self._running: set[asyncio.Task[None]] = set()
        self.state = "starting"

    async def connect(self, client: AsyncWebClient) -> None:
        """Open the socket; from then on the SDK keeps it open."""
        if self._client is None:
            self._client = await make_socket(self._app_token, client)
            self._client.socket_mode_request_listeners.append(self._received)
        await self._client.connect_to_new_endpoint()

    async def lost(self) -> bool:
        """Whether an open socket has been lost and is not back yet."""
        return self._client is not None and not self.state and not await self._client.is_connected()

    async def close(self) -> None:
        """Finish the envelopes in flight, then close."""
        if self._running:
            await asyncio.wait(self._running, timeout=FINISHING)
        if self._client is not None:
            await self._client.close()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped

    async def _received(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        task = asyncio.ensure_future(self._handle(client, request))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await task

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        begun = time()
        kind = self._look_at(lambda: request.payload)
        if kind is Kind.MALFORMED:
            return  # not acknowledged: Slack sends it again, and counts it as failed
        response = BoltResponse(status=200)
        try:
            if kind is Kind.OURS:
                async with self._turn(request.payload):
                    response = await run_async_bolt_app(self._app, request)
        except Overloaded:
            return  # not acknowledged
        # Acknowledges a 200 outcome only; Slack sends the envelope again otherwise.
        await send_async_response(client, request, response, begun)
