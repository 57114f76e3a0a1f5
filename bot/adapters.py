"""Finds the channels in their folder; one that is not configured is never imported further than its door."""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, cast

from pydantic_settings import BaseSettings

import bot.channels
from bot.desk.ports import Channel, Host, Wording
from bot.settings import env_names, read


@dataclass(frozen=True, slots=True)
class Door:
    """A channel's package, with its settings once they are read."""

    name: str
    module: ModuleType
    settings: Any

    def build(self, host: Host) -> Channel:
        """Make the channel; imports its SDK."""
        return cast(Channel, self.module.build(self.settings, host))

    async def warnings(self, wording: Wording, language: str) -> list[str]:
        """What an operator should know; asks the platform where the channel has something to ask."""
        ask = getattr(self.module, "warnings", None)
        return list(await ask(self.settings, wording, language)) if ask else []


def packages() -> dict[str, ModuleType]:
    """Every channel package by name."""
    names = [found.name for found in pkgutil.iter_modules(bot.channels.__path__) if found.ispkg]
    return {name: importlib.import_module(f"bot.channels.{name}") for name in sorted(names)}


def configured(*, demo: bool, mistakes: list[str], only: Sequence[str] | None = None) -> list[Door]:
    """The channels that are configured; what is wrong with their settings goes to `mistakes`."""
    doors = []
    for name, module in packages().items():
        if only is not None and name not in only:
            continue
        settings = read(module.Settings, mistakes)
        if settings is None:
            continue
        mistakes += module.mistakes(settings)
        if module.configured(settings, demo=demo):
            doors.append(Door(name, module, settings))
    return doors


def settings_models() -> dict[str, type[BaseSettings]]:
    """Every channel's settings model."""
    return {name: module.Settings for name, module in packages().items()}


def known_names(core: type[BaseSettings]) -> list[str]:
    """Every environment name that something reads."""
    return [name for model in (core, *settings_models().values()) for name in env_names(model)]
