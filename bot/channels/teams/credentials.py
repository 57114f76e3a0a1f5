"""Fetches our own token for the Bot Framework, and keeps it until shortly before it expires."""

import asyncio
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import aiohttp
import structlog

from bot.channels.teams.settings import Settings
from bot.domain.errors import DeliveryFailed
from bot.runtime.network.outgoing import open_machine_session

log = structlog.get_logger()

FETCH_SECONDS = 10.0
EARLY_SECONDS = 300.0  # a token is renewed this long before its end
PUBLIC_RESOURCE = "https://api.botframework.com"
GOVERNMENT_RESOURCE = "https://api.botframework.us"


class Credentials:
    """Gives bearer tokens for posts; None for an anonymous bot."""

    def __init__(
        self,
        settings: Settings,
        session: Callable[[], aiohttp.ClientSession],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._session = session
        self._monotonic = monotonic
        self._token = ""
        self._until = 0.0
        self._lock = asyncio.Lock()
        self._identity: Any = None
        self.refused = ""  # the authority's code, when it said no to our secret

    async def token(self) -> str | None:
        """A valid token; raise `DeliveryFailed` where none can be had."""
        if not self._settings.app_id:
            return None
        async with self._lock:
            if self._monotonic() >= self._until:
                fetched, lifetime = await self._fetch()
                self._token = fetched
                self._until = self._monotonic() + max(lifetime - EARLY_SECONDS, lifetime / 2)
            return self._token

    def forget(self) -> None:
        """Fetch a new token next time: the service refused this one."""
        self._until = 0.0

    async def _fetch(self) -> tuple[str, float]:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                if self._settings.app_type == "UserAssignedMSI":
                    body = await asyncio.to_thread(self._ask_managed_identity)
                else:
                    body = await self._ask_authority()
            token, lifetime = str(body["access_token"]), float(body.get("expires_in", 3600))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning(
                "teams_token_unavailable",
                error=type(error).__name__,
                next_step="see that login.microsoftonline.com is reached; it is tried again",
            )
            raise DeliveryFailed("token_unavailable") from error
        except (KeyError, TypeError, ValueError) as error:
            raise DeliveryFailed("token_unreadable") from error
        self.refused = ""
        return token, lifetime

    async def _ask_authority(self) -> dict[str, Any]:
        # Not MSAL: it blocks, and refuses the plain http of a local issuer.
        settings = self._settings
        tenant = settings.tenant_id if settings.app_type == "SingleTenant" else "botframework.com"
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.app_id,
            "client_secret": settings.app_password,
            "scope": f"{self._resource}/.default",
        }
        url = f"{settings.login_url.rstrip('/')}/{quote(tenant, safe='')}/oauth2/v2.0/token"
        async with self._session().post(url, data=form, allow_redirects=False) as response:
            body = await response.json(content_type=None)
            if response.status == 200 and isinstance(body, dict):
                return body
        return self._no(response.status, body)

    def _ask_managed_identity(self) -> dict[str, Any]:
        import msal  # only where a managed identity is used

        if self._identity is None:
            self._identity = msal.ManagedIdentityClient(
                msal.UserAssignedManagedIdentity(client_id=self._settings.app_id),
                http_client=open_machine_session(),
            )
        body: dict[str, Any] = self._identity.acquire_token_for_client(resource=self._resource)
        return body if "access_token" in body else self._no(400, body)

    def _no(self, status: int, body: object) -> dict[str, Any]:
        code = str(body.get("error", "")) if isinstance(body, dict) else ""
        log.error(
            "teams_token_refused",
            status=status,
            code=code,
            next_step="compare the MICROSOFT_ settings with Azure, and renew the secret",
        )
        if 400 <= status < 429:
            self.refused = code or str(status)
        raise DeliveryFailed(f"token_{code or status}")

    @property
    def _resource(self) -> str:
        government = self._settings.token_issuer.rstrip("/") == GOVERNMENT_RESOURCE
        return GOVERNMENT_RESOURCE if government else PUBLIC_RESOURCE
