"""Reads the body of a request: JSON, or a form with files."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import BodyPartReader, web

from bot.channels.web.access.accounts import Participant
from bot.channels.web.access.limits import Limits
from bot.channels.web.access.refusal import Refusal
from bot.domain.conversations.messages import Attachment

LARGEST = 512 * 1024  # 40,000 characters fit, however JSON writes them
LARGEST_FORM = 25 * 1024**2  # bytes of all files of one message, or as large as one file may be
FORMS_IN_MEMORY = 3  # of the largest; all uploads together hold no more
MOST_FILES = 10
CHUNK = 64 * 1024

Body = Mapping[str, Any]
FORM = "multipart/form-data"


class UploadMemory:
    """Memory that all uploads share."""

    def __init__(self, most: int) -> None:
        self._left = most

    def take(self, size: int) -> bool:
        """Take so many bytes; False where there are not as many left."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def give_back(self, size: int) -> None:
        """Give back what was taken."""
        self._left += size


class _Form:
    """What one form has brought so far."""

    def __init__(self, memory: UploadMemory, most: int) -> None:
        self._memory = memory
        self._most = most
        self.size = 0

    def grow(self, size: int) -> bool:
        """Count what has come; False where there is no memory for it, `Refusal` where it is too much."""
        if self.size + size > self._most:
            raise Refusal(413, "web.error.files")
        if not self._memory.take(size):
            return False
        self.size += size
        return True


class BodyReader:
    """Reads bodies; files only as many at a time as fit into the memory that is meant for them."""

    def __init__(self, limits: Limits, largest_file: int) -> None:
        self._limits = limits
        self._largest_file = largest_file
        self._largest_form = max(LARGEST_FORM, largest_file) + LARGEST
        self._memory = UploadMemory(FORMS_IN_MEMORY * self._largest_form)

    @asynccontextmanager
    async def reading(
        self, request: web.Request, sender: Participant
    ) -> AsyncIterator[tuple[Body, tuple[Attachment, ...]]]:
        """The fields and the files of a POST, in memory as long as the block lasts; raise `Refusal`."""
        if request.content_type != FORM:
            yield await read_object(request), ()
            return
        if (request.content_length or 0) > self._largest_form:
            raise Refusal(413, "web.error.files")
        form = _Form(self._memory, self._largest_form)
        with self._limits.upload(sender):
            try:
                yield await self._form(request, form, sender)
            finally:
                self._memory.give_back(form.size)

    async def _form(
        self, request: web.Request, form: _Form, sender: Participant
    ) -> tuple[Body, tuple[Attachment, ...]]:
        """A form's `body` is the same JSON; each `file` is one file."""
        body: Body | None = None
        files: list[Attachment] = []
        try:
            reader = await request.multipart()
            while (part := await reader.next()) is not None:
                if not isinstance(part, BodyPartReader):
                    raise Refusal(400, "web.error.request")
                if part.name == "body":
                    body = _object(await self._content(part, LARGEST, "web.error.large", form, sender))
                elif part.name == "file" and len(files) < MOST_FILES:
                    content = await self._content(part, self._largest_file, "web.error.file", form, sender)
                    kind = part.headers.get("Content-Type", "")
                    files.append(Attachment(part.filename or "file", kind, len(content), content=content))
                else:
                    raise Refusal(400, "web.error.request")
        except ValueError:
            raise Refusal(400, "web.error.request") from None
        if body is None:
            raise Refusal(400, "web.error.request")
        return body, tuple(files)

    async def _content(
        self, part: BodyPartReader, most: int, too_large: str, form: _Form, sender: Participant
    ) -> bytes:
        content = bytearray()
        while chunk := await part.read_chunk(CHUNK):
            if len(content) + len(chunk) > most:
                raise Refusal(413, too_large)
            if not form.grow(len(chunk)):
                raise self._limits.no_room(sender)
            content += chunk
        return bytes(content)


async def read_object(request: web.Request) -> Body:
    """The fields of a POST without files; raise `Refusal`."""
    if request.content_type != "application/json":
        raise Refusal(415, "web.error.request")
    raw = bytearray()
    async for chunk in request.content.iter_chunked(CHUNK):
        raw += chunk
        if len(raw) > LARGEST:
            raise Refusal(413, "web.error.large")
    return _object(bytes(raw))


def text_of(body: Body, name: str) -> str:
    """A field that must be a text, "" where it is not there; raise `Refusal`."""
    value = body.get(name, "")
    if not isinstance(value, str):
        raise Refusal(400, "web.error.request")
    return value


def _object(raw: bytes) -> Body:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refusal(400, "web.error.request") from None
    if not isinstance(body, dict):
        raise Refusal(400, "web.error.request")
    return body
