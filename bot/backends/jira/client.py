"""Calls Jira's interface: one account, its limits, and what its answers mean for us."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, cast

import aiohttp

from bot.desk.ports.backends import OutgoingFile
from bot.domain.errors import DeliveryFailed
from bot.runtime.network.fetching import body_of
from bot.runtime.network.outgoing import open_session

TIMEOUT = 20.0  # seconds for one request
LARGEST_ANSWER = 16 * 1024 * 1024  # bytes
LONGEST_WAIT = 3600.0  # seconds
PAGE = 50  # entries; no page of Jira's is smaller than what is asked for below it
_PERMANENT = (400, 413, 415, 422)
_OF_ONE_TICKET = (400, 404, 409, 413, 415, 422)  # they say nothing about the account
_READ = "GET"


class Refused(DeliveryFailed):
    """Jira answered and did not do it; `status` is of HTTP."""

    def __init__(self, status: int, code: str, *, retry_after: float | None = None) -> None:
        super().__init__(code, retry_after=retry_after, permanent=status in _PERMANENT)
        self.status = status


class Unclear(DeliveryFailed):
    """Jira may have done it or not; it never says when to try again, for then it would count as not done."""


class Client:
    """Client of one site of Jira, as one account; every failure is a `DeliveryFailed`."""

    def __init__(self, url: str, email: str, token: str, *, seconds: float = TIMEOUT) -> None:
        self.url = url.rstrip("/")
        self._login = "Basic " + b64encode(f"{email}:{token}".encode()).decode()
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None
        self._account = ""
        self.trouble: str | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def account(self) -> str:
        """The id of our own account."""
        if not self._account:
            self._account = str((await self.get("/rest/api/3/myself"))["accountId"])
        return self._account

    async def get(self, path: str, **params: str | int) -> Any:
        """Read something."""
        return await self._call(_READ, path, params=params)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Create or do something."""
        return await self._call("POST", path, json=body)

    async def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something."""
        return await self._call("PUT", path, json=body)

    async def delete(self, path: str) -> None:
        """Delete something; what is gone already is no error."""
        try:
            await self._call("DELETE", path)
        except Refused as refused:
            if refused.status != 404:
                raise

    async def pages(self, path: str, **params: str | int) -> AsyncIterator[dict[str, Any]]:
        """Every entry of a list of the service desk, page by page."""
        start = 0
        while True:
            page = await self.get(path, start=start, limit=PAGE, **params)
            entries = page.get("values") or ()
            for entry in entries:
                yield entry
            if page.get("isLastPage", True) or not entries:
                return
            start += len(entries)

    async def comments(self, issue: str) -> list[dict[str, Any]]:
        """Every comment of an issue, the oldest first."""
        found: list[dict[str, Any]] = []
        while True:
            page = await self.get(
                f"/rest/api/3/issue/{issue}/comment",
                startAt=len(found),
                maxResults=PAGE,
                orderBy="created",
            )
            entries = page.get("comments") or []
            found += entries
            if not entries or len(found) >= int(page.get("total") or 0):
                return found

    async def upload(self, service_desk: str, files: Sequence[OutgoingFile]) -> list[str]:
        """Bring files there for a while; return their temporary ids."""
        form = aiohttp.FormData(quote_fields=False)  # Jira shows a name as it comes
        for file in files:
            name = "".join(sign for sign in file.name if sign.isprintable()) or "file"
            form.add_field("file", file.content, filename=name, content_type=file.media_type)
        path = f"/rest/servicedeskapi/servicedesk/{service_desk}/attachTemporaryFile"
        # Without this header Jira takes a form for a forged one.
        answer = await self._call("POST", path, data=form, headers={"X-Atlassian-Token": "no-check"})
        return [str(entry["temporaryAttachmentId"]) for entry in answer.get("temporaryAttachments") or ()]

    async def download(self, attachment: str, most: int) -> bytes:
        """The content of an attachment, at most so many bytes."""
        path = f"/rest/api/3/attachment/content/{attachment}"
        # Without a redirect our password goes to no other host.
        return cast("bytes", await self._call(_READ, path, params={"redirect": "false"}, most=most))

    async def _call(self, method: str, path: str, *, most: int = 0, **request: Any) -> Any:
        # Jira lists a service desk's customers only for who knows that this may change.
        headers = {"Accept": "*/*" if most else "application/json", "X-ExperimentalApi": "opt-in"}
        request["headers"] = {**headers, "Authorization": self._login, **request.get("headers", {})}
        try:
            async with self._open().request(
                method, self.url + path, allow_redirects=False, **request
            ) as response:
                body = await _read(response, most or LARGEST_ANSWER)
                failed = _failure(response, method)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            code = f"unreachable_{type(error).__name__}"
            failed = DeliveryFailed(code) if method == _READ else Unclear(code)
        if failed is not None:
            if not isinstance(failed, Refused) or failed.status not in _OF_ONE_TICKET:
                self.trouble = f"Jira answers with an error: {failed.code}."
            raise failed
        self.trouble = None
        return body if most else _parse(body)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = open_session(self._seconds)
        return self._session


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    body = await body_of(response, most)
    if len(body) > most:
        raise Refused(413, "too_large")
    return body


def _parse(body: bytes) -> Any:
    if not body:
        return {}
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise DeliveryFailed("no_json") from None


def _failure(response: aiohttp.ClientResponse, method: str) -> DeliveryFailed | None:
    status = response.status
    # Jira answers a wrong token on some paths as it answers somebody who is not signed in.
    if "AUTHENTICATED_FAILED" in response.headers.get("X-Seraph-LoginReason", ""):
        status = 401
    if status < 300:
        return None
    told = response.headers.get("Retry-After", "")
    known = status in (429, 503) and told.isascii() and told.isdigit() and len(told) < 6
    wait = min(float(told), LONGEST_WAIT) if known else None
    code = f"http_{status}"
    if status == 429 and (reason := response.headers.get("RateLimit-Reason", "")):
        code = f"{code}_{reason[:40]}"
    if status >= 500 and wait is None and method != _READ:
        return Unclear(code)
    return Refused(status, code, retry_after=wait)
