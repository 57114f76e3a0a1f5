"""Calls Zendesk's interface, and turns what it refuses into our errors."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.backends.zendesk.settings import Settings
from bot.domain.errors import DeliveryFailed
from bot.runtime.network.fetching import body_of
from bot.runtime.network.outgoing import open_session

TIMEOUT = 10.0  # seconds for one request
LONGEST_WAIT = 3600.0  # seconds
LARGEST_ANSWER = 8 * 1024**2  # bytes
PAGE = 100  # entries on a page, the most that Zendesk gives
MOST_PAGES = 1000  # of one list: Zendesk keeps fewer comments in a ticket

Json = dict[str, Any]


class ZendeskClient:
    """Client of one account with an agent's API token; redirects are followed for files alone."""

    def __init__(self, settings: Settings) -> None:
        self.url = settings.zendesk_url.rstrip("/")
        token = settings.zendesk_token.get_secret_value()
        login = base64.b64encode(f"{settings.zendesk_email}/token:{token}".encode()).decode()
        self._login = {"Authorization": f"Basic {login}"}
        self._session: aiohttp.ClientSession | None = None
        self.trouble: str | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """Read one document."""
        return await self._call("GET", path, params=params)

    async def put(self, path: str, body: Json | None = None) -> Json:
        """Change something."""
        return await self._call("PUT", path, body)

    async def post(self, path: str, body: Json, key: str) -> Json:
        """Create something; the same key creates it once."""
        return await self._call("POST", path, body, headers={"Idempotency-Key": key})

    async def upload(self, name: str, media_type: str, content: bytes) -> str:
        """Upload a file; return the token by which a comment takes it."""
        kind = {"Content-Type": media_type or "application/binary"}
        named = {"filename": name}
        made = await self._call("POST", "/api/v2/uploads", headers=kind, params=named, raw=content)
        return str(made["upload"]["token"])

    async def all_of(self, path: str, name: str) -> list[Json]:
        """Read all entries of a list, page by page."""
        found: list[Json] = []
        params = {"page[size]": str(PAGE)}
        for _ in range(MOST_PAGES):
            page = await self.get(path, params)
            found += page[name]
            if not page.get("meta", {}).get("has_more"):
                return found
            params = {"page[size]": str(PAGE), "page[after]": str(page["meta"]["after_cursor"])}
        raise DeliveryFailed("list_without_end")  # half a history would be taken for the whole

    async def download(self, url: str, most: int) -> bytes:
        """Read a file; our token goes to our own account's address alone."""
        ours = urlsplit(url)[:2] == urlsplit(self.url)[:2]
        if not ours and not url.startswith("https://"):
            raise DeliveryFailed("file_address_unsafe", permanent=True)
        try:
            async with self._open().get(
                url, headers=self._login if ours else {}, max_redirects=3
            ) as response:
                self._raise_for(response)
                return await _read(response, most, "file_too_large")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable(error) from error

    async def _call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Json:
        try:
            async with self._open().request(
                method,
                self.url + path,
                json=body,
                data=raw,
                params=params,
                headers={**self._login, **(headers or {})},
                allow_redirects=False,
            ) as response:
                self._raise_for(response, await _told(response))
                data = await _read(response, LARGEST_ANSWER, "answer_too_large")
                parsed: Any = _parsed(data)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable(error) from error
        self.trouble = None
        if not isinstance(parsed, dict):
            raise DeliveryFailed("answer_not_understood")
        return parsed

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = open_session(TIMEOUT)
        return self._session

    def _unreachable(self, error: BaseException) -> DeliveryFailed:
        self.trouble = f"Zendesk is not reached: {type(error).__name__}."
        return DeliveryFailed(f"unreachable_{type(error).__name__}")

    def _raise_for(self, response: aiohttp.ClientResponse, told: str = "") -> None:
        failed = _failure(response.status, response.headers.get("Retry-After", ""), told)
        if failed is None:
            return
        if not failed.permanent and response.status != 409:
            self.trouble = f"Zendesk answers with an error: {failed.code}."
        raise failed


def _failure(status: int, wait: str, told: str) -> DeliveryFailed | None:
    if status < 300:
        return None
    if status == 404:
        return DeliveryFailed("gone_there", permanent=True)
    if status == 409:
        return DeliveryFailed("changed_meanwhile")
    if status == 422:
        return DeliveryFailed("final_there" if "closed" in told.lower() else "http_422", permanent=True)
    if status in (400, 413):
        return DeliveryFailed(f"http_{status}", permanent=True)
    limited = status in (429, 503) and wait.isascii() and wait.isdigit()
    # A wrong token or right can be mended by the operator: everything waits for it.
    return DeliveryFailed(f"http_{status}", retry_after=min(float(wait), LONGEST_WAIT) if limited else None)


async def _told(response: aiohttp.ClientResponse) -> str:
    if response.status != 422:
        return ""
    return (await _read(response, LARGEST_ANSWER, "answer_too_large")).decode(errors="replace")


async def _read(response: aiohttp.ClientResponse, most: int, code: str) -> bytes:
    data = await body_of(response, most)
    if len(data) > most:
        raise DeliveryFailed(code, permanent=True)
    return data


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data) if data.strip() else {}
    except (ValueError, RecursionError):
        return None
