"""Reads the body of a request: JSON, or a form with files."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import BodyPartReader, web

from bot.channels.web.access.auth import Refusal
from bot.domain.conversations.messages import Attachment

LARGEST = 512 * 1024  # 40,000 characters fit, however JSON writes them
MOST_FILES = 10
CHUNK = 64 * 1024

Body = Mapping[str, Any]


async def read(request: web.Request, largest_file: int) -> tuple[Body, tuple[Attachment, ...]]:
    """The fields and the files of a POST; raise `Refusal`."""
    if request.content_type == "multipart/form-data":
        return await _form(request, largest_file)
    if request.content_type != "application/json":
        raise Refusal(415, "web.error.request")
    raw = bytearray()
    async for chunk in request.content.iter_chunked(CHUNK):
        raw += chunk
        if len(raw) > LARGEST:
            raise Refusal(413, "web.error.large")
    return _object(bytes(raw)), ()


async def _form(request: web.Request, largest_file: int) -> tuple[Body, tuple[Attachment, ...]]:
    """A form's `body` is the same JSON; each `file` is one file."""
    body: Body | None = None
    files: list[Attachment] = []
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise Refusal(400, "web.error.request")
            if part.name == "body":
                body = _object(await _content(part, LARGEST, "web.error.large"))
            elif part.name == "file" and len(files) < MOST_FILES:
                content = await _content(part, largest_file, "web.error.file")
                kind = part.headers.get("Content-Type", "")
                files.append(Attachment(part.filename or "file", kind, len(content), content=content))
            else:
                raise Refusal(400, "web.error.request")
    except ValueError:
        raise Refusal(400, "web.error.request") from None
    if body is None:
        raise Refusal(400, "web.error.request")
    return body, tuple(files)


async def _content(part: BodyPartReader, most: int, too_large: str) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        content += chunk
        if len(content) > most:
            raise Refusal(413, too_large)
    return bytes(content)


def _object(raw: bytes) -> Body:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refusal(400, "web.error.request") from None
    if not isinstance(body, dict):
        raise Refusal(400, "web.error.request")
    return body
