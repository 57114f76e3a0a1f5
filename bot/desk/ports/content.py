"""Ports of content: its sources, and the matcher that finds targets in it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.domain.knowledge.content import Content, SourceContent
from bot.domain.knowledge.decision import MatchResult, Mix, Thresholds
from bot.domain.knowledge.traffic import Prior


class Matcher(Protocol):
    """Matcher of texts, made for one content."""

    provisional: bool  # it answers already, and is not yet trained on all of its content

    @property
    def version(self) -> str:
        """Return the version of everything besides the content that its confidences depend on."""

    @property
    def lacking(self) -> bool:
        """Tell whether evidence is not available yet: it answers well, and could do better."""

    def find(self, text: str, language: str | None = None, *, here: bool = False) -> MatchResult:
        """Match one text; `language` is a hint for texts that are too short to tell.

        With `here` it makes no network call, as inside a transaction.
        """

    def thresholds(
        self,
        max_wrong: float,
        certainty: float | None = None,
        *,
        words_alone: bool = False,
        mix: Mix | None = None,
    ) -> Thresholds:
        """Return the thresholds at which at most this share of answers is expected to be wrong.

        With a `certainty`: is wrong with this certainty, whatever the `mix` of the traffic. `words_alone`:
        for such a match result.
        """

    @property
    def prior(self) -> Prior:
        """Return the mix of the traffic that is assumed before it is known."""

    def two_way(self, mix: Mix | None = None) -> Thresholds:
        """Return the threshold for answering or escalating, without a choice."""


# Similarity of two short texts, from 0 to 1, by their words alone.
Similarity = Callable[[str, str], float]
# Whether two texts share a word that says what they are about.
SharesWords = Callable[[str, str], bool]


class KnowledgeSource(Protocol):
    """Source of articles and intents."""

    name: str

    def load(self) -> SourceContent:
        """Read everything, on a thread of its own; raise `SourceUnavailable` where that is impossible.

        What is wrong with an article or intent is among the `problems`, never an exception.
        """

    async def changes(self) -> None:
        """Return when something has changed since the last load, or may have."""


class ContentSource(Protocol):
    """Source of the whole content: all sources together, checked."""

    def load(self) -> Content:
        """Read everything; the content's `problems` say what is wrong with it."""

    async def changes(self) -> None:
        """Return when something has changed since the last load."""


@dataclass(frozen=True, slots=True)
class SourceHost:
    """Folders and settings that a source is given.

    `articles`, `intents` and `replies` are the folders of files. In `cache` a source may keep what it read,
    so that a start does not need the remote side; None where nothing may be kept.
    """

    articles: Path
    intents: Path
    replies: Path
    cache: Path | None
    language: str
