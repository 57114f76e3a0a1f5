"""The server of the fake: Web API over HTTP, and the socket of Socket Mode."""

import asyncio
import json
import time
from email.utils import formatdate
from types import TracebackType
from typing import Any, Self

from aiohttp import WSMsgType, web

from tests.support.fakes.slack.methods import METHODS
from tests.support.fakes.slack.sending import Sending
from tests.support.fakes.slack.workspace import Failure, Json, Refusal, Workspace
from tests.support.patience import PATIENCE

TOKEN, SIGNING_SECRET, APP_TOKEN = "xoxb-fake-token", "fake-signing-secret", "xapp-fake-token"


class SlackFake(Sending):
    """Slack on a loopback port, as an async context manager.

    `api_url` and `environment()` are what an app needs; `target` is to be set to the app's `/slack/events`.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        signing_secret: str = SIGNING_SECRET,
        app_token: str = APP_TOKEN,
        workspace: Workspace | None = None,
    ) -> None:
        super().__init__(workspace or Workspace(), signing_secret)
        self.token, self.app_token = token, app_token
        self.api_url = ""
        self.sockets: list[web.WebSocketResponse] = []
        self.socket_opened = asyncio.Event()
        self.acknowledged: list[Json] = []
        self._acknowledgement = asyncio.Condition()
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=10 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/socket", self._socket)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files-pri/{file}", self._download)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.api_url = f"http://127.0.0.1:{port}/api/"
        self.workspace.address = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        await self.close_sending()
        for socket in list(self.sockets):
            await socket.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def environment(self, **more: str) -> dict[str, str]:
        """The settings of an app that uses this fake."""
        return {
            "SLACK_BOT_TOKEN": self.token,
            "SLACK_SIGNING_SECRET": self.signing_secret,
            "SLACK_API_URL": self.api_url,
        } | more

    def fail(self, method: str, **failure: Any) -> None:
        """Let the next calls of a method fail: see `Failure`."""
        self.workspace.fail(method, Failure(**failure))

    def called(self, method: str) -> list[Json]:
        """The arguments of every call of a method, refused ones too."""
        return [args for name, args in self.workspace.calls if name == method]

    def posts(self, channel: str) -> list[Json]:
        """Our bot's messages in a channel."""
        found = self.workspace.channels.get(channel)
        return [m for m in found.messages if m.get("bot_id")] if found else []

    # --- Web API --------------------------------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        args = await _arguments(request)
        token = request.headers.get("Authorization", "") or str(args.get("token", ""))
        token = token.removeprefix("Bearer ").strip()
        work = self.work_of(token)
        work.calls.append((method, args))
        failure = work.failing(method)
        if failure is not None and not failure.after:
            return await self._failed(failure)
        answer = self._answer(work, method, args, token)
        if failure is not None:
            return await self._failed(failure)
        return web.json_response(answer, headers=_headers(work))

    def work_of(self, token: str) -> Workspace:
        """The workspace that a token is of, or seems to be of."""
        return self.workspace

    def _answer(self, work: Workspace, method: str, args: Json, token: str) -> Json:
        try:
            self.authenticate(method, token)
            if method == "apps.connections.open":
                return {"ok": True, "url": self.api_url.replace("http", "ws").replace("/api/", "/socket")}
            if method not in METHODS:
                raise Refusal("unknown_method")
            return {"ok": True} | METHODS[method](work, args)
        except Refusal as refusal:
            messages = [f"[ERROR] {message}" for message in refusal.messages]
            return {"ok": False, "error": refusal.code, "response_metadata": {"messages": messages}}

    async def _upload(self, request: web.Request) -> web.Response:
        file, body = self.workspace.files.get(request.match_info["file"]), await request.read()
        if file is None or len(body) != file["size"]:
            return web.Response(status=400)
        file["body"] = body
        return web.Response(text=f"OK - {len(body)}")

    async def _download(self, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        file = self.work_of(token).files.get(request.match_info["file"])
        if not self.knows(token):
            return web.Response(status=302, headers={"Location": "/sign-in"})
        return web.Response(status=404) if file is None else web.Response(body=file["body"])

    def knows(self, token: str) -> bool:
        """Whether this is the token of an app that is installed."""
        return token == self.token

    def authenticate(self, method: str, token: str) -> None:
        """Refuse a token that is not good for a method."""
        if not token:
            raise Refusal("not_authed")
        wanted = self.app_token if method == "apps.connections.open" else self.token
        if token != wanted:
            raise Refusal(
                "not_allowed_token_type" if token in (self.token, self.app_token) else "invalid_auth"
            )

    async def _failed(self, failure: Failure) -> web.Response:
        if failure.hang:
            await self._closing.wait()
        headers = {"Retry-After": str(failure.retry_after)} if failure.retry_after is not None else {}
        if failure.error:
            body = {"ok": False, "error": failure.error}
            return web.json_response(body, status=failure.status, headers=headers)
        return web.Response(status=failure.status, text="upstream trouble", headers=headers)

    # --- Socket Mode ----------------------------------------------------------------------------------

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self.socket_opened.set()
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                async with self._acknowledgement:
                    self.acknowledged.append(json.loads(message.data))
                    self._acknowledgement.notify_all()
        self.sockets.remove(socket)
        return socket

    async def send_envelope(self, kind: str, payload: Json, envelope: str = "") -> str:
        """Send an envelope (`events_api`, `slash_commands`, `interactive`) over the newest socket."""
        name = envelope or self.workspace.next_id("envelope-")
        await self.sockets[-1].send_json(
            {"type": kind, "envelope_id": name, "payload": payload, "accepts_response_payload": True}
        )
        return name

    async def acknowledgement(self, envelope: str, timeout: float = PATIENCE) -> Json:  # noqa: ASYNC109  # a bound for tests
        """Wait until an envelope was acknowledged."""

        def find() -> Json | None:
            return next((a for a in self.acknowledged if a.get("envelope_id") == envelope), None)

        async with asyncio.timeout(timeout), self._acknowledgement:
            await self._acknowledgement.wait_for(lambda: find() is not None)
            found = find()
            assert found is not None
            return found


def _headers(work: Workspace) -> dict[str, str]:
    date = formatdate(time.time() + work.clock_off, usegmt=True)
    return {"X-OAuth-Scopes": ",".join(sorted(work.scopes)), "Date": date}


async def _arguments(request: web.Request) -> Json:
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.json()
        return given | (body if isinstance(body, dict) else {})
    form = await request.post()
    given |= {name: value for name, value in form.items() if isinstance(value, str)}
    for name in ("blocks", "view", "metadata", "files"):
        if isinstance(given.get(name), str):
            given[name] = json.loads(given[name])
    return given
