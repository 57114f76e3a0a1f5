"""Finds the plugins in their folders; of one that is not configured only the package itself is imported."""

import importlib
import pkgutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType
from typing import Any

from pydantic_settings import BaseSettings

from bot.desk.ports.wording import Wording
from bot.domain.diagnosis import DoctorHost, Examination
from bot.domain.knowledge.shadow import ALL
from bot.runtime.network.outgoing import Proxies
from bot.runtime.secret_files import exposed, file_names, unread
from bot.server.settings import env_names, read


class Kind(StrEnum):
    """What a plugin can be; the value is the package whose folder holds one package for each."""

    CHANNEL = "bot.channels"
    SOURCE = "bot.knowledge"
    BACKEND = "bot.backends"
    ALERTS = "bot.alerts"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin's package, with its settings once they are read; `unread`: but for a secret in a file."""

    kind: Kind
    name: str
    module: ModuleType
    settings: Any
    unread: bool = False

    def build(self, host: Any) -> Any:
        """Make the plugin; imports its SDK. The port of its kind says what it is given and makes."""
        return self.module.build(self.settings, host)

    def sink(self) -> Any:
        """What takes the desk's events; None where the plugin brings none, or it is not set up."""
        make = getattr(self.module, "sink", None)
        return make(self.settings) if make is not None else None

    def puller(self, host: Any) -> Any:
        """What brings another system's pages into a folder; None where the plugin brings nothing."""
        make = getattr(self.module, "puller", None)
        return make(self.settings, host) if make is not None else None

    async def warnings(self, wording: Wording, language: str, rooms: Sequence[str] = ()) -> list[str]:
        """What an operator should know; asks the other side where the plugin has something to ask."""
        ask = getattr(self.module, "warnings", None)
        named = (rooms,) if rooms else ()  # only channels have some
        return list(await ask(self.settings, wording, language, *named)) if ask else []

    def examine(self, host: DoctorHost) -> Examination | None:
        """The checks of the plugin's own `doctor`; None where it brings none."""
        doctor = getattr(self.module, "doctor", None)
        examination: Examination | None = doctor(self.settings, host) if doctor is not None else None
        return examination


def packages(kind: Kind) -> dict[str, ModuleType]:
    """Every package of one kind by name: those that have settings; the others are what plugins share."""
    folder = importlib.import_module(kind.value)
    names = [found.name for found in pkgutil.iter_modules(folder.__path__) if found.ispkg]
    found = {name: importlib.import_module(f"{kind.value}.{name}") for name in sorted(names)}
    return {name: module for name, module in found.items() if hasattr(module, "Settings")}


def configured(
    kind: Kind, *, demo: bool, mistakes: list[str], only: Sequence[str] | None = None
) -> list[Plugin]:
    """The plugins of one kind that are configured; what is wrong with their settings goes to `mistakes`.

    The demo asks nothing of a plugin that it does not use.
    """
    active_plugins = []
    for name, module in packages(kind).items():
        if only is not None and name not in only:
            continue
        told: list[str] = []
        settings = read(module.Settings, told)
        mistakes += [mistake for mistake in told if mistake not in mistakes]  # each reads `.env` anew
        if settings is None:
            continue
        active: bool = module.configured(settings, demo=demo)
        if active or not demo:
            mistakes += unread(_mistakes(module, settings), told)
        if active or told:  # where a secret cannot be read, it is wanted all the same
            active_plugins.append(Plugin(kind, name, module, settings, bool(told)))
    return active_plugins


def _mistakes(module: ModuleType, settings: Any) -> list[str]:
    find = getattr(module, "mistakes", None)
    return list(find(settings)) if find is not None else []


def unknown_channels(named: Iterable[str]) -> list[str]:
    """Mistakes in FIRSTLINE_SHADOW: names that are no channel's."""
    channels = packages(Kind.CHANNEL)
    return [
        f"FIRSTLINE_SHADOW: there is no channel {name!r}; name {', '.join(channels)}, or {ALL}."
        for name in sorted(named)
        if name not in (*channels, ALL)
    ]


def of_kind(plugins: Sequence[Plugin], kind: Kind) -> list[Plugin]:
    """Those of the plugins that are of one kind."""
    return [plugin for plugin in plugins if plugin.kind is kind]


def fault_in_room(channel: str, room: str) -> str | None:
    """What is wrong with a room as a queue names it, or None."""
    channels = packages(Kind.CHANNEL)
    module = channels.get(channel)
    if module is None:
        return f"there is no channel '{channel}'; allowed are {', '.join(channels)}"
    fault: str | None = module.fault_in_room(room)
    return fault


def settings_models() -> dict[str, type[BaseSettings]]:
    """Every plugin's settings model, by its package."""
    return {module.__name__: module.Settings for kind in Kind for module in packages(kind).values()}


def known_names(core: type[BaseSettings]) -> list[str]:
    """Every environment name that something reads, those of files with secrets among them."""
    models = (core, *settings_models().values())
    return [name for model in models for name in (*env_names(model), *file_names(model))]


def exposed_secrets(core: type[BaseSettings]) -> list[str]:
    """Files of secrets that other accounts may read, each with what to do."""
    models: list[type[BaseSettings]] = [core, Proxies, *settings_models().values()]
    return [caution for model in models for caution in exposed(model)]
