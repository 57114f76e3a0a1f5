"""Microsoft Graph and its sign-in as far as SharePoint's pages are asked for: strict, and with a state."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiohttp import web

SECRET = "secret-of-the-app"
TENANT, CLIENT = "example.onmicrosoft.com", "00000000-0000-0000-0000-00000000000a"
SITE_ID = "example.sharepoint.com,11111111-1111-1111-1111-111111111111,22222222-2222-2222-2222-222222222222"
_PATH = "/v1.0/sites/{site}/pages/microsoft.graph.sitePage"


@dataclass
class FakeSitePage:
    """A page as the fake keeps it."""

    number: int
    title: str
    html: str = "<p>Text.</p>"
    level: str = "published"
    version: int = 1
    parts: list[dict[str, Any]] = field(default_factory=list)
    email: str = "ana@example.com"

    @property
    def id(self) -> str:
        """Its id in Graph."""
        return str(UUID(int=self.number))


@dataclass
class FakeSharePoint:
    """Graph with one site; `failures` is what it answers next, `expires` how many requests a token takes."""

    most: int = 25
    per_second: int = 0
    expires: int = 1_000_000
    pages: dict[str, FakeSitePage] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    failures: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    readable: bool = True
    texts_in_lists: bool = True
    tokens: int = 0
    _used: int = 0
    _times: deque[float] = field(default_factory=deque)

    def add(self, page: FakeSitePage) -> FakeSitePage:
        """Add a page."""
        self.pages[page.id] = page
        return page

    def app(self) -> web.Application:
        """Both hosts as one application."""
        app = web.Application()
        app.router.add_post(f"/{TENANT}/oauth2/v2.0/token", self._token)
        app.router.add_get("/v1.0/sites/example.sharepoint.com:/sites/help", self._site)
        app.router.add_get(_PATH, self._list)
        app.router.add_get("/v1.0/sites/{site}/pages/{id}/microsoft.graph.sitePage", self._one)
        return app

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        wanted = {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "scope": f"{request.url.origin()}/.default",
        }
        if dict(form) != wanted:
            return web.json_response({"error": "invalid_client"}, status=401)
        self.tokens, self._used = self.tokens + 1, 0
        return web.json_response(
            {"token_type": "Bearer", "access_token": f"t{self.tokens}", "expires_in": 3599}
        )

    def _enter(self, request: web.Request, known: set[str]) -> None:
        self.asked.append((request.path, dict(request.query)))
        if self.failures:
            status, headers = self.failures.popleft()
            raise _failure(status, headers)
        self._count()
        self._used += 1
        if request.headers.get("Authorization") != f"Bearer t{self.tokens}" or self._used > self.expires:
            raise _failure(401, {})
        if set(request.query) - known:
            raise _failure(400, {})
        if not self.readable:
            raise _failure(403, {})

    def _count(self) -> None:
        if not self.per_second:
            return
        now = asyncio.get_running_loop().time()
        while self._times and self._times[0] <= now - 1:
            self._times.popleft()
        if len(self._times) > self.per_second:  # the network moves them a little
            raise _failure(429, {"Retry-After": "1"})
        self._times.append(now)

    async def _site(self, request: web.Request) -> web.Response:
        self._enter(request, set())
        return web.json_response({"id": SITE_ID, "displayName": "Help"})

    async def _list(self, request: web.Request) -> web.Response:
        self._enter(request, {"$expand", "$skiptoken"})
        self._known_site(request)
        whole = "$expand" in request.query
        if whole and request.query["$expand"] != "canvasLayout":
            raise _failure(400, {})
        if whole and self.broken:
            raise _failure(500, {})
        rows, start = list(self.pages.values()), int(request.query.get("$skiptoken", "0"))
        document: dict[str, Any] = {
            "value": [
                self._shown(one, whole=whole and self.texts_in_lists)
                for one in rows[start : start + self.most]
            ]
        }
        if start + self.most < len(rows):
            query = {**request.query, "$skiptoken": str(start + self.most)}
            document["@odata.nextLink"] = str(request.url.with_query(query))
        return web.json_response(document)

    async def _one(self, request: web.Request) -> web.Response:
        self._enter(request, {"$expand"})
        self._known_site(request)
        page = self.pages.get(request.match_info["id"])
        if page is None:
            raise _failure(404, {})
        if page.id in self.broken:
            raise _failure(500, {})
        return web.json_response(self._shown(page, whole=True))

    def _known_site(self, request: web.Request) -> None:
        if request.match_info["site"] != SITE_ID:
            raise _failure(404, {})

    def _shown(self, page: FakeSitePage, *, whole: bool) -> dict[str, Any]:
        text = {"@odata.type": "#microsoft.graph.textWebPart", "id": "1", "innerHtml": page.html}
        layout = {"horizontalSections": [{"columns": [{"width": 12, "webparts": [text, *page.parts]}]}]}
        return {
            "@odata.type": "#microsoft.graph.sitePage",
            "id": page.id,
            "eTag": f'"{{{page.id}}},{page.version}"',
            "title": page.title,
            "webUrl": f"https://example.sharepoint.com/sites/help/SitePages/{page.number}.aspx",
            "lastModifiedDateTime": "2026-11-02T10:00:00Z",
            "createdBy": {"user": {"displayName": "Ana Ruiz", "email": page.email}},
            "publishingState": {"level": page.level, "versionId": "1.0"},
            **({"canvasLayout": layout} if whole else {}),
        }


def _failure(status: int, headers: dict[str, str]) -> web.HTTPException:
    kinds: dict[int, type[web.HTTPException]] = {
        400: web.HTTPBadRequest,
        401: web.HTTPUnauthorized,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
        429: web.HTTPTooManyRequests,
        500: web.HTTPInternalServerError,
        503: web.HTTPServiceUnavailable,
    }
    return kinds[status](headers=headers)
