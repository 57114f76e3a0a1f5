"""The settings that every system with pages has, and what may be wrong with them."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from bot.desk.ports.content import KnowledgeSource
    from bot.knowledge.wiki.port import Puller, Wiki

MOST_NAMED = 50  # spaces or sites


def reading(prefix: str) -> SettingsConfigDict:
    """How the settings of a source are read: from the environment and `.env`, under this prefix."""
    return SettingsConfigDict(
        env_prefix=prefix, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )


class WikiSettings(BaseSettings):
    """Where pages are kept, the seconds from one look to the next, and the requests in a second."""

    folder: str = ""
    seconds: int = Field(default=30, ge=10, le=3600)
    requests: int = Field(default=5, ge=1, le=50)


def names_of(written: str) -> tuple[str, ...]:
    """The names in a setting, separated by spaces or commas, each once."""
    return tuple(dict.fromkeys(re.split(r"[\s,]+", written.strip()))) if written.strip(" ,\n\t") else ()


def missing(needed: Mapping[str, tuple[str, str]]) -> list[str]:
    """Mistakes where some of what belongs together is set: by the setting its value and its remedy."""
    if not any(value for value, _ in needed.values()):
        return []
    return [f"{name}: is missing; {remedy}" for name, (value, remedy) in needed.items() if not value]


def folder_of(settings: WikiSettings, name: str) -> Path:
    """The folder where a system's pages are kept."""
    return Path(settings.folder or f"pages/{name}")


def page_source(name: str, settings: WikiSettings) -> "KnowledgeSource":
    """Make the source of a system, which reads what is in the folder; it asks nobody."""
    from bot.knowledge.wiki.source import PageSource

    return PageSource(name, folder_of(settings, name))


def page_puller(name: str, settings: WikiSettings, open_wiki: "Callable[[], Wiki]") -> "Puller":
    """Make what brings a system's pages into the folder."""
    from bot.knowledge.wiki.folder import PageFolder
    from bot.knowledge.wiki.puller import WikiPuller

    return WikiPuller(name, PageFolder(folder_of(settings, name), name), open_wiki, settings.seconds)
