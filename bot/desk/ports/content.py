"""What the desk needs of content and of what finds it; adapters fulfil it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.domain.knowledge.content import Content, MatchResult, SourceContent, Thresholds


class Matcher(Protocol):
    """Finds what a text asks for; made for one content."""

    provisional: bool  # it answers already, and has not yet learned from all of its content

    @property
    def version(self) -> str:
        """What its confidences hang on besides the content."""

    @property
    def lacking(self) -> bool:
        """Whether evidence that was wanted could not be had yet: it answers well, and could do better."""

    def find(self, text: str, language: str | None = None, *, here: bool = False) -> MatchResult:
        """Match one text; `language` is a hint for texts that are too short to tell.

        `here`: without a network call, as inside a transaction.
        """

    def thresholds(self, max_wrong: float, *, words_alone: bool = False) -> Thresholds:
        """The cuts at which at most this share of the answers given is expected to be wrong.

        `words_alone`: for a finding that says so of itself.
        """

    def two_way(self) -> Thresholds:
        """The cut for answering or escalating, without a choice."""


# How like two short texts are, from 0 to 1, by their words alone.
Similarity = Callable[[str, str], float]


class KnowledgeSource(Protocol):
    """Where articles and intents come from."""

    name: str

    def load(self) -> SourceContent:
        """Read everything, on a thread of its own; raise `SourceUnavailable` where that is impossible.

        What is wrong with an article or intent is among the `problems`, never an exception.
        """

    async def changes(self) -> None:
        """Return when something has changed since the last load, or may have."""


class ContentSource(Protocol):
    """All sources together, checked."""

    def load(self) -> Content:
        """Read everything; the content's `problems` say what is wrong with it."""

    async def changes(self) -> None:
        """Return when something has changed since the last load."""


@dataclass(frozen=True, slots=True)
class SourceHost:
    """What the composition root gives to a source.

    `articles`, `intents` and `replies` are the folders of files. In `cache` a source may keep what it read,
    so that a start does not need the other side; None where nothing may be kept.
    """

    articles: Path
    intents: Path
    replies: Path
    cache: Path | None
    language: str
