"""The pages by which the app is installed in a workspace: Slack's OAuth, with the SDK's flow."""

import logging
from collections.abc import Callable

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.client import ERRORS, code_of
from bot.channels.slack.manifest import BOT_SCOPES, INSTALL_PATH, REDIRECT_PATH
from bot.channels.slack.settings import Settings
from bot.channels.slack.workspaces.installed import InstalledWorkspaces
from bot.channels.slack.workspaces.store import InstallationStore, StateStore, tenant_of
from bot.desk.ports.channels import Host

log = structlog.get_logger()

COOKIE = "__Host-firstline_slack_install"
# The SDK's flow prints the code that it could not exchange.
_SILENT = logging.getLogger("bot.channels.slack.install")
_SILENT.setLevel(logging.CRITICAL + 1)
HEADERS = {
    "Content-Type": "text/plain; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class NotAllowed(BoltError):
    """The app may not be installed there."""


class InstallPages:
    """Two pages: one leads to Slack, to the other Slack leads back."""

    def __init__(
        self,
        settings: Settings,
        host: Host,
        store: InstallationStore,
        states: StateStore,
        workspaces: InstalledWorkspaces,
    ) -> None:
        self._host = host
        self._workspaces = workspaces
        answers = AsyncCallbackOptions(self._done, self._failed)
        self._flow_of = _flow_maker(settings, host.public_url, store, states, answers)

    def mount(self, router: web.UrlDispatcher) -> None:
        """Add the two routes."""
        router.add_get(INSTALL_PATH, self._begin)
        router.add_get(REDIRECT_PATH, self._come_back)

    async def _begin(self, request: web.Request) -> web.Response:
        flow = self._flow_of(self._workspaces.client())
        return await to_aiohttp_response(await flow.handle_installation(await to_bolt_request(request)))

    async def _come_back(self, request: web.Request) -> web.Response:
        flow = self._flow_of(self._workspaces.client())
        return await to_aiohttp_response(await flow.handle_callback(await to_bolt_request(request)))

    async def _done(self, args: AsyncSuccessArgs) -> BoltResponse:
        tenant = tenant_of(args.installation)
        log.info("slack_installed", workspace=tenant)
        await self._workspaces.refresh()
        name = args.installation.team_name or args.installation.enterprise_name or tenant
        return self._page(_languages(args.request), "done", 200, workspace=name, forget=args.settings)

    async def _failed(self, args: AsyncFailureArgs) -> BoltResponse:
        """Say what to do next; what Slack or somebody else wrote into the address is not shown."""
        key = "refused"
        if isinstance(args.error, NotAllowed):
            key = "not_allowed"
        elif args.reason in ("invalid_browser", "invalid_state"):
            key = "over"
        elif args.reason == "access_denied":
            key = "declined"
        log.warning("slack_not_installed", reason=key, next_step="begin anew at /slack/install")
        status = 403 if key == "not_allowed" else max(args.suggested_status_code, 400)
        return self._page(_languages(args.request), key, status, forget=args.settings)

    def _page(
        self,
        languages: str,
        key: str,
        status: int,
        *,
        workspace: str = "",
        forget: AsyncOAuthSettings | None = None,
    ) -> BoltResponse:
        wording = self._host.wording
        wanted = languages[:2].lower()
        language = wanted if wanted in wording.languages else self._host.language
        text = wording.say(language, f"slack.install.{key}", workspace=workspace, path=INSTALL_PATH)
        headers: dict[str, str | list[str]] = {**HEADERS}
        if forget is not None:
            headers["Set-Cookie"] = [forget.state_utils.build_set_cookie_for_deletion()]
        return BoltResponse(status=status, body=text + "\n", headers=headers)  # type: ignore[arg-type]  # lists too


def _languages(request: AsyncBoltRequest) -> str:
    return "".join((request.headers.get("accept-language") or [""])[:1])


class _Flow(AsyncOAuthFlow):
    """Bolt's flow, in which only workspaces that are named in the settings are kept."""

    allowed: frozenset[str] = frozenset()

    async def build_authorize_url(self, state: str, request: AsyncBoltRequest) -> str:
        """Lead to Slack; the workspace that somebody asks for is named there only where it is one of ours."""
        asked = "".join((request.query.get("team") or [""])[:1])
        team = asked if asked in self.allowed else None
        return self.settings.authorize_url_generator.generate(state, team)

    async def run_installation(self, code: str) -> Installation | None:
        """Exchange a code for an installation; None where Slack gives none, or is not reached."""
        try:
            return await super().run_installation(code)
        except ERRORS as error:
            log.warning(
                "slack_code_not_exchanged", code=code_of(error), next_step="see that Slack is reached"
            )
            return None

    async def store_installation(self, request: AsyncBoltRequest, installation: Installation) -> None:
        """Keep an installation; of any other workspace give the token back, and raise `NotAllowed`."""
        tenant = tenant_of(installation)
        if tenant in self.allowed:
            await super().store_installation(request, installation)
            return
        log.warning(
            "slack_workspace_not_allowed",
            workspace=tenant,
            next_step="add it to FIRSTLINE_SLACK_WORKSPACES if it is yours, and install again",
        )
        try:
            await self.client.auth_revoke(token=installation.bot_token)
        except ERRORS as error:
            log.warning("slack_token_not_given_back", code=code_of(error), next_step="none: it is not kept")
        raise NotAllowed


def _flow_maker(
    settings: Settings,
    public_url: str,
    store: InstallationStore,
    states: StateStore,
    answers: AsyncCallbackOptions,
) -> Callable[[AsyncWebClient], AsyncOAuthFlow]:
    def make(client: AsyncWebClient) -> AsyncOAuthFlow:
        flow = _Flow(
            client=client,
            logger=_SILENT,
            settings=AsyncOAuthSettings(
                client_id=settings.client_id,
                client_secret=settings.client_secret.get_secret_value(),
                scopes=list(BOT_SCOPES),
                user_scopes=[],
                redirect_uri=public_url + REDIRECT_PATH,
                install_path=INSTALL_PATH,
                redirect_uri_path=REDIRECT_PATH,
                install_page_rendering_enabled=False,
                callback_options=answers,
                installation_store=store,
                installation_store_bot_only=True,
                state_store=states,
                state_cookie_name=COOKIE,
                logger=_SILENT,
            ),
        )
        flow.allowed = frozenset(settings.workspaces)
        return flow

    return make
