"""The one workspace of a bot token."""

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.client import make_client
from bot.channels.slack.connection import REFUSED, Authority, connect_until_done
from bot.channels.slack.directory import CHANNEL
from bot.channels.slack.inbound.workspaces import Body, Served, WorkspaceUnknown
from bot.channels.slack.installation import Installation
from bot.channels.slack.settings import Settings
from bot.channels.slack.workspaces.workspace import Workspace, one_workspace
from bot.desk.ports.channels import Host
from bot.domain.errors import DeliveryFailed


class SingleWorkspace:
    """Serves the workspace of `SLACK_BOT_TOKEN`, whatever a request says of itself."""

    def __init__(self, settings: Settings, host: Host, first_wait: float) -> None:
        self._settings = settings
        self._host = host
        self._first_wait = first_wait
        self._token = settings.bot_token.get_secret_value()
        self.authority = Authority(self._token, host)
        self.workspace = one_workspace(settings, host, self.client)
        self._client: AsyncWebClient | None = None

    def client(self) -> AsyncWebClient:
        """The client of the token; raise `DeliveryFailed` before the start."""
        if self._client is None:
            raise DeliveryFailed("not_started")
        return self._client

    def open(self, session: aiohttp.ClientSession) -> None:
        """Begin to make calls."""
        self._client = make_client(self._token, self._settings.api_url, session)

    async def run(self) -> None:
        """Connect until it is done; then serve the look-ups for ever."""
        client = self.client()
        await connect_until_done(
            self.authority, "auth.test", lambda: self.authority.ask(client), self._first_wait
        )
        self._host.refresh_roster(CHANNEL)

    async def look_up(self) -> None:
        """Serve the directory's look-ups for ever."""
        await self.workspace.look_up()

    async def close(self) -> None:
        """Make no further calls."""
        self._client = None
        await self.workspace.agent_view.close()

    async def find(self, body: Body) -> Served[Workspace]:
        """Our workspace; raise `WorkspaceUnknown` while nobody has said which it is."""
        installation = self.authority.installation or Installation.from_request(body)
        if not installation.team:
            raise WorkspaceUnknown
        return Served(installation, self.workspace)

    async def authorized(self, _enterprise: str | None, team: str | None) -> AuthorizeResult:
        """What Bolt asks for with every request."""
        return self.authority.authorized(team)

    def of(self, _tenant: str) -> Served[Workspace] | None:
        """The workspace of a place; None before Slack has said who we are."""
        installation = self.authority.installation
        return Served(installation, self.workspace) if installation is not None else None

    def sender(self, _tenant: str) -> Served[Workspace]:
        """The workspace that delivers to a place, known or not."""
        return Served(self.authority.installation or Installation("", ""), self.workspace)

    def place(self, name: str) -> tuple[str, str] | None:
        """Tenant and id of a channel of the settings; None before Slack has said who we are."""
        installation = self.authority.installation
        return (installation.team, name.rpartition("/")[2]) if installation is not None else None

    def note(self, _tenant: str, code: str) -> None:
        """Note what became of a call: the token was good once, and may be no longer."""
        if not code or code in REFUSED:
            self.authority.state = code

    def state(self) -> tuple[str, str]:
        """Why it is not served, as a code, and which setting to look at."""
        return self.authority.state, "SLACK_BOT_TOKEN"

    async def changed(self, body: Body) -> None:
        """Leave an uninstallation alone: the next call says so."""
