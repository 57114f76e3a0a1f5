"""The checks of Slack for `firstline doctor`: token and scopes, the clock, the way of events, the rooms."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.client import ERRORS, code_of, make_client, make_session
from bot.channels.slack.connection import REFUSED
from bot.channels.slack.diagnosis.rooms import RoomState, read_room
from bot.channels.slack.directory import CHANNEL
from bot.channels.slack.installation import Installation
from bot.channels.slack.manifest import BOT_SCOPES, EVENTS_PATH, INSTALL_PATH, NEEDED_SCOPES, OPTIONAL_SCOPES
from bot.channels.slack.settings import Settings
from bot.channels.slack.workspaces.sealing import Seal, TokensUnreadable
from bot.channels.slack.workspaces.store import INSTALLED, read_stored
from bot.domain.diagnosis import Check, DoctorHost, Examination, Finding, Room
from bot.runtime.network.answers import DateWatch

SCOPES = "x-oauth-scopes"  # the header in which Slack tells what a token may do
HIDDEN = "channel_not_found"  # also of a private channel that the bot is not in


@dataclass(frozen=True, slots=True)
class Access:
    """Access to one workspace, by its token; the one of a bot token has no `tenant`."""

    tenant: str
    token: str


def examination(settings: Settings, host: DoctorHost) -> Examination:
    """The checks of this workspace, or of each that the app is installed in."""
    slack = SlackChecks(settings, host)
    checks = (Check("token", slack.token), Check("events", slack.events), Check("rooms", slack.rooms))
    return Examination(checks, (settings.api_url,))


class SlackChecks:
    """Asks Slack what it knows of the app, and posts nothing."""

    def __init__(self, settings: Settings, host: DoctorHost) -> None:
        self._settings = settings
        self._host = host
        self._tell = host.tell

    async def token(self) -> Sequence[Finding]:
        """Who we are there, what we may do, and what time it is."""
        if not self._settings.several:
            return await self._look_at(Access("", self._settings.bot_token.get_secret_value()))
        found: list[Finding] = []
        for tenant in self._settings.workspaces:
            access = await self._installed(tenant)
            found += await self._look_at(access) if isinstance(access, Access) else [access]
        return found

    async def events(self) -> Sequence[Finding]:
        """How events come to us, as far as Slack tells."""
        app_token = self._settings.app_token.get_secret_value()
        if not app_token:
            address = f"{self._host.public_url or 'https://your-address'}{EVENTS_PATH}"
            remedy = "slack.doctor.events.compare"
            return [self._tell.skipped("events", "slack.doctor.events", remedy=remedy, address=address)]
        async with self._client("") as (client, _):
            try:
                await client.apps_connections_open(app_token=app_token)
            except ERRORS as failure:
                return [self._unconnected("events", code_of(failure), "SLACK_APP_TOKEN")]
        return [self._tell.ok("events", "slack.doctor.socket")]

    async def rooms(self) -> Sequence[Finding]:
        """Whether the bot is in each channel that it is to serve."""
        open_room = not self._host.engineers_listed
        own = [Room(self._settings.room, open_room)] if self._settings.room else []
        helps = [Room(name, open=False) for name in self._settings.help_channels]
        asked = {room.name: room for room in (*helps, *self._host.rooms, *own)}
        if not asked:
            return [self._tell.warning("rooms", "slack.doctor.no_room")]
        if not self._settings.several:
            token = self._settings.bot_token.get_secret_value()
            return await self._look_at_rooms(Access("", token), list(asked.values()))
        served = [name for name in asked if name not in self._settings.help_channels]
        found = self._without_room(served)
        for tenant in self._settings.workspaces:
            access = await self._installed(tenant)
            theirs = [room for room in asked.values() if room.name.startswith(f"{tenant}/")]
            if isinstance(access, Access) and theirs:
                found += await self._look_at_rooms(access, theirs)
        return found

    def _without_room(self, rooms: Sequence[str]) -> list[Finding]:
        """Which workspaces have no room of their own, and which rooms belong to none."""
        tenants = self._settings.workspaces
        lacking = [one for one in tenants if not any(room.startswith(f"{one}/") for room in rooms)]
        outside = [room for room in rooms if room.partition("/")[0] not in tenants]
        return [
            *(self._tell.warning("room", "slack.doctor.no_own_room", about=tenant) for tenant in lacking),
            *(self._tell.error("room", "slack.doctor.room_nowhere", about=room) for room in outside),
        ]

    # --- parts ----------------------------------------------------------------------------------------

    async def _installed(self, tenant: str) -> Access | Finding:
        """The token of an installation, or why there is none."""
        raw = await self._host.recall(CHANNEL, INSTALLED + tenant)
        if not raw:
            address = f"{self._host.public_url}{INSTALL_PATH}"
            return self._tell.error("token", "slack.doctor.not_installed", about=tenant, address=address)
        try:
            return Access(tenant, read_stored(Seal(self._settings.token_keys), tenant, raw).bot.bot_token)
        except TokensUnreadable:
            return self._tell.error("token", "slack.doctor.unreadable", about=tenant)

    async def _look_at(self, access: Access) -> list[Finding]:
        about = access.tenant
        async with self._client(access.token) as (client, watch):
            try:
                answer = await client.auth_test()
            except ERRORS as failure:
                return [self._unconnected("token", code_of(failure), "SLACK_BOT_TOKEN", about)]
            installation = Installation.from_auth_test(answer.data if isinstance(answer.data, dict) else {})
            known = {"team": answer.get("team"), "id": installation.team, "name": answer.get("user")}
            found = [
                self._tell.ok("token", "slack.doctor.known", about=about, **known),
                self._scopes(answer.headers.get(SCOPES), about),
            ]
            if watch.there is not None:
                clock = self._tell.clocks("clock", self._host.clock(), watch.there, "Slack")
                found.append(replace(clock, about=about))
            return found

    async def _look_at_rooms(self, access: Access, rooms: Sequence[Room]) -> list[Finding]:
        async with self._client(access.token) as (client, _):
            asked = (read_room(client, room.name.rpartition("/")[2]) for room in rooms)
            states = await asyncio.gather(*asked)
        if all(state.code in REFUSED for state in states):
            remedy = "slack.doctor.see_token"
            return [self._tell.skipped("rooms", "slack.doctor.refused", remedy=remedy, about=access.tenant)]
        return [self._room(room, state) for room, state in zip(rooms, states, strict=True)]

    def _unconnected(self, name: str, code: str, setting: str, about: str = "") -> Finding:
        refused = code in REFUSED or code == "missing_scope"
        key = "slack.doctor.refuses" if refused else "slack.doctor.away"
        if refused and about:
            key = "slack.doctor.ended"
        return self._tell.error(name, key, about=about, code=code, setting=setting)

    def _scopes(self, told: str | None, about: str) -> Finding:
        if told is None:
            return self._tell.skipped("scopes", "slack.doctor.scopes_untold", about=about)
        granted = {scope.strip() for scope in told.split(",")}
        missing = ", ".join(scope for scope in NEEDED_SCOPES if scope not in granted)
        if missing:
            return self._tell.error("scopes", "slack.doctor.scopes_missing", about=about, scopes=missing)
        optional = [scope for scope in OPTIONAL_SCOPES if scope not in granted]
        if optional:
            say = self._tell.say
            without = "; ".join(f"{one}: {say(f'slack.doctor.without.{one}')}" for one in optional)
            key = "slack.doctor.scopes_optional"
            return self._tell.warning("scopes", key, about=about, scopes=without)
        return self._tell.ok("scopes", "slack.doctor.scopes_all", about=about, count=len(BOT_SCOPES))

    def _room(self, room: Room, state: RoomState) -> Finding:
        name, about, shown = "room", room.name, f"#{state.name}"
        if state.code == HIDDEN:
            return self._tell.error(name, "slack.doctor.room_hidden", about=about)
        if state.code:
            remedy = "slack.doctor.see_token"
            return self._tell.error(
                name, "slack.doctor.room_untold", about=about, remedy=remedy, code=state.code
            )
        if state.archived:
            return self._tell.error(name, "slack.doctor.room_archived", about=about, room=shown)
        if not state.member:
            return self._tell.error(name, "slack.doctor.room_outside", about=about, room=shown)
        if room.open and not state.private:
            return self._tell.warning(name, "slack.doctor.room_public", about=about, room=shown)
        return self._tell.ok(name, "slack.doctor.room_fine", about=about, room=shown)

    @asynccontextmanager
    async def _client(self, token: str) -> AsyncIterator[tuple[AsyncWebClient, DateWatch]]:
        async with make_session() as session:
            yield make_client(token, self._settings.api_url, session), DateWatch(session)
