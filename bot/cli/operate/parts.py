"""Reads what the server is made of, and tells every mistake at once: for `serve` and for `doctor`."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.knowledge.files.text_files import is_folder
from bot.runtime.network.loopback import is_loopback
from bot.server import plugins
from bot.server.content import FILES, mistake_of_embeddings
from bot.server.monitoring.tracing.collector import mistakes_of_traces
from bot.server.plugins import Kind, Plugin
from bot.server.settings import Settings, read_core


@dataclass(frozen=True, slots=True)
class ServerParts:
    """Parts of a server as the settings describe it; `settings` is None where they cannot be read."""

    settings: Settings | None
    channels: Sequence[Plugin]
    sources: Sequence[Plugin]
    backends: Sequence[Plugin]
    alerts: Sequence[Plugin]
    mistakes: Sequence[str]

    @property
    def plugins(self) -> list[Plugin]:
        """What is plugged in beside the files of content."""
        sources = [plugin for plugin in self.sources if plugin.name != FILES]
        return [*self.channels, *self.backends, *self.alerts, *sources]


def read_parts(
    host: str | None = None, port: int | None = None, *, allow_anonymous_teams: bool = False
) -> ServerParts:
    """Read the settings of the server and of every plugin; `mistakes` has all that keeps it from starting."""
    mistakes: list[str] = []
    settings = read_core(mistakes, host=host, port=port)
    mistakes += mistakes_beside(settings)
    channels, sources, backends, alerts = (
        plugins.configured(kind, demo=False, mistakes=mistakes)
        for kind in (Kind.CHANNEL, Kind.SOURCE, Kind.BACKEND, Kind.ALERTS)
    )
    if settings is not None:
        mistakes += _mistakes(settings, channels, sources, allow_anonymous_teams=allow_anonymous_teams)
    if allow_anonymous_teams and not any(plugin.name == "teams" for plugin in channels):
        channels += plugins.configured(Kind.CHANNEL, demo=True, mistakes=mistakes, only=("teams",))
    return ServerParts(settings, channels, sources, backends, alerts, mistakes)


def mistakes_beside(settings: Settings | None) -> list[str]:
    """What is wrong with the settings of what is installed beside Firstline."""
    if settings is None:
        return []
    mistake = mistake_of_embeddings(settings)
    found = [mistake] if mistake is not None else []
    return [*found, *mistakes_of_traces()] if settings.traces else found


def _mistakes(
    settings: Settings,
    channels: Sequence[Plugin],
    sources: Sequence[Plugin],
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
            "No channel is configured: set SLACK_BOT_TOKEN with SLACK_SIGNING_SECRET (`firstline docs "
            "slack`), MICROSOFT_APP_ID with MICROSOFT_APP_PASSWORD (`firstline docs teams`), "
            "FIRSTLINE_WEB_TOKENS, or FIRSTLINE_OIDC_ISSUER (`firstline docs sign-in`); `firstline init` "
            "writes a .env to begin with, and "
            "`firstline demo` needs none."
        )
    return mistakes


def _takes_questions(plugin: Plugin) -> bool:
    # With a public address alone, the web channel only shows articles.
    return plugin.unread or plugin.name != "web" or bool(plugin.settings.lets_people_in)
