"""Asks Microsoft Graph for sites and their pages, as an app of its own."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp

from bot.domain.errors import SourceUnavailable
from bot.knowledge.sharepoint import Settings
from bot.knowledge.wiki.client import ApiClient, Pause
from bot.knowledge.wiki.documents import entries, text_at

MOST_PAGES = 100_000  # requests for one list, so that a list which never ends does
LARGEST_TOKEN = 64_000  # bytes of the answer with it
_SITE_PAGE = "microsoft.graph.sitePage"
_LAYOUT = {"$expand": "canvasLayout"}
Document = Mapping[str, Any]


class GraphApi:
    """Microsoft Graph as one app sees it."""

    def __init__(self, settings: Settings, pause: Pause = asyncio.sleep) -> None:
        self._settings = settings
        self._token = ""
        self._client = ApiClient(settings.graph_url, self._authorize, settings.requests, pause=pause)

    async def close(self) -> None:
        """End its connections."""
        await self._client.close()

    async def site(self, name: str) -> Document:
        """The site of a name such as `example.sharepoint.com/sites/help`. Raises `Refused`."""
        host, slash, path = name.partition("/")
        place = f"{host}:/{path}" if slash else host
        return (await self._client.get(f"/v1.0/sites/{place}")).document

    def pages(self, site: str, *, whole: bool = False) -> AsyncIterator[Document]:
        """The pages of a site by its id; with `whole` what is on each."""
        return self._all(f"/v1.0/sites/{site}/pages/{_SITE_PAGE}", _LAYOUT if whole else {})

    async def page(self, site: str, page: str) -> Document:
        """One page with what is on it. Raises `Refused` or `Failed`."""
        path = f"/v1.0/sites/{site}/pages/{page}/{_SITE_PAGE}"
        return (await self._client.get(path, _LAYOUT)).document

    async def _all(self, path: str, parameters: Mapping[str, str]) -> AsyncIterator[Document]:
        address, given = path, dict(parameters)
        for _ in range(MOST_PAGES):
            document = (await self._client.get(address, given)).document
            for one in entries(document, "value"):
                yield one
            address, given = text_at(document, "@odata.nextLink"), {}
            if not address:
                return

    async def _authorize(self, session: aiohttp.ClientSession, anew: bool) -> str:
        if anew or not self._token:
            self._token = await self._new_token(session)
        return f"Bearer {self._token}"

    async def _new_token(self, session: aiohttp.ClientSession) -> str:
        settings = self._settings
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": settings.client_secret.get_secret_value(),
            "scope": f"{settings.graph_url.rstrip('/')}/.default",
        }
        url = f"{settings.login_url.rstrip('/')}/{settings.tenant}/oauth2/v2.0/token"
        async with session.post(url, data=form, allow_redirects=False) as answer:
            body = await answer.content.read(LARGEST_TOKEN)
            if answer.status in (400, 401, 403):
                raise SourceUnavailable(code="unauthorized")
            if answer.status != 200:
                raise SourceUnavailable(code=f"token_{answer.status}")
        try:
            token = text_at(json.loads(body), "access_token")
        except ValueError:
            token = ""
        if not token.isascii() or not token.isprintable() or not token:
            raise SourceUnavailable(code="no_token")
        return token
