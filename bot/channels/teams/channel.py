"""The Microsoft Teams channel: its route, its connections, its rooms' members."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import aiohttp
import structlog
from aiohttp import web

from bot.channels.teams.credentials import Credentials
from bot.channels.teams.directory import (
    CHANNEL,
    Directory,
    account_key,
    chat_key,
    object_key,
    service_keys,
    team_key,
)
from bot.channels.teams.inbound.activities import Account, Activity, Kind
from bot.channels.teams.inbound.auth import SigningKeys, TokenChecker
from bot.channels.teams.inbound.endpoint import TeamsEndpoint
from bot.channels.teams.inbound.events import EventReader, asks_for
from bot.channels.teams.outbound import adaptive_card, onedrive
from bot.channels.teams.outbound.files import Files
from bot.channels.teams.outbound.sender import PostSender
from bot.channels.teams.settings import Settings
from bot.desk.ports.channels import Delivery, File, Host, Receipt
from bot.domain.conversations.messages import ConversationRef, Outcome, OutcomeKind
from bot.domain.errors import DeliveryFailed, RosterUnavailable
from bot.domain.people import Identity
from bot.runtime.outgoing import open_session

if TYPE_CHECKING:
    from bot.channels.teams.outbound.client import Member, TeamsClient

log = structlog.get_logger()

ROUTE = "/api/messages"
SECONDS = 20.0  # no call to anybody takes longer
ACTION = "adaptiveCard/action"
CARD_TYPE = "application/vnd.microsoft.card.adaptive"
MESSAGE_TYPE = "application/vnd.microsoft.activity.message"
ERROR_TYPE = "application/vnd.microsoft.error"
_NOT_OURS = ("guest", "anonymous")


class TeamsChannel:
    """Connects Teams with the desk; it decides nothing."""

    def __init__(self, settings: Settings, host: Host) -> None:
        self.name = CHANNEL
        self._tenant = settings.tenant_id
        self.room: ConversationRef | None = self.find_room(settings.room) if settings.room else None
        self._host = host
        self._app_id = settings.app_id
        self._directory = Directory(host, settings.app_id)
        self._credentials = Credentials(settings, self._session)
        self._signing_keys = SigningKeys(settings.openid_metadata, self._session)
        token_checker = TokenChecker(self._signing_keys, app_id=settings.app_id, issuer=settings.token_issuer)
        self._endpoint = TeamsEndpoint(
            settings,
            token_checker if settings.app_id else None,
            allow_anonymous=host.allow_anonymous_teams,
            clock=host.clock,
            checked=lambda reason: host.checked(CHANNEL, reason),
        )
        self._event_reader = EventReader(settings, anonymous=not settings.app_id)
        self._own_channels = settings.channels
        local = settings.test_issuer or not settings.app_id  # files of this machine
        self._uploads = onedrive.OneDriveUploads(self._session, host, f"{settings.app_id}:", local=local)
        # The one client of a bot without an app id is Agents Playground.
        self._post_sender = PostSender(
            self._connect,
            self._directory,
            self._uploads,
            self._channels,
            host.wording,
            shows_files=bool(settings.app_id),
        )
        self._files = Files(self._session, self._credentials, local=local)
        self._http_session: aiohttp.ClientSession | None = None
        self._teams_client: TeamsClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # --- life ---------------------------------------------------------------------------------------------

    def find_room(self, name: str) -> ConversationRef:
        """The channel that a queue names."""
        return ConversationRef(CHANNEL, self._tenant, name, private=False)

    def _channels(self) -> frozenset[str]:
        return self._own_channels | self._host.rooms(CHANNEL)

    def mount(self, app: web.Application) -> None:
        """Add `/api/messages`; other methods than POST get 405."""
        app.router.add_post(ROUTE, self._handle)

    async def start(self) -> None:
        """Fetch the signing keys and get ready to post, in the background."""
        if self._app_id:
            self._start_task(self._signing_keys.keep())
            self._start_task(self._prepare())

    async def stop(self) -> None:
        """Stop the background work and close the connections."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._http_session is not None:
            await self._http_session.close()
            self._http_session = None

    def trouble(self) -> str | None:
        """Why the channel is not ready."""
        if not self._app_id:
            return None
        if not self._signing_keys.ready:
            return self._host.wording.say(self._host.language, "teams.trouble.keys")
        if self._credentials.refused:
            code = self._credentials.refused
            return self._host.wording.say(self._host.language, "teams.trouble.secret", code=code)
        return None

    def hears(self) -> bool:
        """Whether tokens can be checked; without the keys every activity is refused."""
        return not self._app_id or self._signing_keys.ready

    async def _prepare(self) -> None:
        await self._connect()
        try:
            await self._credentials.token()
        except DeliveryFailed as failed:
            # Said by `trouble()`; the next post tries again.
            log.warning(
                "teams_not_ready_to_post",
                code=failed.code,
                next_step="compare the MICROSOFT_ settings with Azure; it is tried again",
            )

    def _start_task(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _session(self) -> aiohttp.ClientSession:
        if self._http_session is None or self._http_session.closed:
            self._http_session = open_session(SECONDS, connect=5)
        return self._http_session

    async def _connect(self) -> "TeamsClient":
        if self._teams_client is None:
            # The SDK's import takes long: off the loop, and in the demo not before the first post.
            module = await asyncio.to_thread(import_module, "bot.channels.teams.outbound.client")
            if self._teams_client is None:
                bot_id = f"28:{self._app_id}" if self._app_id else ""
                self._teams_client = module.TeamsClient(
                    self._session, self._credentials, self._host.clock, bot_id
                )
        return self._teams_client

    # --- in -----------------------------------------------------------------------------------------------

    async def _handle(self, request: web.Request) -> web.Response:
        activity = await self._endpoint.activity(request)
        if activity.type == "invoke" and activity.name not in (ACTION, onedrive.INVOKE):
            return web.Response(status=501)
        await self._remember(activity)
        if activity.type == "invoke" and activity.name == onedrive.INVOKE:
            return await self._answer_consent(activity)
        utterance = self._event_reader.utterance(
            activity, self._host.clock(), await self._addressee(activity)
        )
        if utterance is None:
            return self._not_understood() if activity.type == "invoke" else web.Response()
        # Whatever fails in here must reach Teams as a 500, so that it sends the activity again.
        outcome = await self._host.receive(utterance)
        return await self._response(outcome) if activity.type == "invoke" else web.Response()

    async def _answer_consent(self, activity: Activity) -> web.Response:
        """Take in a reader's answer to an offered file; Teams' card shows nothing of our response."""
        answer = await self._uploads.answer(activity)
        utterance = (
            self._event_reader.utterance(activity, self._host.clock(), None, answer) if answer else None
        )
        if utterance is None:
            return self._not_understood()
        await self._host.receive(utterance)
        return web.Response()

    async def _response(self, outcome: Outcome) -> web.Response:
        if outcome.notice is not None:
            return _invoke(200, MESSAGE_TYPE, adaptive_card.text(outcome.notice))
        if outcome.kind is OutcomeKind.FORM and outcome.card is not None and outcome.card.buttons:
            return _invoke(200, CARD_TYPE, adaptive_card.form(outcome.card, self._host.wording))
        card = await self._host.redraw(outcome)
        if card is not None:
            return _invoke(200, CARD_TYPE, adaptive_card.card(card, self._host.wording))
        return _invoke(200, MESSAGE_TYPE, self._host.wording.say(self._host.language, "teams.done"))

    def _not_understood(self) -> web.Response:
        message = self._host.wording.say(self._host.language, "teams.not_understood")
        return _invoke(400, ERROR_TYPE, {"code": "BadRequest", "message": message})

    async def _addressee(self, activity: Activity) -> Account | None:
        mention = asks_for(activity)
        if mention is None:
            return None
        account = mention.account
        if not account.object_id:
            key = object_key(self._event_reader.tenant(activity), account.id)
            account = replace(account, object_id=await self._directory.recall(key) or "")
        return account

    async def _remember(self, activity: Activity) -> None:
        tenant, sender = self._event_reader.tenant(activity), activity.sender
        own, shared = service_keys(tenant, activity.space)
        if await self._directory.note({shared: activity.service_url}) and self._channels():
            self._host.refresh_roster(CHANNEL)
        entries = {own: activity.service_url} if activity.space else {}
        if activity.kind is Kind.CHANNEL and activity.team:
            entries[team_key(tenant, activity.channel or activity.space)] = activity.team
        if sender.id and activity.type in ("message", "invoke"):
            entries[account_key(tenant, sender.external_id)] = sender.id
            entries[object_key(tenant, sender.id)] = sender.object_id
            if activity.kind is Kind.PERSONAL:
                entries[chat_key(tenant, sender.external_id)] = activity.space
        await self._directory.note(entries)

    # --- out ----------------------------------------------------------------------------------------------

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Post or edit; raise `DeliveryFailed`."""
        return await self._post_sender.deliver(delivery)

    async def fetch(self, file: File, most: int) -> bytes:
        """A file's content, at most so many bytes; raise `DeliveryFailed`."""
        return await self._files.fetch(file, most)

    async def members(self, room: ConversationRef) -> Mapping[Identity, str]:
        """The members of the room's team with their names, guests left out; raise `RosterUnavailable`."""
        service_url = await self._directory.recall(*service_keys(room.tenant, room.space))
        if service_url is None:
            raise RosterUnavailable("Teams has not told us yet where to ask for the room's members.")
        team = await self._directory.recall(team_key(room.tenant, room.space))
        members = await self._members(service_url, team or "", room.space)
        entries: dict[str, str] = {}
        found: dict[Identity, str] = {}
        for member in members:
            external_id = member.object_id or member.id
            entries[account_key(room.tenant, external_id)] = member.id
            entries[object_key(room.tenant, member.id)] = member.object_id
            if member.role in _NOT_OURS:
                self._event_reader.guests.add(external_id)
            elif external_id:
                found[Identity(CHANNEL, room.tenant, external_id)] = member.name
        await self._directory.note(entries)
        return found

    async def _members(self, service_url: str, team: str, channel: str) -> tuple["Member", ...]:
        client = await self._connect()
        try:
            if team:
                try:
                    return await client.members(service_url, team)
                except DeliveryFailed as failed:
                    # A private channel's bot, and Agents Playground, know the channel only.
                    if not failed.code.startswith(("400", "403", "404")):
                        raise
            return await client.members(service_url, channel)
        except DeliveryFailed as failed:
            log.warning(
                "teams_roster_unavailable",
                code=failed.code,
                next_step="see that the bot is in the room's team; it is tried again",
            )
            raise RosterUnavailable from failed


def _invoke(status: int, kind: str, value: object) -> web.Response:
    """An invoke's answer: HTTP says 200 also where `statusCode` in the body says no."""
    return web.json_response({"statusCode": status, "type": kind, "value": value})
