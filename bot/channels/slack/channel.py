"""The Slack channel: its routes, its connections, its rooms' members."""

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any

import aiohttp
import structlog
from aiohttp import web

from bot.channels.slack.client import make_session
from bot.channels.slack.connection import REFUSED, Socket, connect_until_done
from bot.channels.slack.directory import CHANNEL, Directory, find_by_address
from bot.channels.slack.inbound.endpoint import SlackEndpoint
from bot.channels.slack.inbound.events import private_chat
from bot.channels.slack.manifest import EVENTS_PATH
from bot.channels.slack.settings import Settings
from bot.channels.slack.workspaces.install import InstallPages
from bot.channels.slack.workspaces.installed import InstalledWorkspaces
from bot.channels.slack.workspaces.members import member_ids, read_members
from bot.channels.slack.workspaces.sealing import Seal
from bot.channels.slack.workspaces.single import SingleWorkspace
from bot.channels.slack.workspaces.store import InstallationStore, StateStore
from bot.desk.ports.channels import Delivery, Host, Receipt
from bot.desk.ports.page import File
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import DeliveryFailed, RosterUnavailable, SettingsInvalid
from bot.domain.people import Identity

log = structlog.get_logger()

FIRST_WAIT = 1.0  # seconds before Slack is tried again at the start


class SlackChannel:
    """Connects Slack with the desk: over HTTP with a signing secret, in Socket Mode with an app token.

    It serves the workspace of a bot token, or every one in which the app was installed.
    """

    name = CHANNEL

    def __init__(self, settings: Settings, host: Host, *, first_wait: float = FIRST_WAIT) -> None:
        self._settings = settings
        self._host = host
        self._first_wait = first_wait
        self._pages: InstallPages | None = None
        self._workspaces = self._made_workspaces()
        self._endpoint = SlackEndpoint(settings, host, self._workspaces)
        look_at, turn = self._endpoint.look_at, self._endpoint.turn
        app_token = settings.app_token.get_secret_value()
        self._socket = Socket(self._endpoint.app, app_token, look_at, turn) if app_token else None
        self._session: aiohttp.ClientSession | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._socket_lost = False
        self._nameless_asked: set[str] = set()  # members whose profile was looked up for the roster already

    def _made_workspaces(self) -> SingleWorkspace | InstalledWorkspaces:
        settings, host = self._settings, self._host
        if not settings.several:
            return SingleWorkspace(settings, host, self._first_wait)
        if not host.public_url:
            raise SettingsInvalid(
                "FIRSTLINE_PUBLIC_URL is missing: Slack leads back to it when the app is installed. Set it "
                "to the public https address of this server."
            )
        seal = Seal(settings.token_keys)
        store, states = InstallationStore(host, seal), StateStore(host, seal)
        workspaces = InstalledWorkspaces(settings, host, store)
        self._pages = InstallPages(settings, host, store, states, workspaces)
        return workspaces

    @property
    def room(self) -> ConversationRef | None:
        """The engineers' channel, once Slack has said which workspace it is in."""
        return self.find_room(self._settings.room) if self._settings.room else None

    def find_room(self, name: str) -> ConversationRef | None:
        """The channel that a queue names, once Slack has said which workspace it is in."""
        place = self._workspaces.place(name)
        return ConversationRef(CHANNEL, *place, private=False) if place is not None else None

    def chat_with(self, identity: Identity, key: str) -> ConversationRef:
        """The bot's own chat with somebody, which the first post opens."""
        return private_chat(identity.tenant, identity.external_id, key)

    def mount(self, app: Any) -> None:
        """Add the routes: one where requests can be verified, two where the app can be installed."""
        router: web.UrlDispatcher = app.router
        if self._settings.signing_secret.get_secret_value():
            router.add_post(EVENTS_PATH, self._endpoint.route)
        if self._pages is not None:
            self._pages.mount(router)

    async def start(self) -> None:
        """Begin; who we are, the socket and the look-ups each have a task of their own."""
        self._session = make_session()
        self._workspaces.open(self._session)
        self._start_task(self._workspaces.run(), "connect")
        if isinstance(self._workspaces, SingleWorkspace):
            self._start_task(self._workspaces.look_up(), "look_up")
        if self._socket is not None:
            self._start_task(self._watch(self._socket), "socket")

    async def stop(self) -> None:
        """Finish the envelopes in flight, end our tasks, close the connections."""
        if self._socket is not None:
            await self._socket.close()
        await self._endpoint.settled()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()
        await self._workspaces.close()
        if self._session is not None:
            await self._session.close()

    def trouble(self) -> str | None:
        """Why Slack cannot be served, and which setting to look at."""
        state, setting = self._workspaces.state()
        if state:
            return self._say(state, setting)
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
        tenant = delivery.conversation.tenant
        workspace = self._workspaces.sender(tenant).workspace
        try:
            receipt = await workspace.post_sender.deliver(delivery)
        except DeliveryFailed as failure:
            self._workspaces.note(tenant, failure.code)
            raise
        self._workspaces.note(tenant, "")
        workspace.agent_view.said(delivery.conversation)
        return receipt

    async def fetch(self, file: File, most: int) -> bytes:
        """A file's content, at most so many bytes; raise `DeliveryFailed`."""
        tenant, _, source = file.source.rpartition("/")
        workspace = self._workspaces.sender(tenant).workspace
        return await workspace.files.fetch(replace(file, source=source), most)

    async def members(self, room: ConversationRef) -> Mapping[Identity, str]:
        """The people in a room, with the names of those who were looked up; raise `RosterUnavailable`."""
        served = self._workspaces.of(room.tenant)
        if served is None:
            raise RosterUnavailable
        guests = self._settings.allow_guests
        found, nameless = await read_members(served, room.space, allow_guests=guests)
        keys = {f"{room.tenant}/{user}" for user in nameless}
        if not keys <= self._nameless_asked:
            self._nameless_asked |= keys
            self._start_task(self._refresh_when_settled(served.workspace.directory), "names")
        return found

    async def has_member(self, room: ConversationRef, address: str) -> bool:
        """Whether a member of a room has confirmed this address; raise `RosterUnavailable`."""
        served = self._workspaces.of(room.tenant)
        if served is None:
            raise RosterUnavailable
        client = served.workspace.client
        user = await find_by_address(client, address)
        return user != "" and user in await member_ids(client, room.space)

    # --- parts ----------------------------------------------------------------------------------------

    async def _refresh_when_settled(self, directory: Directory) -> None:
        await directory.settled()
        self._host.refresh_roster(CHANNEL)

    async def _watch(self, socket: Socket) -> None:
        client = self._workspaces.client()
        await connect_until_done(socket, "socket", lambda: socket.connect(client), self._first_wait)
        while True:
            await asyncio.sleep(5)
            self._socket_lost = await socket.lost()

    def _say(self, code: str, setting: str) -> str:
        known = code in ("starting", "not_installed")
        key = code if known else "refused" if any(one in code for one in REFUSED) else "unreachable"
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
