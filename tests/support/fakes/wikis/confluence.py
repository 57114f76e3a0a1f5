"""Confluence Cloud as far as it is asked: strict about what it is asked, and with a state that changes."""

import asyncio
import json
from base64 import b64encode
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

EMAIL, TOKEN = "desk@example.com", "token-of-the-desk"
_PAGE_KEYS = {"space-id", "id", "status", "sort", "limit", "cursor", "body-format"}
_SEARCH_KEYS = {"cql", "expand", "limit", "cursor"}
_EXPANDS = {
    "restrictions": "restrictions.read.restrictions.user",
    "metadata": "metadata.labels",
    "version": "version",
    "ancestors": "ancestors",
}
_EXPANDED = {*_EXPANDS.values(), "restrictions.read.restrictions.group"}


@dataclass
class FakePage:
    """A page as the fake keeps it."""

    id: str
    title: str
    body: str = "<p>Text.</p>"
    space: str = "100"
    parent: str = ""
    parent_type: str = "page"
    status: str = "current"
    number: int = 1
    modified: int = 0
    owner: str = "acc-1"
    labels: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()  # accounts; none: everybody
    groups: tuple[str, ...] = ()


@dataclass
class FakeConfluence:
    """A site: `pages` and `folders` are its state, `failures` what it answers next instead.

    It gives at most `most` entries, and with `per_second` refuses whoever asks more often.
    """

    most: int = 25
    per_second: int = 0
    spaces: dict[str, str] = field(default_factory=lambda: {"IT": "100"})
    people: dict[str, dict[str, str]] = field(
        default_factory=lambda: {"acc-1": {"displayName": "Ana Ruiz", "email": "ana@example.com"}}
    )
    pages: dict[str, FakePage] = field(default_factory=dict)
    folders: dict[str, FakePage] = field(default_factory=dict)
    unsearchable: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    failures: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    on_request: Callable[[str], None] = lambda path: None
    space_readers: list[tuple[str, str]] = field(
        default_factory=lambda: [("group", "g-1"), ("user", "acc-1")]
    )
    anonymous: bool = False
    _clock: int = 0
    _lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _times: deque[float] = field(default_factory=deque)

    def add(self, page: FakePage) -> FakePage:
        """Add a page, as the newest."""
        self._clock += 1
        page.modified = self._clock
        self.pages[page.id] = page
        return page

    def edit(self, page_id: str, body: str, **values: Any) -> None:
        """Write another version of a page."""
        page = self.pages[page_id]
        self._clock += 1
        page.body, page.number, page.modified = body, page.number + 1, self._clock
        for name, value in values.items():
            setattr(page, name, value)

    def count(self, part: str) -> int:
        """How many requests had this in their path."""
        return sum(part in path for _, path, _ in self.asked)

    def app(self) -> web.Application:
        """The site as an application."""
        app = web.Application()
        app.router.add_get("/wiki/rest/api/user/current", self._current)
        app.router.add_get("/wiki/api/v2/spaces", self._spaces)
        app.router.add_get("/wiki/api/v2/spaces/{id}/permissions", self._permissions)
        app.router.add_get("/wiki/api/v2/pages", self._pages)
        app.router.add_get("/wiki/api/v2/pages/{id}/labels", self._labels)
        app.router.add_get("/wiki/api/v2/pages/{id}/ancestors", self._ancestors)
        app.router.add_post("/wiki/api/v2/users-bulk", self._users)
        app.router.add_get("/wiki/rest/api/content/search", self._search)
        app.router.add_get("/wiki/rest/api/content/{id}/restriction/byOperation/read", self._restriction)
        return app

    # --- what every request goes through -------------------------------------------------------------------

    def _enter(self, request: web.Request, known: set[str]) -> None:
        self.asked.append((request.method, request.path, dict(request.query)))
        self.on_request(request.path)
        if self.failures:
            status, headers = self.failures.popleft()
            raise _status(status, headers)
        if self.per_second:
            self._count()
        login = b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
        if not self.anonymous and request.headers.get("Authorization") != f"Basic {login}":
            raise web.HTTPUnauthorized
        if set(request.query) - known or len(request.query) != len(set(request.query)):
            raise web.HTTPBadRequest(text=f"unknown: {sorted(set(request.query) - known)}")

    def _count(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._times and self._times[0] <= now - 1:
            self._times.popleft()
        if len(self._times) > self.per_second:  # the network moves them a little
            raise _status(429, {"Retry-After": "1"})
        self._times.append(now)

    def _listed(self, request: web.Request, rows: Sequence[dict[str, Any]], *, v2: bool) -> web.Response:
        limit = int(request.query.get("limit", "25"))
        if not 1 <= limit <= 250:
            raise web.HTTPBadRequest(text="limit")
        size = min(limit, self.most)
        if cursor := request.query.get("cursor"):
            name, _, start = cursor.partition(":")
            if name not in self._lists:
                raise web.HTTPBadRequest(text="cursor")
            rows, offset = self._lists[name], int(start)
        else:
            name, offset = f"c{len(self._lists)}=", 0
            self._lists[name] = list(rows)
        links: dict[str, str] = {"base": f"{request.url.origin()}/wiki"}
        headers = {}
        if offset + size < len(rows):
            query = {key: value for key, value in request.query.items() if key != "cursor"}
            path = request.path if v2 else request.path.removeprefix("/wiki")
            links["next"] = f"{path}?{urlencode({**query, 'cursor': f'{name}:{offset + size}'})}"
            if v2:
                headers["Link"] = f'<{links["next"]}>; rel="next", <{links["base"]}>; rel="base"'
        return web.json_response({"results": rows[offset : offset + size], "_links": links}, headers=headers)

    # --- what it tells -------------------------------------------------------------------------------------

    async def _current(self, request: web.Request) -> web.Response:
        self._enter(request, set())
        kind = "anonymous" if self.anonymous else "known"
        return web.json_response({"type": kind, "accountId": "acc-0", "displayName": "Help desk"})

    async def _spaces(self, request: web.Request) -> web.Response:
        self._enter(request, {"keys", "status", "limit", "cursor"})
        keys = request.query["keys"].split(",")
        rows = [{"id": i, "key": k, "status": "current"} for k, i in self.spaces.items() if k in keys]
        return self._listed(request, [] if self.anonymous else rows, v2=True)

    async def _permissions(self, request: web.Request) -> web.Response:
        self._enter(request, {"limit", "cursor"})
        rows = [
            {
                "id": str(number),
                "principal": {"type": kind, "id": name},
                "operation": {"key": "read", "targetType": "space"},
            }
            for number, (kind, name) in enumerate(self.space_readers)
        ]
        return self._listed(request, rows, v2=True)

    async def _pages(self, request: web.Request) -> web.Response:
        self._enter(request, _PAGE_KEYS)
        query = request.query
        if "cursor" in query:  # the list is as it was at its first page
            return self._listed(request, [], v2=True)
        if query.get("status") != "current" or query.get("sort", "id") not in ("id", "-modified-date"):
            raise web.HTTPBadRequest(text="status or sort")
        found = [page for page in self.pages.values() if page.status == "current"]
        if "space-id" in query:
            found = [page for page in found if page.space == query["space-id"]]
        if "id" in query:
            wanted = query["id"].split(",")
            if len(wanted) > 250 or not all(one.isdigit() for one in wanted):
                raise web.HTTPBadRequest(text="id")
            if self.broken & set(wanted):
                raise web.HTTPInternalServerError
            found = [page for page in found if page.id in wanted]
        newest = query.get("sort") == "-modified-date"
        found.sort(key=lambda page: -page.modified if newest else int(page.id))
        with_body = query.get("body-format") == "storage"
        return self._listed(request, [self._shown(page, body=with_body) for page in found], v2=True)

    def _shown(self, page: FakePage, *, body: bool) -> dict[str, Any]:
        storage = {"storage": {"representation": "storage", "value": page.body}} if body else {}
        return {
            "id": page.id,
            "status": page.status,
            "title": page.title,
            "spaceId": page.space,
            "parentId": page.parent or None,
            "parentType": page.parent_type if page.parent else None,
            "ownerId": page.owner,
            "authorId": page.owner,
            "version": {"number": page.number, "createdAt": "2026-11-02T10:00:00.000Z"},
            "body": storage,
            "_links": {"webui": f"/spaces/IT/pages/{page.id}"},
        }

    async def _labels(self, request: web.Request) -> web.Response:
        self._enter(request, {"limit", "cursor"})
        page = self._page(request)
        return self._listed(
            request, [{"id": "1", "name": one, "prefix": "global"} for one in page.labels], v2=True
        )

    async def _ancestors(self, request: web.Request) -> web.Response:
        self._enter(request, {"limit", "cursor"})
        chain, page = [], self._page(request)
        while page.parent:
            kind = page.parent_type
            page = {**self.pages, **self.folders}[page.parent]
            chain.append({"id": page.id, "type": kind})
        return self._listed(request, chain[::-1], v2=True)

    async def _users(self, request: web.Request) -> web.Response:
        self._enter(request, set())
        wanted = (await request.json())["accountIds"]
        return web.json_response(
            {"results": [{"accountId": one, **self.people[one]} for one in wanted if one in self.people]}
        )

    async def _search(self, request: web.Request) -> web.Response:
        self._enter(request, _SEARCH_KEYS)
        key = request.query["cql"].removeprefix('space = "').removesuffix('" and type = page')
        if key not in self.spaces:
            raise web.HTTPBadRequest(text="cql")
        if "cursor" in request.query:
            return self._listed(request, [], v2=False)
        expanded = request.query.get("expand", "").split(",")
        if unknown := set(expanded) - _EXPANDED:
            raise web.HTTPBadRequest(text=f"unknown: {sorted(unknown)}")
        rows = [
            {
                "id": page.id,
                "type": "page",
                "status": "current",
                "title": page.title,
                **{name: value for name, value in self._told(page).items() if _EXPANDS[name] in expanded},
            }
            for page in self.pages.values()
            if page.space == self.spaces[key]
            and page.status == "current"
            and page.id not in self.unsearchable
        ]
        return self._listed(request, rows, v2=False)

    def _told(self, page: FakePage) -> dict[str, Any]:
        return {
            "restrictions": {"read": self._restrictions(page)},
            "metadata": {"labels": {"results": [{"name": one} for one in page.labels]}},
            "version": {"number": page.number},
            "ancestors": [{"id": one, "type": "page"} for one in self._pages_above(page)],
        }

    def _pages_above(self, page: FakePage) -> list[str]:
        chain: list[str] = []
        while page.parent and page.parent not in chain and page.parent in self.pages:
            chain.insert(0, page.parent)
            page = self.pages[page.parent]
        return chain

    async def _restriction(self, request: web.Request) -> web.Response:
        self._enter(request, {"expand", "start", "limit"})
        return web.json_response(self._restrictions(self._page(request)))

    def _restrictions(self, page: FakePage) -> dict[str, Any]:
        def named(rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
            return {"results": list(rows), "start": 0, "limit": 100, "size": len(rows)}

        return {
            "operation": "read",
            "restrictions": {
                "user": named([{"type": "known", "accountId": one} for one in page.readers]),
                "group": named([{"type": "group", "id": one} for one in page.groups]),
            },
        }

    def _page(self, request: web.Request) -> FakePage:
        found = {**self.pages, **self.folders}.get(request.match_info["id"])
        if found is None:
            raise web.HTTPNotFound
        return found

    def requests_by_path(self) -> Counter[str]:
        """How often each path was asked for."""
        return Counter(path for _, path, _ in self.asked)


def _status(status: int, headers: Mapping[str, str]) -> web.HTTPException:
    kinds: dict[int, type[web.HTTPException]] = {
        401: web.HTTPUnauthorized,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
        429: web.HTTPTooManyRequests,
        500: web.HTTPInternalServerError,
        503: web.HTTPServiceUnavailable,
    }
    return kinds[status](headers=dict(headers), text=json.dumps({"status": status}))
