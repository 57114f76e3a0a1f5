"""The Slack channel: its route, its connection, its rooms' members."""

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping
from typing import Any

import aiohttp
import structlog
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.client import ERRORS, code_of, make_client, make_session
from bot.channels.slack.connection import REFUSED, Authority, Socket, connect_until_done
from bot.channels.slack.directory import CHANNEL, Directory
from bot.channels.slack.inbound.endpoint import SlackEndpoint
from bot.channels.slack.inbound.events import EventReader
from bot.channels.slack.manifest import EVENTS_PATH
from bot.channels.slack.outbound.files import Files
from bot.channels.slack.outbound.sender import PostSender
from bot.channels.slack.settings import Settings
from bot.desk.ports.channels import Delivery, File, Host, Receipt
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import DeliveryFailed, RosterUnavailable
from bot.domain.people import Identity

log = structlog.get_logger()

MEMBERS_PAGE = 200
FIRST_WAIT = 1.0  # seconds before Slack is tried again at the start


class SlackChannel:
    """Connects Slack with the desk: over HTTP with a signing secret, in Socket Mode with an app token."""

    name = CHANNEL

    def __init__(self, settings: Settings, host: Host, *, first_wait: float = FIRST_WAIT) -> None:
        self._settings = settings
        self._host = host
        self._first_wait = first_wait
        token, app_token = settings.bot_token.get_secret_value(), settings.app_token.get_secret_value()
        self._authority = Authority(token, host)
        self._directory = Directory(host)
        event_reader = EventReader(settings, self._directory, host.clock)
        self._endpoint = SlackEndpoint(settings, host, self._authority, event_reader, self._connected)
        self._socket = Socket(self._endpoint.app, app_token) if app_token else None
        self._post_sender = PostSender(self._connected, host)
        self._files = Files(self._connected, host)
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._socket_lost = False
        self._nameless_asked: set[str] = set()  # members whose profile was looked up for the roster already

    @property
    def room(self) -> ConversationRef | None:
        """The engineers' channel, once Slack has said which workspace it is in."""
        return self.find_room(self._settings.room) if self._settings.room else None

    def find_room(self, name: str) -> ConversationRef | None:
        """The channel that a queue names, once Slack has said which workspace it is in."""
        installation = self._authority.installation
        return (
            ConversationRef(CHANNEL, installation.team, name, private=False)
            if installation is not None
            else None
        )

    def mount(self, app: Any) -> None:
        """Add the one route, where requests can be verified."""
        if self._settings.signing_secret.get_secret_value():
            router: web.UrlDispatcher = app.router
            router.add_post(EVENTS_PATH, self._endpoint.route)

    async def start(self) -> None:
        """Begin; who we are, the socket and the look-ups each have a task of their own."""
        self._session = make_session()
        token = self._settings.bot_token.get_secret_value()
        self._client = client = make_client(token, self._settings.api_url, self._session)
        self._start_task(self._connect(client), "connect")
        self._start_task(self._directory.look_up(client), "look_up")
        if self._socket is not None:
            self._start_task(self._watch(self._socket, client), "socket")

    async def stop(self) -> None:
        """Finish the envelopes in flight, end our tasks, close the connections."""
        if self._socket is not None:
            await self._socket.close()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()
        self._client = None
        if self._session is not None:
            await self._session.close()

    def trouble(self) -> str | None:
        """Why Slack cannot be served, and which setting to look at."""
        if self._authority.state:
            return self._say(self._authority.state, "SLACK_BOT_TOKEN")
        if self._socket is not None and self._socket.state:
            return self._say(self._socket.state, "SLACK_APP_TOKEN")
        if self._socket_lost:
            return self._say("socket_closed", "SLACK_APP_TOKEN")
        return None

    def hears(self) -> bool:
        """Whether events reach us: over HTTP they do, a socket must be open."""
        if self._settings.signing_secret.get_secret_value() or self._socket is None:
            return True
        return not self._socket.state and not self._socket_lost

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Post, edit or publish; raise `DeliveryFailed`."""
        try:
            receipt = await self._post_sender.deliver(delivery)
        except DeliveryFailed as failure:
            if failure.code in REFUSED:
                self._authority.state = failure.code  # the token was good once: say that it is no longer
            raise
        self._authority.state = ""
        return receipt

    async def fetch(self, file: File, most: int) -> bytes:
        """A file's content, at most so many bytes; raise `DeliveryFailed`."""
        return await self._files.fetch(file, most)

    async def members(self, room: ConversationRef) -> Mapping[Identity, str]:
        """The people in a room, with the names of those who were looked up; raise `RosterUnavailable`."""
        installation = self._authority.installation
        if installation is None:
            raise RosterUnavailable
        found: dict[Identity, str] = {}
        nameless: set[str] = set()
        for user in await self._member_ids(room.space):
            if user == installation.bot_user:
                continue
            # Also asks for the profile: a guest in the room is then known before they click anything.
            profile = await self._directory.profile(user)
            team = profile.team if profile and profile.team else installation.team
            identity = Identity(CHANNEL, installation.team if team == installation.enterprise else team, user)
            found[identity] = profile.name if profile else ""
            if profile is None:
                nameless.add(user)
        if not nameless <= self._nameless_asked:
            self._nameless_asked |= nameless
            self._start_task(self._refresh_when_settled(), "names")
        return found

    # --- parts ----------------------------------------------------------------------------------------

    async def _connect(self, client: AsyncWebClient) -> None:
        await connect_until_done(
            self._authority, "auth.test", lambda: self._authority.ask(client), self._first_wait
        )
        self._host.refresh_roster(CHANNEL)

    async def _refresh_when_settled(self) -> None:
        await self._directory.settled()
        self._host.refresh_roster(CHANNEL)

    async def _watch(self, socket: Socket, client: AsyncWebClient) -> None:
        await connect_until_done(socket, "socket", lambda: socket.connect(client), self._first_wait)
        while True:
            await asyncio.sleep(5)
            self._socket_lost = await socket.lost()

    async def _member_ids(self, room: str) -> list[str]:
        users: list[str] = []
        cursor = ""
        try:
            while True:
                page = {"cursor": cursor} if cursor else {}
                answer = await self._connected().conversations_members(
                    channel=room, limit=MEMBERS_PAGE, **page
                )
                users += answer.get("members") or []
                cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
                if not cursor:
                    return users
        except (*ERRORS, DeliveryFailed) as error:
            code = error.code if isinstance(error, DeliveryFailed) else code_of(error)
            log.warning(
                "slack_roster_unavailable",
                code=code,
                next_step="see that the bot is in the room, and its scopes, in docs/slack.md",
            )
            raise RosterUnavailable(f"The members of the Slack room could not be read: {code}.") from error

    def _connected(self) -> AsyncWebClient:
        if self._client is None:
            raise DeliveryFailed("not_started")
        return self._client

    def _say(self, code: str, setting: str) -> str:
        key = "starting" if code == "starting" else "refused" if code in REFUSED else "unreachable"
        return self._host.wording.say(self._host.language, f"slack.trouble.{key}", setting=setting, code=code)

    def _start_task(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=f"slack_{name}")
        task.add_done_callback(_report)
        self._tasks.append(task)


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error(
            "slack_task_ended",
            task=task.get_name(),
            exc_info=error,
            next_step="restart the server, and report it: this is a mistake in the code",
        )
