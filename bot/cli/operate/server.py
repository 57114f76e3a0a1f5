"""Runs the bot: `firstline demo` and `firstline serve`."""

import asyncio
import socket
import sys
from collections.abc import Sequence
from contextlib import closing

import structlog
from aiohttp import web
from rich.panel import Panel
from rich.text import Text

from bot.cli import terminal
from bot.cli.content.check import has_content, samples
from bot.cli.operate.listening import BACKLOG, allow_connections, listening, taken_meanwhile, url_of, urls_of
from bot.cli.operate.parts import mistakes_beside, read_parts
from bot.cli.operate.schema import make_ready
from bot.cli.operate.service_manager import tell_how_far
from bot.cli.reader import said
from bot.desk.knowledge.library import Library
from bot.domain.errors import ContentInvalid, SettingsInvalid
from bot.runtime.memory import making_what_stays, share_arenas
from bot.runtime.network.loopback import is_loopback
from bot.runtime.output.logging import configure
from bot.server import plugins
from bot.server.application import SHUTDOWN_SECONDS, Application
from bot.server.content import content_of, library_of
from bot.server.plugins import Kind
from bot.server.settings import Settings, cautions, complain, read_core, unknown
from bot.storage import Database, connect, migrate, reached_by_others, shown

log = structlog.get_logger()
IDLE_SECONDS = (
    75.0  # for a connection that says nothing, or whose headers do not end; longer than proxies' 60
)


def run_demo(host: str | None, port: int | None) -> None:
    """Run the demo: it migrates by itself, falls back to sample content, answers this machine only."""
    mistakes: list[str] = []
    settings = read_core(mistakes, host=host, port=port)
    mistakes += mistakes_beside(settings)
    channels = plugins.configured(Kind.CHANNEL, demo=True, mistakes=mistakes)
    sources = plugins.configured(Kind.SOURCE, demo=True, mistakes=mistakes)
    backends = plugins.configured(Kind.BACKEND, demo=True, mistakes=mistakes)
    mistakes += plugins.unknown_channels(settings.shadowed if settings else ())
    complain(mistakes)
    if settings is None:
        raise SettingsInvalid
    if not is_loopback(settings.host):
        raise SettingsInvalid(
            "FIRSTLINE_HOST: the demo knows no passwords, so it listens on this machine only (127.0.0.1 or "
            f"::1), not on {settings.host}; use `firstline serve` for others to reach it."
        )
    settings = settings.model_copy(update={"public_url": _url(settings), **_samples(settings)})
    configure(settings.log_format)
    with listening(settings.host, settings.port) as sockets:
        with closing(connect(settings.database_url)) as patient:
            migrate(patient)
        database = connect(settings.database_url, serving=True)
        library = _loaded(settings, sources)
        application = Application(
            settings, database, library, [*channels, *backends], demo=True, allow_anonymous_teams=True
        )
        _greet(settings, library)
        _run(application, database, settings, sockets)


def run_serve(host: str | None, port: int | None, *, allow_anonymous_teams: bool, may_migrate: bool) -> None:
    """Run the server; it assumes nothing that the operator did not set."""
    parts = read_parts(host, port, allow_anonymous_teams=allow_anonymous_teams)
    complain(parts.mistakes)
    settings = parts.settings
    if settings is None:
        raise SettingsInvalid
    configure(settings.log_format, stdout=True)
    for name in unknown(plugins.known_names(Settings)):
        log.warning("unknown_setting", name=name, next_step="see `firstline docs settings` for the names")
    for caution in (*cautions(settings), *plugins.exposed_secrets(Settings)):
        log.warning("setting_unsafe", next_step=caution)
    allow_connections()
    with listening(settings.host, settings.port) as sockets:
        log.info("listening", on=urls_of(sockets))
        database = connect(settings.database_url, serving=True)
        make_ready(settings.database_url, database, may_migrate=may_migrate)
        for reason in reached_by_others(settings.database_url):
            log.warning(
                "database_not_private",
                reason=reason,
                next_step="see Security in `firstline docs operations`",
            )
        library = _loaded(settings, parts.sources)
        application = Application(
            settings, database, library, parts.plugins, allow_anonymous_teams=allow_anonymous_teams
        )
        _run(application, database, settings, sockets)


def _samples(settings: Settings) -> dict[str, object]:
    return {} if has_content(settings) else dict(samples(settings))


def _loaded(settings: Settings, sources: Sequence[plugins.Plugin]) -> Library:
    share_arenas()
    library = library_of(settings, content_of(settings, sources), at_once=True)
    with making_what_stays():
        good = library.load()
    if not good:
        problems = "\n".join(f"  {error}" for error in library.errors[:20])
        raise ContentInvalid(f"The content has errors; correct these and start again:\n{problems}")
    return library


def _url(settings: Settings) -> str:
    return settings.public_url or url_of(settings.host, settings.port)


def _greet(settings: Settings, library: Library) -> None:
    content = library.snapshot.content
    lines = (
        f"Open {_url(settings)}/ in a browser: ask on the left, claim on the right.",
        f"{len(content.articles)} articles and {len(content.intents)} intents from {settings.articles}",
        f"Database {shown(settings.database_url)} (kept between starts)",
        f"A Teams client on this machine can use {_url(settings)}/api/messages",
        "Stop with Ctrl+C.",
    )
    text = Text("\n".join(map(said, lines)))
    text.highlight_words([f"{_url(settings)}/ "], "bold")
    terminal.console().print(Panel(text, title="Firstline", expand=False))
    sys.stdout.flush()


def _run(
    application: Application, database: Database, settings: Settings, sockets: list[socket.socket]
) -> None:
    async def build() -> web.Application:
        app = application.web_app()
        tell_how_far(app)
        return app

    try:
        web.run_app(
            build(),
            sock=sockets,
            backlog=BACKLOG,
            keepalive_timeout=IDLE_SECONDS,
            print=lambda *_: None,
            access_log=None,
            shutdown_timeout=SHUTDOWN_SECONDS,
            handle_signals=True,
            loop=asyncio.new_event_loop(),
        )
    except OSError as error:
        raise taken_meanwhile(settings.host, settings.port, error) from error
    finally:
        database.close()
