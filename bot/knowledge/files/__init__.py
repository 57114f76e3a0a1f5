"""The source that reads articles, intents and canned responses from folders of files; it is always active."""

from typing import TYPE_CHECKING

from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from bot.desk.ports.content import KnowledgeSource, SourceHost


class Settings(BaseSettings):
    """No settings of its own: FIRSTLINE_ARTICLES, _INTENTS and _REPLIES are the core's."""

    model_config = SettingsConfigDict(frozen=True)


def configured(_settings: Settings, *, demo: bool) -> bool:  # noqa: ARG001  # every plugin has this function
    """Whether the source is to be read: always."""
    return True


def mistakes(_settings: Settings) -> list[str]:
    """The mistakes in the settings: none."""
    return []


def build(_settings: Settings, host: "SourceHost") -> "KnowledgeSource":
    """Make the source."""
    from bot.knowledge.files.source import FileSource

    return FileSource(host.articles, host.intents, host.replies, cache=host.cache)
