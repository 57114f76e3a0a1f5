"""The checks of Teams for `firstline doctor`: our token, the keys of Microsoft's, the clock, the rooms."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp

from bot.channels.teams.credentials import Credentials
from bot.channels.teams.directory import CHANNEL, is_trusted_service_url, prefix_of, service_keys
from bot.channels.teams.inbound.auth import KeysUnavailable, SigningKeys, TokenRefused
from bot.channels.teams.roster import members_of
from bot.channels.teams.settings import ROUTE, Settings
from bot.domain.conversations.messages import ConversationRef
from bot.domain.diagnosis import CHECK_SECONDS, Check, DoctorHost, Examination, Finding
from bot.domain.errors import DeliveryFailed
from bot.runtime.network.answers import DateWatch
from bot.runtime.network.outgoing import open_session

REFUSED = "token_invalid_client"  # the secret is wrong or has expired


def examination(settings: Settings, host: DoctorHost) -> Examination:
    """The checks of this tenant."""
    teams = TeamsChecks(settings, host)
    checks = (
        Check("token", teams.token),
        Check("keys", teams.keys),
        Check("endpoint", teams.endpoint),
        Check("rooms", teams.rooms),
    )
    return Examination(checks, (settings.login_url, settings.openid_metadata))


class TeamsChecks:
    """Asks Microsoft what it tells of the app, and posts nothing."""

    def __init__(self, settings: Settings, host: DoctorHost) -> None:
        self._settings = settings
        self._host = host
        self._tell = host.tell

    async def token(self) -> Sequence[Finding]:
        """Whether Microsoft gives us a token, and what time it is there."""
        async with self._session() as (session, watch):
            credentials = Credentials(self._settings, lambda: session)
            try:
                await credentials.token()
                found = self._tell.ok("token", "teams.doctor.token")
            except DeliveryFailed as failure:
                found = self._refused(failure.code, secret=bool(credentials.refused))
            if watch.there is None:
                remedy = "teams.doctor.see_token"
                return [found, self._tell.skipped("clock", "teams.doctor.no_time", remedy=remedy)]
            return [found, self._tell.clocks("clock", self._host.clock(), watch.there, "Microsoft")]

    async def keys(self) -> Sequence[Finding]:
        """Whether the keys can be had with which Microsoft signs its requests."""
        async with self._session() as (session, _):
            keys = SigningKeys(self._settings.openid_metadata, lambda: session)
            with suppress(KeysUnavailable, TokenRefused):  # it is enough that it looked
                await keys.find("")
        if keys.ready:
            return [self._tell.ok("keys", "teams.doctor.keys")]
        return [self._tell.error("keys", "teams.doctor.no_keys")]

    async def endpoint(self) -> Sequence[Finding]:
        """Say that nobody tells where Teams sends what people write."""
        address = f"{self._host.public_url or 'https://your-address'}{ROUTE}"
        remedy = "teams.doctor.endpoint.compare"
        return [self._tell.skipped("endpoint", "teams.doctor.endpoint", remedy=remedy, address=address)]

    async def rooms(self) -> Sequence[Finding]:
        """Whether the bot may read the members of each channel that it is to serve."""
        names = [
            self._settings.room,
            *(room.name for room in self._host.rooms),
            *self._settings.help_channels,
        ]
        asked = [name for name in dict.fromkeys(names) if name]
        if not asked:
            return [self._tell.warning("rooms", "teams.doctor.no_room")]
        async with self._session() as (session, _):
            # The SDK's import takes long.
            module = await asyncio.to_thread(_client_module)
            credentials = Credentials(self._settings, lambda: session)
            bot = f"28:{self._settings.app_id}"
            client = module.TeamsClient(lambda: session, credentials, self._host.clock, bot)
            return await asyncio.gather(*(self._room(client, name) for name in asked))

    async def _room(self, client: Any, name: str) -> Finding:
        room = ConversationRef(CHANNEL, self._settings.tenant_id, name, private=False)
        service_url = await self._recall(*service_keys(room.tenant, room.space))
        if service_url is None or not self._trusted(service_url):
            remedy = "teams.doctor.room_unknown.mention"
            return self._tell.skipped("room", "teams.doctor.room_unknown", about=name, remedy=remedy)
        try:
            members = await members_of(client, self._recall, service_url, room)
        except DeliveryFailed as failure:
            if failure.code.startswith("token_"):
                remedy = "teams.doctor.see_token"
                return self._tell.skipped("room", "teams.doctor.no_token", about=name, remedy=remedy)
            return self._tell.error("room", "teams.doctor.room_untold", about=name, code=failure.code)
        return self._tell.ok("room", "teams.doctor.room_fine", about=name, count=len(members))

    async def _recall(self, *keys: str) -> str | None:
        """What a running server has remembered under the first of these keys that has a value."""
        for key in keys:
            if value := await self._host.recall(CHANNEL, prefix_of(self._settings.app_id) + key):
                return value
        return None

    def _trusted(self, service_url: str) -> bool:
        return is_trusted_service_url(service_url, anonymous=False, local=self._settings.test_issuer)

    def _refused(self, code: str, *, secret: bool) -> Finding:
        if not secret:
            return self._tell.error("token", "teams.doctor.away", code=code)
        if code == REFUSED:
            return self._tell.error(
                "token", "teams.doctor.wrong_secret", remedy="teams.doctor.refuses.remedy"
            )
        return self._tell.error("token", "teams.doctor.refuses", code=code)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[tuple[aiohttp.ClientSession, DateWatch]]:
        async with open_session(CHECK_SECONDS, connect=5) as session:
            yield session, DateWatch(session)


def _client_module() -> Any:
    from bot.channels.teams.outbound import client

    return client
