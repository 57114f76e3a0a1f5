"""Serves files that were passed on: under a signed address, or to whoever is signed in."""

from urllib.parse import quote

from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.access.auth import Authenticator
from bot.channels.web.view import PICTURES, View
from bot.desk.ports.channels import File, Host


class Files:
    """Hands files out; who has no right to one learns no more than that it is not there."""

    def __init__(self, host: Host, authenticator: Authenticator, view: View) -> None:
        self._host = host
        self._authenticator = authenticator
        self._view = view

    async def signed(self, request: web.Request) -> web.Response:
        """A file under its signed address, which stands in one conversation alone."""
        file = await self._host.run(self._host.open_file, request.match_info["token"])
        return self._answer(request, file)

    async def own(self, request: web.Request) -> web.Response:
        """A file for an engineer, or for the employee whose ticket it belongs to."""
        visitor = await self._authenticator.admit(request, request.query)
        number = request.match_info["file"]
        file_id = int(number) if number.isdecimal() and len(number) < 18 else 0
        reader = visitor.asker.identity
        file = await self._host.run(self._host.file_for, file_id, reader, visitor.engineer is not None)
        return self._answer(request, file)

    def _answer(self, request: web.Request, file: File | None) -> web.Response:
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
        return web.Response(body=file.content, content_type=kind, headers=headers)
