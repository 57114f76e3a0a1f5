"""The workspaces in which the app was installed by OAuth."""

import asyncio
from dataclasses import dataclass
from functools import partial

import aiohttp
import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store.models.bot import Bot
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.client import ERRORS, code_of, make_client
from bot.channels.slack.connection import REFUSED
from bot.channels.slack.directory import CHANNEL
from bot.channels.slack.inbound.workspaces import Body, NotInstalled, Served, WorkspaceUnknown
from bot.channels.slack.installation import Installation, tenants_in
from bot.channels.slack.settings import Settings
from bot.channels.slack.workspaces.store import InstallationStore, Stored
from bot.channels.slack.workspaces.workspace import Workspace, end, one_of_several
from bot.desk.ports.channels import Host
from bot.domain.errors import DeliveryFailed, StorageBusy, StorageUnavailable, details

log = structlog.get_logger()

REFRESH = 30.0  # seconds after which installations are read again: another replica may have changed one
SOON = 5.0  # seconds in which they are read once at most, however many requests ask for one that is not there
RENEW_BEFORE = 120  # minutes before a token ends
RENEWING = 60.0  # seconds that a replica has for it
BOT_ENDED = REFUSED | {"app_uninstalled"}


@dataclass
class Running:
    """Workspace that is served, as its installation was read last."""

    stored: Stored
    served: Served[Workspace]
    look_up: asyncio.Task[None]
    state: str = ""
    renewed: tuple[Stored, Bot] | None = None  # a token that is not kept yet, and in place of which

    @property
    def token(self) -> str:
        """The token that is in force now."""
        return self.stored.bot.bot_token


class InstalledWorkspaces:
    """Serves every workspace that is installed and allowed; what is kept of them here is in memory.

    A token is looked up in the database at most every few seconds, whatever is asked; there are no more of
    them than FIRSTLINE_SLACK_WORKSPACES allows.
    """

    def __init__(self, settings: Settings, host: Host, store: InstallationStore) -> None:
        self._settings = settings
        self._host = host
        self._store = store
        self._running: dict[str, Running] = {}
        self._read_at: float | None = None
        self._reading = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None

    def client(self) -> AsyncWebClient:
        """A client without a token, for what needs another one."""
        return make_client("", self._settings.api_url, self._open_session())

    def open(self, session: aiohttp.ClientSession) -> None:
        """Begin to make calls."""
        self._session = session

    async def run(self) -> None:
        """Read the installations and renew their tokens, for ever."""
        while True:
            try:
                await self.refresh()
                await self._renew_tokens()
            except (StorageBusy, StorageUnavailable) as error:
                log.warning("slack_installations_not_read", **details(error), next_step="it is tried again")
            await asyncio.sleep(REFRESH)

    async def close(self) -> None:
        """End what was begun."""
        for tenant in tuple(self._running):
            await self._drop(tenant)
        self._session = None

    # --- whose is it ----------------------------------------------------------------------------------

    async def find(self, body: Body) -> Served[Workspace]:
        """Find whose a request is; raise `NotInstalled`, or `WorkspaceUnknown` before they were read."""
        tenants = tenants_in(body)
        found = self._first(tenants)
        if found is None and any(tenant in self._settings.workspaces for tenant in tenants):
            await self._refresh_soon()
            found = self._first(tenants)
        if found is None:
            raise NotInstalled if self._read_at is not None else WorkspaceUnknown
        return found.served

    async def authorized(self, enterprise: str | None, team: str | None) -> AuthorizeResult:
        """What Bolt asks for with every request; of nobody's it is told by `find` what to do."""
        running = self._first([team or "", enterprise or ""])
        if running is None:
            return Installation(team or "", "").authorized("")
        return running.served.installation.authorized(running.token)

    def of(self, tenant: str) -> Served[Workspace] | None:
        """The workspace of a place; None where the app is not installed."""
        running = self._running.get(tenant)
        return running.served if running is not None else None

    def sender(self, tenant: str) -> Served[Workspace]:
        """The workspace that delivers to a place; raise `DeliveryFailed` where the app is not installed."""
        served = self.of(tenant)
        if served is None:
            raise DeliveryFailed("not_installed")
        return served

    def place(self, name: str) -> tuple[str, str] | None:
        """Tenant and id of a channel that the settings name."""
        tenant, _, channel = name.partition("/")
        return tenant, channel

    def note(self, tenant: str, code: str) -> None:
        """Note what became of a call: a token may be good no longer."""
        running = self._running.get(tenant)
        if running is not None and (not code or code in REFUSED):
            running.state = code

    def state(self) -> tuple[str, str]:
        """Why it is not served, as a code, and where to look."""
        if self._read_at is None:
            return "starting", "FIRSTLINE_SLACK_WORKSPACES"
        if not self._running:
            return "not_installed", "FIRSTLINE_SLACK_WORKSPACES"
        ended = [f"{tenant}: {one.state}" for tenant, one in sorted(self._running.items()) if one.state]
        return ", ".join(ended), "FIRSTLINE_SLACK_WORKSPACES"

    # --- installed, renewed, ended --------------------------------------------------------------------

    async def refresh(self) -> None:
        """Serve what is installed now, and nothing else."""
        async with self._reading:
            stored = await self._store.all(self._settings.workspaces)
            for tenant in self._running.keys() - {one.tenant for one in stored}:
                await self._drop(tenant)
            for one in stored:
                await self._serve(one)
            self._read_at = asyncio.get_running_loop().time()

    async def changed(self, body: Body) -> None:
        """Look again at an installation of which Slack says that it has ended: its token shows it.

        An event that comes late may be of an installation before the present one.
        """
        for tenant in tenants_in(body):
            async with self._reading:  # two events tell of one end
                running = self._running.get(tenant)
                if running is None or not await self._has_ended(running):
                    continue
                await self._store.remove(running.stored)
                await self._drop(tenant)
            log.warning(
                "slack_uninstalled",
                workspace=tenant,
                next_step="open /slack/install to have it there again, or take it out of "
                "FIRSTLINE_SLACK_WORKSPACES",
            )

    async def _has_ended(self, running: Running) -> bool:
        try:
            await running.served.workspace.client().auth_test()
        except ERRORS as error:
            return code_of(error) in BOT_ENDED
        return False

    async def _serve(self, stored: Stored) -> None:
        before = self._running.get(stored.tenant)
        if before is not None and _who(before.stored) == _who(stored):
            if before.token != stored.bot.bot_token:
                before.state = ""
            before.stored = stored
            return
        if before is not None:
            await self._drop(stored.tenant)
        client = partial(self.client_of, stored.tenant)
        workspace = one_of_several(self._settings, self._host, client, stored.tenant)
        task = asyncio.create_task(workspace.look_up(), name=f"slack_look_up_{stored.tenant}")
        self._running[stored.tenant] = Running(stored, Served(_installation(stored), workspace), task)
        log.info("slack_workspace_served", workspace=stored.tenant)
        self._host.refresh_roster(CHANNEL)

    async def _drop(self, tenant: str) -> None:
        running = self._running.pop(tenant)
        await end(running.look_up)
        await running.served.workspace.agent_view.close()

    async def _renew_tokens(self) -> None:
        rotator = AsyncTokenRotator(
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret.get_secret_value(),
            client=self.client(),
        )
        for running in tuple(self._running.values()):
            await self._renew(running, rotator)

    async def _renew(self, running: Running, rotator: AsyncTokenRotator) -> None:
        running.renewed = running.renewed or await self._renewed(running, rotator)
        if running.renewed is None:
            return
        # Where it cannot be kept now it is kept later: Slack gives it once.
        kept = await self._store.renew(*running.renewed)
        running.renewed = None
        if kept:
            log.info("slack_token_renewed", workspace=running.stored.tenant)
            await self.refresh()

    async def _renewed(self, running: Running, rotator: AsyncTokenRotator) -> tuple[Stored, Bot] | None:
        stored, now = running.stored, self._host.clock().timestamp()
        ends = stored.bot.bot_token_expires_at
        if ends is None or ends > now + RENEW_BEFORE * 60 or stored.busy_until > now:
            return None
        claimed = await self._store.claim(stored, now + RENEWING)
        if claimed is None:
            return None  # another replica renews it, and it is read again soon
        running.stored = claimed
        try:
            # The clock is ours: what is due by it is due.
            bot = await rotator.perform_bot_token_rotation(bot=claimed.bot, minutes_before_expiration=10**6)
        except (SlackTokenRotationError, *ERRORS) as error:
            cause = error.__cause__ or error.__context__ or error
            log.warning(
                "slack_token_not_renewed",
                workspace=stored.tenant,
                code=code_of(cause),
                next_step="it is tried again; where it goes on, install the app there again",
            )
            return None
        return (claimed, bot) if bot is not None else None

    async def _refresh_soon(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._read_at is None or now - self._read_at > SOON:
            await self.refresh()

    def _first(self, tenants: list[str]) -> Running | None:
        return next((self._running[one] for one in tenants if one in self._running), None)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise DeliveryFailed("not_started")
        return self._session

    def client_of(self, tenant: str) -> AsyncWebClient:
        """A client with the token that is in force there; raise `DeliveryFailed` without an installation."""
        running = self._running.get(tenant)
        if running is None:
            raise DeliveryFailed("not_installed")
        return make_client(running.token, self._settings.api_url, self._open_session())


def _who(stored: Stored) -> tuple[str | None, ...]:
    bot = stored.bot
    return bot.bot_id, bot.bot_user_id, bot.enterprise_id, bot.team_id


def _installation(stored: Stored) -> Installation:
    bot = stored.bot
    return Installation(
        team=stored.tenant,
        bot_user=bot.bot_user_id or "",
        bot=bot.bot_id or "",
        enterprise=bot.enterprise_id or "",
    )
