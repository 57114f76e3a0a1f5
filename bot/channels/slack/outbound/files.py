"""Fetches files with the bot's token, and posts files by upload."""

from collections.abc import Callable
from io import BytesIO
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.client import ERRORS, code_of, failed
from bot.channels.slack.directory import CHANNEL
from bot.channels.slack.text import cut, escaped, sendable
from bot.desk.ports.channels import Delivery, Host, Receipt
from bot.desk.ports.page import File
from bot.domain.errors import DeliveryFailed

_FILE = "F"  # Slack's ids of files begin with it, those of messages with a digit
_GONE = frozenset({"file_not_found", "file_deleted"})
SLACKS = (".slack.com", ".slack-edge.com")
CHUNK = 64 * 1024
ALT_TEXT = 1_000  # characters of what stands for a picture where it is not seen


def is_file(receipt: str) -> bool:
    """Whether a receipt is a file's."""
    return receipt.startswith(_FILE)


class Files:
    """Fetches, posts and deletes files."""

    def __init__(self, client: Callable[[], AsyncWebClient], host: Host) -> None:
        self._client = client
        self._host = host

    async def post(self, delivery: Delivery, file: File, channel: str) -> Receipt:
        """Upload into the conversation.

        Slack's answer to an upload names no message, and an upload carries no metadata. So the file's id is
        kept before it is shared: a repeat asks whether it was.
        """
        client, known = self._client(), await self.posted(delivery) if delivery.attempt > 1 else ""
        if known and await self._is_shared(known):
            return Receipt(known)
        file_id = known or await self._upload(delivery, file)
        await client.files_completeUploadExternal(
            files=[{"id": file_id, "title": file.name}],
            channel_id=channel,
            initial_comment=escaped(delivery.reply.summary),
            thread_ts=delivery.conversation.root or None,
        )
        return Receipt(file_id)

    async def posted(self, delivery: Delivery) -> str:
        """The file that was uploaded for this post; empty when there is none."""
        key = _key(delivery.revises if delivery.delete and delivery.revises else delivery.id)
        return str(await self._host.run(self._host.memory.recall, CHANNEL, key) or "")

    async def delete(self, file_id: str) -> None:
        """Delete a file of ours, and with it its message."""
        try:
            await self._client().files_delete(file=file_id)
        except ERRORS as error:
            if code_of(error) not in _GONE:
                raise

    async def fetch(self, file: File, most: int) -> bytes:
        """A file's content; raise `DeliveryFailed` where it is larger, gone, or not for us."""
        client = self._client()
        try:
            answer = await client.files_info(file=file.source)
            described = answer.get("file") or {}
            url = str(described.get("url_private_download") or described.get("url_private") or "")
            if not self._is_slacks(url):
                raise DeliveryFailed("file_not_at_slack", permanent=True)
            return await self._download(url, most)
        except ERRORS as error:
            code = code_of(error)
            if code in _GONE or code == "missing_scope":
                raise DeliveryFailed(code, permanent=True) from error
            raise failed(error) from error

    async def _upload(self, delivery: Delivery, file: File) -> str:
        content = file.content or b""
        # What a picture shows nobody told us; whose it is, and what it is called, says more than nothing.
        shown = {"alt_txt": cut(sendable(delivery.reply.summary), ALT_TEXT)} if _is_picture(file) else {}
        answer = await self._client().files_getUploadURLExternal(
            filename=file.name, length=len(content), **shown
        )
        url, file_id = str(answer["upload_url"]), str(answer["file_id"])
        if not self._is_slacks(url):
            raise DeliveryFailed("upload_not_at_slack")
        # What is read piece by piece does not block the loop.
        async with self._session().post(url, data=BytesIO(content)) as response:
            if response.status != 200:
                raise DeliveryFailed(f"upload_{response.status}")
        await self._host.run(self._host.memory.remember, CHANNEL, _key(delivery.id), file_id)
        return file_id

    async def _is_shared(self, file_id: str) -> bool:
        answer = await self._client().files_info(file=file_id)
        described = answer.get("file") or {}
        return any(described.get(place) for place in ("channels", "groups", "ims", "shares"))

    async def _download(self, url: str, most: int) -> bytes:
        headers = {"Authorization": f"Bearer {self._client().token}"}
        # Without the right to read it Slack leads to its sign-in page, which is no file.
        async with self._session().get(url, headers=headers, allow_redirects=False) as response:
            if response.status != 200:
                code = f"file_{response.status}"
                raise DeliveryFailed(code, permanent=response.status in (302, 401, 403, 404))
            body = bytearray()
            async for chunk in response.content.iter_chunked(CHUNK):
                body += chunk
                if len(body) > most:
                    raise DeliveryFailed("file_too_large", permanent=True)
            return bytes(body)

    def _session(self) -> aiohttp.ClientSession:
        session = self._client().session
        if session is None:
            raise DeliveryFailed("not_started")
        return session

    def _is_slacks(self, url: str) -> bool:
        """Whether our token may go there: to Slack over https, or to where the API itself is."""
        parts, own = urlsplit(url), urlsplit(self._client().base_url)
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return True
        return parts.scheme == "https" and f".{parts.hostname}".endswith(SLACKS)


def _is_picture(file: File) -> bool:
    return file.media_type.startswith("image/")


def _key(outbox_id: int) -> str:
    return f"upload:{outbox_id}"
