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
    kind_key,
    object_key,
    service_keys,
    team_key,
)
from bot.channels.teams.inbound import feedback
from bot.channels.teams.inbound.activities import Account, Activity, Kind
from bot.channels.teams.inbound.auth import SigningKeys, TokenChecker
from bot.channels.teams.inbound.endpoint import TeamsEndpoint
from bot.channels.teams.inbound.events import BEHALF, CHANGES, EventReader, arrives, asks_for, in_chat
from bot.channels.teams.inbound.guests import Guests, is_guest
from bot.channels.teams.inbound.late_names import LateNames
from bot.channels.teams.outbound import adaptive_card, dialogs, onedrive
from bot.channels.teams.outbound.features import Features
from bot.channels.teams.outbound.files import Files
from bot.channels.teams.outbound.messages import under_thumbs
from bot.channels.teams.outbound.sender import PostSender
from bot.channels.teams.roster import members_of
from bot.channels.teams.settings import ROUTE, Settings
from bot.desk.ports.channels import Delivery, Host, Receipt
from bot.desk.ports.page import File
from bot.domain.conversations.messages import ConversationRef, Outcome, OutcomeKind
from bot.domain.errors import DeliveryFailed, RosterUnavailable
from bot.domain.people import Identity, plain_address
from bot.runtime.network.outgoing import open_session

if TYPE_CHECKING:
    from bot.channels.teams.outbound.client import Member, TeamsClient

log = structlog.get_logger()

SECONDS = 20.0  # no call to anybody takes longer
ACTION = "adaptiveCard/action"
CARD_TYPE = "application/vnd.microsoft.card.adaptive"
MESSAGE_TYPE = "application/vnd.microsoft.activity.message"
ERROR_TYPE = "application/vnd.microsoft.error"
# How events begin that say who has come or gone; a channel that is shared takes in a whole team.
MEMBERSHIP = ("teamMember", "channelMember", "channelShared", "channelUnshared")


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
        self._guests = Guests(self._directory, self._look_up, self._start_task)
        self._names = LateNames(
            self._look_up, lambda who, name: host.named(CHANNEL, who, name, ()), self._start_task
        )
        self._own_channels = settings.channels
        local = settings.test_issuer or not settings.app_id  # files of this machine
        self._uploads = onedrive.OneDriveUploads(self._session, host, f"{settings.app_id}:", local=local)
        self._features = Features(anonymous=not settings.app_id, local=settings.test_issuer)
        self._post_sender = PostSender(
            self._connect,
            self._directory,
            self._uploads,
            self._channels,
            host.wording,
            pictures=host.pictures,
            features=self._features,
        )
        self._files = Files(self._session, self._credentials, local=local)
        self._http_session: aiohttp.ClientSession | None = None
        self._teams_client: TeamsClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # --- life ---------------------------------------------------------------------------------------------

    def find_room(self, name: str) -> ConversationRef:
        """The channel that a queue names."""
        return ConversationRef(CHANNEL, self._tenant, name, private=False)

    def chat_with(self, identity: Identity, key: str) -> ConversationRef:  # noqa: ARG002  chats have no threads
        """The personal chat with somebody, which the first post opens."""
        return ConversationRef(CHANNEL, identity.tenant, BEHALF + identity.external_id)

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
        activity = await self._known_by_id(await self._endpoint.activity(request))
        async with self._host.turn(CHANNEL, activity.sender.id):
            return await self._handled(activity)

    async def _handled(self, activity: Activity) -> web.Response:
        known = (ACTION, onedrive.INVOKE, feedback.FETCH, feedback.SUBMIT)
        if activity.type == "invoke" and activity.name not in known:
            return web.Response(status=501)
        await self._remember(activity)
        if activity.type == "invoke" and activity.name in (feedback.FETCH, feedback.SUBMIT):
            return await self._answer_thumb(activity)
        if activity.type == "invoke" and activity.name == onedrive.INVOKE:
            return await self._answer_consent(activity)
        utterance = self._event_reader.utterance(
            activity,
            self._host.clock(),
            await self._addressee(activity),
            known_guest=await self._is_guest(activity),
        )
        if utterance is None:
            return self._not_understood() if activity.type == "invoke" else web.Response()
        if activity.targeted and utterance.click is None:
            utterance = in_chat(utterance, await self._chat_of(activity))
        # Whatever fails in here must reach Teams as a 500, so that it sends the activity again.
        outcome = await self._host.receive(utterance)
        if self._app_id:
            self._names.ask(activity)
        if activity.type != "invoke":
            return web.Response()
        return await self._response(outcome, thumbs=self._features.thumbs(activity.service_url))

    async def _answer_consent(self, activity: Activity) -> web.Response:
        """Take in a reader's answer to an offered file; Teams' card shows nothing of our response."""
        answer = await self._uploads.answer(activity)
        guest = await self._is_guest(activity)
        utterance = (
            self._event_reader.utterance(activity, self._host.clock(), None, answer, known_guest=guest)
            if answer
            else None
        )
        if utterance is None:
            return self._not_understood()
        await self._host.receive(utterance)
        return web.Response()

    async def _answer_thumb(self, activity: Activity) -> web.Response:
        """Take in a press on Teams' own thumbs, and open the dialog that asks why; or what was sent there."""
        click, guest = feedback.pressed(activity), await self._is_guest(activity)
        if click is feedback.NOTHING:
            return web.json_response({})
        utterance = (
            self._event_reader.utterance(activity, self._host.clock(), None, click, known_guest=guest)
            if click
            else None
        )
        if utterance is None:
            return self._not_understood()
        outcome = await self._host.receive(utterance)
        if activity.name == feedback.SUBMIT:
            return web.json_response({})
        if outcome.notice is not None:
            return web.json_response(dialogs.saying(adaptive_card.text(outcome.notice)))
        shown = await self._host.redraw(outcome)
        return web.json_response(dialogs.after_thumb(shown, self._host.wording))

    async def _response(self, outcome: Outcome, *, thumbs: bool) -> web.Response:
        if outcome.notice is not None:
            return _invoke(200, MESSAGE_TYPE, adaptive_card.text(outcome.notice))
        if outcome.kind is OutcomeKind.FORM and outcome.card is not None and outcome.card.buttons:
            return _invoke(200, CARD_TYPE, adaptive_card.form(outcome.card, self._host.wording))
        card = await self._host.redraw(outcome)
        if card is not None:
            card = (under_thumbs(card) if thumbs else None) or card
            return _invoke(200, CARD_TYPE, adaptive_card.card(card, self._host.wording, self._host.pictures))
        return _invoke(200, MESSAGE_TYPE, self._host.wording.say(self._host.language, "teams.done"))

    def _not_understood(self) -> web.Response:
        message = self._host.wording.say(self._host.language, "teams.not_understood")
        return _invoke(400, ERROR_TYPE, {"code": "BadRequest", "message": message})

    async def _known_by_id(self, activity: Activity) -> Activity:
        """Put in the directory's id of a sender of whom an event tells the other one alone."""
        sender = activity.sender
        if sender.object_id or not sender.id:
            return activity
        known = await self._directory.recall(object_key(self._event_reader.tenant(activity), sender.id))
        return replace(activity, sender=replace(sender, object_id=known or ""))

    async def _is_guest(self, activity: Activity) -> bool:
        # Who speaks to an anonymous bot is of this machine; what nobody says needs no look-up.
        if not self._app_id or not activity.sender.id or activity.type not in ("message", "invoke", *CHANGES):
            return False
        return await self._guests.knows(activity, self._event_reader.tenant(activity))

    async def _look_up(self, service_url: str, conversation: str, account: str) -> "Member":
        member = await (await self._connect()).member(service_url, conversation, account)
        await self._tell_address(member, (self._tenant or member.tenant).lower())
        return member

    async def _tell_address(self, member: "Member", tenant: str) -> None:
        """Tell the name with which a member signs in, and their address; a guest's never."""
        if self._app_id and member.object_id:
            addresses = () if is_guest(member, tenant) else (member.principal, member.email)
            await self._host.addressed(Identity(CHANNEL, tenant, member.object_id), addresses)

    async def _addressee(self, activity: Activity) -> Account | None:
        mention = asks_for(activity)
        if mention is None:
            return None
        account = mention.account
        if not account.object_id:
            key = object_key(self._event_reader.tenant(activity), account.id)
            account = replace(account, object_id=await self._directory.recall(key) or "")
        return account

    async def _chat_of(self, activity: Activity) -> str:
        """The sender's personal chat: what one person sees elsewhere is gone after a day, and this lasts."""
        key = chat_key(self._event_reader.tenant(activity), activity.sender.external_id)
        return await self._directory.recall(key) or BEHALF + activity.sender.id

    async def _remember(self, activity: Activity) -> None:
        tenant, sender = self._event_reader.tenant(activity), activity.sender
        own, shared = service_keys(tenant, activity.space)
        moved = activity.type == "conversationUpdate" and activity.event.startswith(MEMBERSHIP)
        if (await self._directory.note({shared: activity.service_url}) or moved) and self._channels():
            self._host.refresh_roster(CHANNEL)
        entries = {own: activity.service_url} if activity.space else {}
        if activity.kind is Kind.CHANNEL and activity.team:
            entries[team_key(tenant, activity.channel or activity.space)] = activity.team
            entries[kind_key(tenant, activity.channel or activity.space)] = activity.channel_kind
        if sender.id and (activity.type in ("message", "invoke") or arrives(activity)):
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
        """The members of the room with their names, guests left out; raise `RosterUnavailable`."""
        service_url = await self._directory.recall(*service_keys(room.tenant, room.space))
        if service_url is None:
            raise RosterUnavailable("Teams has not told us yet where to ask for the room's members.")
        entries: dict[str, str] = {}
        guests: dict[str, bool] = {}
        found: dict[Identity, str] = {}
        for member in await self._members(service_url, room):
            external_id = member.object_id or ("" if self._app_id else member.id)
            if not external_id:
                continue
            entries[account_key(room.tenant, external_id)] = member.id
            entries[object_key(room.tenant, member.id)] = member.object_id
            guests[external_id] = is_guest(member, room.tenant if self._app_id else "")
            if not guests[external_id]:
                found[Identity(CHANNEL, room.tenant, external_id)] = member.name
                await self._tell_address(member, room.tenant)
        await self._directory.note(entries)
        await self._guests.note(room.tenant, guests)
        return found

    async def has_member(self, room: ConversationRef, address: str) -> bool:
        """Whether a member of a room, and no guest, signs in so; raise `RosterUnavailable`."""
        service_url = await self._directory.recall(*service_keys(room.tenant, room.space))
        if service_url is None:
            raise RosterUnavailable("Teams has not told us yet where to ask for the room's members.")
        return any(
            plain_address(member.principal) == address
            and member.object_id
            and not is_guest(member, room.tenant if self._app_id else "")
            for member in await self._members(service_url, room)
        )

    async def _members(self, service_url: str, room: ConversationRef) -> tuple["Member", ...]:
        client = await self._connect()
        try:
            return await members_of(client, self._directory.recall, service_url, room)
        except DeliveryFailed as failed:
            log.warning(
                "teams_roster_unavailable",
                code=failed.code,
                next_step="see that the bot is in the room and its team; it is tried again",
            )
            raise RosterUnavailable from failed


def _invoke(status: int, kind: str, value: object) -> web.Response:
    """An invoke's answer: HTTP says 200 also where `statusCode` in the body says no."""
    return web.json_response({"statusCode": status, "type": kind, "value": value})
