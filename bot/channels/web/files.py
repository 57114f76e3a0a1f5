"""Serves files that were passed on, under a signed address or to who is signed in, and articles' pictures."""

import asyncio
import os
from contextlib import ExitStack
from typing import BinaryIO
from urllib.parse import quote

from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.access.auth import Authenticator
from bot.channels.web.access.limits import Limits
from bot.channels.web.view import PICTURES, View
from bot.desk.ports.channels import Host
from bot.desk.ports.page import File

DAY = 24 * 3600  # seconds that others may keep a picture which no article shows any more
PIECE = 64 * 1024  # bytes
SECONDS, SLOWEST = 30.0, 64 * 1024  # that a reader may take, and bytes a second beyond that


class Files:
    """Hands files out; who has no right to one learns no more than that it is not there."""

    def __init__(self, host: Host, authenticator: Authenticator, view: View, limits: Limits) -> None:
        self._host = host
        self._authenticator = authenticator
        self._view = view
        self._limits = limits

    async def signed(self, request: web.Request) -> web.StreamResponse:
        """A file under its signed address, which stands in one conversation alone."""
        self._limits.stranger(request)
        with self._limits.download(self._host.address(request)):
            file = await self._host.run(self._host.open_file, request.match_info["token"])
            return await self._answer(request, file)

    async def own(self, request: web.Request) -> web.StreamResponse:
        """A file for an engineer, or for the employee whose ticket it belongs to."""
        visitor = await self._authenticator.admit(request, request.query)
        self._limits.read(visitor.asker)
        number = request.match_info["file"]
        file_id = int(number) if number.isdecimal() and len(number) < 18 else 0
        reader = visitor.asker.identity
        with self._limits.download(visitor.asker.id):
            file = await self._host.run(self._host.file_for, file_id, reader, visitor.engineer is not None)
            return await self._answer(request, file)

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """An article's picture under its signed address; a platform fetches it for all its readers."""
        picture = await self._host.read(self._host.pictures.open, request.match_info["token"])
        if picture is None:
            self._limits.stranger(request)
            return responses.page(self._view.render(request, "no-file.html", {}), status=404)
        headers = {
            **responses.HEADERS,
            "Cache-Control": f"public, max-age={DAY}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Type": picture.media_type,
            # Teams in a browser shows it within a page of its own.
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        with self._limits.picture(request), ExitStack() as opened:
            try:
                file = opened.enter_context(await asyncio.to_thread(picture.file.open, "rb"))
            except OSError:  # somebody has emptied the cache: it is there again after the next edit or start
                return responses.page(self._view.render(request, "no-file.html", {}), status=404)
            response = web.StreamResponse(headers=headers)
            response.content_length = os.fstat(file.fileno()).st_size
            await _sent(request, response, response.content_length, file)
            return response

    async def _answer(self, request: web.Request, file: File | None) -> web.StreamResponse:
        if file is None or file.content is None:
            return responses.page(self._view.render(request, "no-file.html", {}), status=404)
        shown = file.media_type in PICTURES
        headers = {
            **responses.HEADERS,
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Disposition": (
                f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(file.name, safe='')}"
            ),
        }
        kind = file.media_type if shown else "application/octet-stream"
        response = web.Response(body=file.content, content_type=kind, headers=headers)
        await _sent(request, response, len(file.content))
        return response


async def _sent(
    request: web.Request, response: web.StreamResponse, size: int, file: BinaryIO | None = None
) -> None:
    """Send a response, piece by piece where it is a file's; whoever reads it too slowly is left."""
    try:
        async with asyncio.timeout(SECONDS + size / SLOWEST):
            await response.prepare(request)
            while file is not None and request.method == "GET" and (piece := file.read(PIECE)):
                await response.write(piece)
            await response.write_eof()
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
