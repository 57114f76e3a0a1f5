"""Articles, intents and the replies kept ready in folders of files; always there."""

from typing import TYPE_CHECKING

from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from bot.desk.ports.content import KnowledgeSource, SourceHost


class Settings(BaseSettings):
    """Nothing of its own: FIRSTLINE_ARTICLES, _INTENTS and _REPLIES are the core's."""

    model_config = SettingsConfigDict(frozen=True)


def configured(_settings: Settings, *, demo: bool) -> bool:  # noqa: ARG001  # the interface of all adapters
    """Whether the source is to be read: always."""
    return True


def mistakes(_settings: Settings) -> list[str]:
    """What is wrong with the settings."""
    return []


def build(_settings: Settings, host: "SourceHost") -> "KnowledgeSource":
    """Make the source."""
    from bot.knowledge.files.source import FileSource

    return FileSource(host.articles, host.intents, host.replies)
