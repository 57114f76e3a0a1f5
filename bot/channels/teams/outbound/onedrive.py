"""Uploads files into a reader's OneDrive, once they have agreed."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from io import BytesIO
from typing import Any

import aiohttp
import jwt

from bot.channels.teams.directory import CHANNEL, is_microsoft_url
from bot.channels.teams.inbound.activities import Activity
from bot.desk.ports.button_actions import ACCEPT, DECLINE, OFFER
from bot.desk.ports.channels import Host
from bot.domain.conversations.messages import Click
from bot.domain.errors import DeliveryFailed
from bot.domain.secrets.masking import clean

INVOKE = "fileConsent/invoke"
# A whole number of the 320 KiB that an upload session counts in.
CHUNK = 16 * 320 * 1024
LARGEST_ANSWER = 100_000
_ALGORITHM = "HS256"
_LONGEST = 4_000  # characters of an address or a name; a cut one leads nowhere


@dataclass(frozen=True, slots=True)
class UploadLocation:
    """Where Teams lets us put a file, and what the file is called there.

    `upload_url` carries its own permission and is forgotten as soon as everything is there. `ending` says
    that the last part was on its way: what became of it may not be known.
    """

    upload_url: str
    content_url: str
    name: str
    unique_id: str
    file_type: str
    ending: bool = False

    @property
    def filled(self) -> bool:
        """Whether the file is there."""
        return not self.upload_url


class OneDriveUploads:
    """Reads the answers to our offers, remembers where the files go, and uploads them."""

    def __init__(
        self, session: Callable[[], aiohttp.ClientSession], host: Host, prefix: str, *, local: bool
    ) -> None:
        self._session = session
        self._host = host
        self._prefix = prefix
        self._local = local

    # --- the offer and its answer -------------------------------------------------------------------------

    async def token(self, post_id: int, space: str) -> str:
        """The token of an offer; only we can make it, and it counts in this chat alone."""
        return jwt.encode({"post": post_id, "in": space}, await self._secret(), algorithm=_ALGORITHM)

    async def answer(self, activity: Activity) -> Click | None:
        """The answer to an offer of ours; with it comes the location, which is kept first."""
        value = activity.value if isinstance(activity.value, Mapping) else {}
        action, context = value.get("action"), value.get("context")
        token = context.get("token") if isinstance(context, Mapping) else None
        post_id = await self._post_id(token, activity.space)
        if post_id is None or action not in (ACCEPT, DECLINE):
            return None
        if action == ACCEPT:
            location = self._read(value.get("uploadInfo"))
            if location is not None:  # without one the reader gets the link
                await self._host.run(self._host.memory.once, CHANNEL, self._key(post_id), _dump(location))
        return Click(OFFER, str(post_id), action)

    async def _post_id(self, token: object, space: str) -> int | None:
        if not isinstance(token, str):
            return None
        try:
            claims = jwt.decode(token, await self._secret(), algorithms=[_ALGORITHM])
        except (jwt.InvalidTokenError, ValueError):  # a lone surrogate is no token either
            return None
        post_id = claims.get("post")
        return post_id if isinstance(post_id, int) and claims.get("in") == space else None

    def _read(self, info: object) -> UploadLocation | None:
        if not isinstance(info, Mapping):
            return None

        def text(key: str) -> str:
            value = info.get(key)
            return clean(value)[:_LONGEST] if isinstance(value, str) else ""

        location = UploadLocation(
            upload_url=text("uploadUrl"),
            content_url=text("contentUrl"),
            name=text("name"),
            unique_id=text("uniqueId"),
            file_type=text("fileType"),
        )
        known = all(
            is_microsoft_url(url, local=self._local) for url in (location.upload_url, location.content_url)
        )
        return location if known and location.unique_id else None

    # --- the locations ------------------------------------------------------------------------------------

    async def location(self, post_id: int) -> UploadLocation | None:
        """Where the file of this post goes, or is; None where nobody agreed."""
        kept = await self._host.run(self._host.memory.recall, CHANNEL, self._key(post_id))
        return _load(kept) if kept else None

    async def forget(self, post_id: int) -> None:
        """Forget where the file of this post goes."""
        await self._host.run(self._host.memory.remember, CHANNEL, self._key(post_id), "")

    async def _keep(self, post_id: int, location: UploadLocation) -> UploadLocation:
        await self._host.run(self._host.memory.remember, CHANNEL, self._key(post_id), _dump(location))
        return location

    async def _secret(self) -> str:
        # Not the one of Teams: a token of ours must never pass for a token of theirs.
        made: str = await self._host.run(self._made_secret)
        return made

    def _made_secret(self) -> str:
        key = f"{self._prefix}offers"
        memory = self._host.memory
        return memory.recall(CHANNEL, key) or memory.once(CHANNEL, key, secrets.token_urlsafe(32))

    def _key(self, post_id: int) -> str:
        return f"{self._prefix}offer:{post_id}"

    # --- the sending --------------------------------------------------------------------------------------

    async def fill(
        self, post_id: int, location: UploadLocation, content: bytes, *, again: bool
    ) -> UploadLocation:
        """Upload the content; `again` goes on where an earlier attempt stopped. Raise `DeliveryFailed`.

        No credentials go along: the address has its own. A session that is over after its last part was sent
        has taken it: the answer was lost.
        """
        if location.filled:
            return location
        try:
            start = await self._reached(location, len(content)) if again else 0
            while start < len(content):
                part = content[start : start + CHUNK]
                if start + len(part) == len(content):
                    location = await self._keep(post_id, replace(location, ending=True))
                await self._put(location.upload_url, start, part, len(content))
                start += len(part)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DeliveryFailed(f"network_{type(error).__name__}") from error
        return await self._keep(post_id, replace(location, upload_url=""))

    async def _put(self, url: str, start: int, part: bytes, total: int) -> None:
        headers = {
            "Content-Range": f"bytes {start}-{start + len(part) - 1}/{total}",
            "Content-Type": "application/octet-stream",
        }
        body = BytesIO(part)  # what is read piece by piece does not block the loop
        async with self._session().put(url, data=body, headers=headers, allow_redirects=False) as response:
            if response.status not in (200, 201, 202):
                raise _failure(response.status)

    async def _reached(self, location: UploadLocation, total: int) -> int:
        """How many bytes are there already."""
        async with self._session().get(location.upload_url, allow_redirects=False) as response:
            if response.status in (404, 410) and location.ending:
                return total
            if response.status != 200:
                raise _failure(response.status)
            answer = await response.content.read(LARGEST_ANSWER)
        try:
            missing = str(json.loads(answer)["nextExpectedRanges"][0])
            return min(int(missing.partition("-")[0]), total)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise DeliveryFailed("upload_unreadable") from error


def _failure(status: int) -> DeliveryFailed:
    passing = status >= 500 and status != 507  # 507: the reader's OneDrive is full
    return DeliveryFailed(f"upload_{status}", permanent=not passing and status not in (408, 429))


def _dump(location: UploadLocation) -> str:
    return json.dumps(asdict(location))


def _load(kept: str) -> UploadLocation:
    known: dict[str, Any] = json.loads(kept)
    return UploadLocation(**{field.name: known[field.name] for field in fields(UploadLocation)})
