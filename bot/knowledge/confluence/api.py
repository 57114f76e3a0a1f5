"""Asks Confluence Cloud: spaces, pages, who may read them, and who they belong to."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import aiohttp

from bot.domain.errors import SourceUnavailable
from bot.knowledge.confluence import Settings
from bot.knowledge.wiki.client import ApiClient, Failed, Pause, Refused
from bot.knowledge.wiki.documents import entries, text_at
from bot.knowledge.wiki.settings import names_of

MOST = 250  # entries of a request; the system gives what it wants to give
MOST_FOUND = "100"  # of a search in which much is told of each
READ_BY = "restrictions.read.restrictions"
MOST_PAGES = 100_000  # requests for one list, so that a list which never ends does
Document = Mapping[str, Any]


class ConfluenceApi:
    """Confluence Cloud as one account sees it, by the interfaces v2, and v1 where v2 tells less."""

    def __init__(self, settings: Settings, pause: Pause = asyncio.sleep) -> None:
        login = f"{settings.email}:{settings.token.get_secret_value()}"
        header = f"Basic {b64encode(login.encode()).decode()}"

        async def authorize(_session: aiohttp.ClientSession, anew: bool) -> str:
            if anew:  # a token is what it is
                raise SourceUnavailable(code="unauthorized")
            return header

        self.site = settings.url.rstrip("/")
        self._client = ApiClient(self.site, authorize, settings.requests, pause=pause)
        self._keys = names_of(settings.spaces)

    async def close(self) -> None:
        """End its connections."""
        await self._client.close()

    async def account(self) -> str:
        """The name of our account. Raises where we are nobody: a wrong token may be let in as anybody.

        To believe the empty lists that nobody gets would take all articles away.
        """
        answer = await self._lasting("/wiki/rest/api/user/current")
        if text_at(answer, "type") != "known":
            raise SourceUnavailable(code="unauthorized")
        return text_at(answer, "displayName") or text_at(answer, "accountId")

    async def spaces(self) -> dict[str, str]:
        """The ids of the named spaces that are there for us, by their keys as they were written."""
        parameters = {"keys": ",".join(self._keys), "status": "current", "limit": str(MOST)}
        found = {
            text_at(one, "key").casefold(): text_at(one, "id")
            async for one in self._all("/wiki/api/v2/spaces", parameters)
        }
        return {key: found[key.casefold()] for key in self._keys if found.get(key.casefold())}

    @property
    def keys(self) -> Sequence[str]:
        """The keys of the spaces that are named."""
        return self._keys

    def pages(self, space: str, *, newest: bool = False) -> AsyncIterator[Document]:
        """The pages of a space by its id, without their texts."""
        parameters = {"space-id": space, "status": "current", "limit": "25" if newest else str(MOST)}
        return self._all("/wiki/api/v2/pages", {**parameters, "sort": "-modified-date" if newest else "id"})

    def found(self, key: str) -> AsyncIterator[Document]:
        """The pages of a space by its key, with labels, who may read each, and the pages above it."""
        expand = f"{READ_BY}.user,{READ_BY}.group,metadata.labels,version,ancestors"
        parameters = {"cql": f'space = "{key}" and type = page', "expand": expand, "limit": MOST_FOUND}
        return self._all("/wiki/rest/api/content/search", parameters)

    def these(self, ids: Sequence[str], *, texts: bool = False) -> AsyncIterator[Document]:
        """These pages, at most `MOST`; those that are gone are missing. Raises `Failed`."""
        parameters = {"id": ",".join(ids), "status": "current", "limit": str(len(ids))}
        text = {"body-format": "storage"} if texts else {}
        return self._all("/wiki/api/v2/pages", {**parameters, **text})

    async def labels(self, page: str) -> tuple[str, ...]:
        """The labels of a page."""
        parameters = {"limit": str(MOST)}
        path = f"/wiki/api/v2/pages/{page}/labels"
        return tuple(sorted([text_at(one, "name") async for one in self._all(path, parameters)]))

    async def above(self, page: str) -> tuple[str, ...] | None:
        """The ids of everything above a page; None where that is not told."""
        path = f"/wiki/api/v2/pages/{page}/ancestors"
        try:
            return tuple([text_at(one, "id") async for one in self._all(path, {"limit": str(MOST)})])
        except (Refused, Failed):
            return None

    async def restricted(self, content: str) -> bool | None:
        """Whether a page or folder is for some alone; None where that is not told."""
        path = f"/wiki/rest/api/content/{content}/restriction/byOperation/read"
        try:
            answer = await self._client.get(path, {"expand": "restrictions.user,restrictions.group"})
        except (Refused, Failed):
            return None
        return is_restricted(answer.document)

    async def people(self, accounts: Sequence[str]) -> dict[str, tuple[str, str]]:
        """The names and mail addresses of accounts, as far as they let us see them."""
        answer = await self._client.post("/wiki/api/v2/users-bulk", {"accountIds": list(accounts)})
        return {
            text_at(one, "accountId"): (text_at(one, "displayName"), text_at(one, "email"))
            for one in entries(answer.document, "results")
        }

    async def readers(self, space: str) -> list[tuple[str, str]]:
        """Who may read a space, by its id: kinds, such as `group`, and ids."""
        path = f"/wiki/api/v2/spaces/{space}/permissions"
        found = [one async for one in self._all(path, {"limit": str(MOST)})]
        return [
            (text_at(one, "principal", "type"), text_at(one, "principal", "id"))
            for one in found
            if (text_at(one, "operation", "key"), text_at(one, "operation", "targetType"))
            == ("read", "space")
        ]

    async def _all(self, path: str, parameters: Mapping[str, str]) -> AsyncIterator[Document]:
        address, given = path, dict(parameters)
        for _ in range(MOST_PAGES):
            answer = await self._client.get(address, given)
            for one in entries(answer.document, "results"):
                yield one
            address = answer.next or text_at(answer.document, "_links", "next")
            if not address:
                return
            if address.startswith("/") and not address.startswith("/wiki/"):
                address = f"/wiki{address}"  # v1 names it from where the wiki begins
            given = {}

    async def _lasting(self, path: str) -> Document:
        try:
            return (await self._client.get(path)).document
        except (Refused, Failed) as error:
            code = f"http_{error.status}" if isinstance(error, Refused) else "failed"
            raise SourceUnavailable(code=code) from error


def is_restricted(restriction: Document | None) -> bool | None:
    """Whether a restriction lets only some read; None where it does not say so."""
    told = [entries_of(restriction, kind) for kind in ("user", "group")]
    if any(told):
        return True
    return None if None in told else False


def entries_of(restriction: Document | None, kind: str) -> int | None:
    """How many users or groups a restriction names; None where it does not tell them."""
    held = (restriction or {}).get("restrictions")
    named = held.get(kind) if isinstance(held, Mapping) else None
    if not isinstance(named, Mapping) or not isinstance(named.get("results"), list):
        return None
    return max(len(named["results"]), named["size"] if isinstance(named.get("size"), int) else 0)
