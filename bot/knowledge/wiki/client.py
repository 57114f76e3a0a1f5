"""Asks a system with an API of JSON politely: at a pace, again where it says so, and nobody else."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot.domain.errors import FirstlineError, SourceUnavailable
from bot.runtime.network.fetching import body_of
from bot.runtime.network.outgoing import open_session

LARGEST = 64_000_000  # bytes of one answer
SECONDS = 60.0  # that an answer may take
TRIES = 5
TRIES_OF_FAILURE = 3  # where the system fails at what is asked
LONGEST_WAIT = 60.0  # seconds; where more is asked for, the whole look waits
_LINK = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next"?')
_BUSY = (429, 503)

T = TypeVar("T")
Pause = Callable[[float], Awaitable[None]]
Authorize = Callable[[aiohttp.ClientSession, bool], Awaitable[str]]
"""Gives the value of the header `Authorization`; with True a new one, for the last was refused."""


class Refused(FirstlineError):
    """The system does not give this."""

    def __init__(self, status: int) -> None:
        """`status` is that of its answer."""
        super().__init__(f"The system answered with {status}.")
        self.status = status


class Failed(FirstlineError):
    """The system fails at this each time; others may be well."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer of an API: the document in it, and the address of what comes next in its header `Link`."""

    document: Mapping[str, Any]
    next: str = ""


class ApiClient:
    """Asks one system, under its address alone: neither a redirect nor a next page leads elsewhere."""

    def __init__(
        self,
        base: str,
        authorize: Authorize,
        per_second: float,
        *,
        pause: Pause = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base = base.rstrip("/")
        self._authorize = authorize
        self._gap = 1 / per_second
        self._pause = pause
        self._clock = clock
        self._next_at = 0.0
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """End its connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, address: str, parameters: Mapping[str, str] | None = None) -> Answer:
        """Get a document; raise `Refused`, `Failed`, or `SourceUnavailable` where nothing can be asked."""
        return await self._ask("GET", address, parameters, None)

    async def post(self, address: str, document: Mapping[str, Any]) -> Answer:
        """Ask with a document for one; it raises what `get` does."""
        return await self._ask("POST", address, None, document)

    async def _ask(
        self,
        method: str,
        address: str,
        parameters: Mapping[str, str] | None,
        document: Mapping[str, Any] | None,
    ) -> Answer:
        url = self._within(address)
        anew, failure, failed = False, "", 0
        for attempt in range(TRIES):
            await self._pace()
            try:
                status, headers, body = await self._once(method, url, parameters, document, anew=anew)
            except (aiohttp.ClientError, TimeoutError) as error:
                failure = type(error).__name__
                await self._pause(2.0**attempt)
                continue
            if status in _BUSY:
                failure = f"http_{status}"
                await self._wait(headers.get("Retry-After", ""), attempt)
            elif status == 401 and not anew:
                anew, failure = True, "unauthorized"
            elif status == 401:
                raise SourceUnavailable(code="unauthorized")
            elif status >= 500:
                failure, failed = f"http_{status}", failed + 1
                if failed == TRIES_OF_FAILURE:
                    raise Failed
                await self._pause(2.0**attempt)
            elif status != 200:
                raise Refused(status)
            else:
                return _answer(body, headers.get("Link", ""))
        raise SourceUnavailable(code=failure)

    async def _once(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str] | None,
        document: Mapping[str, Any] | None,
        *,
        anew: bool,
    ) -> tuple[int, Mapping[str, str], bytes]:
        if self._session is None:
            self._session = open_session(SECONDS, connect=10)
        headers = {"Accept": "application/json", "Authorization": await self._authorize(self._session, anew)}
        async with self._session.request(
            method, url, params=parameters, json=document, headers=headers, allow_redirects=False
        ) as answer:
            body = await body_of(answer, LARGEST)
            if len(body) > LARGEST:
                raise Refused(413)
            return answer.status, answer.headers, body

    def _within(self, address: str) -> str:
        url = urljoin(f"{self._base}/", address)
        ours, theirs = urlsplit(self._base), urlsplit(url)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise SourceUnavailable(
                "A source of articles names a next page that lies elsewhere; it is not followed.",
                code="foreign_address",
            )
        return url

    async def _pace(self) -> None:
        now = self._clock()
        at = max(self._next_at, now)
        self._next_at = at + self._gap
        if at > now:
            await self._pause(at - now)

    async def _wait(self, asked: str, attempt: int) -> None:
        seconds = retry_seconds(asked)
        if seconds is None:
            seconds = 2.0**attempt
        if seconds > LONGEST_WAIT:
            raise SourceUnavailable(code="busy", retry_after=seconds)
        await self._pause(seconds)


async def together(*waiting: Coroutine[Any, Any, T]) -> list[T]:
    """Wait for all of these at once; where one fails, end the others, and raise what it raised."""
    tasks = [asyncio.create_task(one) for one in waiting]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            if task.done():
                task.result()
        return [task.result() for task in tasks]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def failures_as_unavailable() -> Iterator[None]:
    """Say that nothing can be read where something is refused without which nothing is known."""
    try:
        yield
    except Refused as error:
        raise SourceUnavailable(code=f"http_{error.status}") from error
    except Failed as error:
        raise SourceUnavailable(code="failed") from error


def retry_seconds(written: str) -> float | None:
    """How long a header `Retry-After` asks to wait; None where it says nothing."""
    if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", written.strip()):
        return float(written)
    try:
        at = parsedate_to_datetime(written)
    except (ValueError, TypeError):
        return None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _answer(body: bytes, link: str) -> Answer:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise SourceUnavailable(
            "A source of articles answers with something else than its API does; see that its address is "
            "right, and that no sign-in stands before it.",
            code="no_json",
        )
    found = _LINK.search(link)
    return Answer(document, found[1] if found else "")
