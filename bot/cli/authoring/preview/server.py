"""Serves a preview on this machine, and tells its windows of each save: `firstline preview`."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from watchfiles import awatch

from bot import wording
from bot.channels.web import responses
from bot.channels.web.view import Assets, language_of
from bot.cli import terminal
from bot.cli.authoring.preview.files import PreviewFiles
from bot.cli.operate.listening import listening, url_of
from bot.domain.errors import SettingsInvalid
from bot.runtime.network.loopback import is_local, is_private
from bot.runtime.waiting import wait_for_event
from bot.server.authoring.preview.answers import Answers
from bot.server.authoring.preview.drawing import drawings
from bot.server.authoring.preview.pictures import PATH, PreviewPictures

FOLDER = Path(__file__).parent
HOST = "127.0.0.1"
HEARTBEAT = 15.0  # seconds
DEBOUNCE = 100  # milliseconds in which several writes of an editor are one save
ENDS_WITHIN = 1.0  # seconds, for streams that are open

log = structlog.get_logger()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PreviewServer:
    """Serves the page with the three columns, what is in it alone, and the stream of saves."""

    def __init__(self, files: PreviewFiles) -> None:
        self._files = files
        settings = files.settings
        self._wording = wording.load(settings.brand)
        self._language = settings.language
        self._answers = Answers(self._wording, settings.language, settings.public_url)
        self._pictures = PreviewPictures()
        self._fetched = not is_private(urlsplit(settings.public_url).hostname or "")
        self._templates = drawings(FOLDER / "templates", pictures=self._pictures)
        self._assets = Assets(FOLDER / "static", brand=settings.brand)
        self._windows: set[asyncio.Event] = set()
        self._closing = False

    def app(self) -> web.Application:
        """The application; what does not come from this machine is refused."""
        app = web.Application(middlewares=[_this_machine_alone])
        app.router.add_get("/", self._page("preview.html"))
        app.router.add_get("/shown", self._page("shown.html"))
        app.router.add_get("/events", self._events, allow_head=False)
        app.router.add_get("/web/static/{name}", self._static)
        app.router.add_get(PATH + "{name}", self._picture)
        app.cleanup_ctx.append(self._watching)
        app.on_shutdown.append(self._close)
        return app

    def _page(self, template: str) -> Handler:
        async def serve(request: web.Request) -> web.StreamResponse:
            language = language_of(request, self._wording, self._language)
            name = request.query.get("file", "")
            origin = str(request.url.origin())
            return responses.page(await asyncio.to_thread(self._render, template, language, name, origin))

        return serve

    def _render(self, template: str, language: str, wanted: str, origin: str) -> str:
        names = self._files.names()
        # A name is looked up among those that are there, so that it leads nowhere else.
        name = wanted if wanted in names else "" if wanted or not names else names[0]
        read = self._files.read(name) if name else None
        answers = self._answers.answers(read, origin) if read else ()
        pictures = read.article.pictures if read and read.article else ()
        self._pictures.show(pictures)

        def say(key: str, **values: object) -> str:
            return self._wording.say(language, key, **values)

        context: dict[str, Any] = {
            "names": names,
            "read": read,
            "answers": answers,
            "unfetched": pictures and not self._fetched,
            "language": language,
            "say": say,
            "wording": self._wording,
            **self._assets.of_brand,
            "asset": self._assets.url,
        }
        return self._templates.get_template(template).render(context)

    async def _static(self, request: web.Request) -> web.Response:
        found = self._assets.body(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=found[0], content_type=found[1], charset="utf-8", headers=responses.HEADERS)

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        picture = self._pictures.open(request.match_info["name"])
        if picture is None or not picture.file.is_file():
            raise web.HTTPNotFound
        headers = {**responses.HEADERS, "Content-Type": picture.media_type}
        return web.FileResponse(picture.file, headers=headers)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={**responses.HEADERS, "Content-Type": "text/event-stream"})
        saved = asyncio.Event()
        self._windows.add(saved)
        try:
            await response.prepare(request)
            await response.write(b": watching\n\n")
            while not self._closing:
                if await wait_for_event(saved, HEARTBEAT):
                    saved.clear()
                    await response.write(b"event: saved\ndata: 1\n\n")
                else:
                    await response.write(b": still here\n\n")
        except ConnectionError:
            log.debug("preview_window_gone")
        finally:
            self._windows.discard(saved)
        return response

    async def _watching(self, _: web.Application) -> Any:
        ending = asyncio.Event()
        task = asyncio.create_task(self._watch(ending), name="preview")
        yield
        ending.set()
        await task

    async def _watch(self, ending: asyncio.Event) -> None:
        try:
            async for _ in self._saves(ending):
                self._tell()
        except OSError as error:  # no more notices to be had from the system
            log.info("preview_without_notices", reason=error.strerror)
            async for _ in self._saves(ending, force_polling=True):
                self._tell()

    def _saves(self, ending: asyncio.Event, *, force_polling: bool = False) -> AsyncIterator[object]:
        return awatch(
            self._files.folder,
            debounce=DEBOUNCE,
            step=50,
            stop_event=ending,
            ignore_permission_denied=True,
            force_polling=force_polling,
        )

    def _tell(self) -> None:
        for saved in self._windows:
            saved.set()

    async def _close(self, _: web.Application) -> None:
        self._closing = True
        self._tell()


def run_preview(path: Path, port: int) -> None:
    """Serve until Ctrl+C; raise `NothingToPreview` or `SettingsInvalid` where that is impossible."""
    server = PreviewServer(PreviewFiles(path))
    try:
        with listening(HOST, port) as sockets:
            address = url_of(HOST, sockets[0].getsockname()[1])
            terminal.console(wraps=True).tell(f"Open {address}/ in a browser; stop with Ctrl+C.")
            sys.stdout.flush()
            web.run_app(
                server.app(),
                sock=sockets,
                print=lambda *_: None,
                access_log=None,
                shutdown_timeout=ENDS_WITHIN,
                handle_signals=True,
                loop=asyncio.new_event_loop(),
            )
    except SettingsInvalid as error:
        raise SettingsInvalid(str(error).replace("FIRSTLINE_PORT", "--port")) from error


@web.middleware
async def _this_machine_alone(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what comes through a proxy or under another name: a page of elsewhere may ask so."""
    if not is_local(request):
        return web.Response(
            status=403, text="This preview answers this machine alone.\n", headers=responses.HEADERS
        )
    return await handler(request)
