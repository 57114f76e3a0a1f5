"""Runs the bot: `firstline demo` and `firstline serve`."""

import asyncio
import socket
import sys
from contextlib import closing

import structlog
from aiohttp import web
from rich.panel import Panel
from rich.text import Text

from bot.cli import terminal
from bot.cli.content import samples
from bot.cli.listening import BACKLOG, listening, taken_meanwhile, url_of
from bot.desk.knowledge.library import Library
from bot.domain.errors import ContentInvalid, DatabaseNotReady, SettingsInvalid
from bot.knowledge.files.text_files import is_folder
from bot.runtime.logging import configure
from bot.runtime.loopback import is_loopback
from bot.runtime.memory import making_what_stays, share_arenas
from bot.server import plugins
from bot.server.application import SHUTDOWN_SECONDS, Application
from bot.server.content import content_of, library_of, mistake_of_embeddings
from bot.server.plugins import Kind
from bot.server.settings import Settings, complain, read_core, unknown
from bot.storage import Database, connect, current_revision, migrate, shown
from bot.storage.migrate import newest_revision

log = structlog.get_logger()


def run_demo(host: str | None, port: int | None) -> None:
    """Run the demo: it migrates by itself, falls back to sample content, answers this machine only."""
    mistakes: list[str] = []
    settings = read_core(mistakes, host=host, port=port)
    mistakes += _embeddings_mistakes(settings)
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


def run_serve(host: str | None, port: int | None, *, allow_anonymous_teams: bool) -> None:
    """Run the server; it assumes nothing that the operator did not set."""
    mistakes: list[str] = []
    settings = read_core(mistakes, host=host, port=port)
    mistakes += _embeddings_mistakes(settings)
    channels = plugins.configured(Kind.CHANNEL, demo=False, mistakes=mistakes)
    sources = plugins.configured(Kind.SOURCE, demo=False, mistakes=mistakes)
    backends = plugins.configured(Kind.BACKEND, demo=False, mistakes=mistakes)
    alerts = plugins.configured(Kind.ALERTS, demo=False, mistakes=mistakes)
    if settings is not None:
        mistakes += _serve_mistakes(settings, channels, sources, allow_anonymous_teams=allow_anonymous_teams)
    if allow_anonymous_teams and not any(plugin.name == "teams" for plugin in channels):
        channels += plugins.configured(Kind.CHANNEL, demo=True, mistakes=mistakes, only=("teams",))
    complain(mistakes)
    if settings is None:
        raise SettingsInvalid
    configure(settings.log_format)
    for name in unknown(plugins.known_names(Settings)):
        log.warning("unknown_setting", name=name, next_step="see docs/settings.md for the names")
    with listening(settings.host, settings.port) as sockets:
        database = connect(settings.database_url, serving=True)
        if current_revision(database) != newest_revision():
            raise DatabaseNotReady
        library = _loaded(settings, sources)
        application = Application(
            settings,
            database,
            library,
            [*channels, *backends, *alerts],
            allow_anonymous_teams=allow_anonymous_teams,
        )
        _run(application, database, settings, sockets)


def _embeddings_mistakes(settings: Settings | None) -> list[str]:
    mistake = mistake_of_embeddings(settings) if settings is not None else None
    return [mistake] if mistake is not None else []


def _serve_mistakes(
    settings: Settings,
    channels: list[plugins.Plugin],
    sources: list[plugins.Plugin],
    *,
    allow_anonymous_teams: bool,
) -> list[str]:
    mistakes = [
        f"FIRSTLINE_{name.upper()}: there is no folder {path}; set it to the folder of your {name}."
        for name, path in (("articles", settings.articles), ("intents", settings.intents))
        if not is_folder(path) and (len(sources) == 1 or name in settings.model_fields_set)
    ]
    mistakes += plugins.unknown_channels(settings.shadowed)
    if allow_anonymous_teams and not is_loopback(settings.host):
        mistakes.append(
            f"--allow-anonymous-teams: only on loopback, and FIRSTLINE_HOST is {settings.host}; "
            "use 127.0.0.1, or set MICROSOFT_APP_ID."
        )
    if not any(map(_takes_questions, channels)) and not allow_anonymous_teams:
        mistakes.append(
            "No channel is configured: set SLACK_BOT_TOKEN with SLACK_SIGNING_SECRET (docs/slack.md), "
            "MICROSOFT_APP_ID with MICROSOFT_APP_PASSWORD (docs/teams.md), or FIRSTLINE_WEB_TOKENS; "
            "`firstline demo` needs none."
        )
    return mistakes


def _takes_questions(plugin: plugins.Plugin) -> bool:
    # With a public address alone, the web channel only shows articles.
    return plugin.name != "web" or bool(plugin.settings.web_tokens.get_secret_value().strip())


def _samples(settings: Settings) -> dict[str, object]:
    if settings.content_given or (is_folder(settings.articles) and is_folder(settings.intents)):
        return {}
    return dict(samples(settings))


def _loaded(settings: Settings, sources: list[plugins.Plugin]) -> Library:
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
    text = Text("Open ").append(f"{_url(settings)}/", "bold")
    text.append(
        " in a browser: ask on the left, claim on the right.\n"
        f"{len(content.articles)} articles and {len(content.intents)} intents from {settings.articles}\n"
        f"Database {shown(settings.database_url)} (kept between starts)\n"
        f"A Teams client on this machine can use {_url(settings)}/api/messages\n"
        "Stop with Ctrl+C."
    )
    terminal.console().print(Panel(text, title="Firstline", expand=False))
    sys.stdout.flush()


def _run(
    application: Application, database: Database, settings: Settings, sockets: list[socket.socket]
) -> None:
    async def build() -> web.Application:
        return application.web_app()

    try:
        web.run_app(
            build(),
            sock=sockets,
            backlog=BACKLOG,
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
