"""Ports of content: its sources, the matcher that finds targets in it, and the grouping of what it lacks."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.domain.knowledge.content import Content, SourceContent
from bot.domain.knowledge.decision import Match, MatchResult, Mix, Thresholds
from bot.domain.knowledge.proposal import ExampleStatus, LearnedExample, Proposal
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


@dataclass(frozen=True, slots=True)
class MatchedText:
    """Text of a person, by a number of theirs, with its language and its candidates, best first."""

    text: str
    language: str
    matches: tuple[Match, ...]
    person: int


@dataclass(frozen=True, slots=True)
class TextGroup:
    """Group of texts by their places, the most central first, and the words that part it from the others."""

    places: tuple[int, ...]
    words: tuple[str, ...]


class Grouping(Protocol):
    """Grouping of texts that ask the same."""

    def question(self, text: str) -> str:
        """Return what a text asks, as it was typed, without greetings, quotes and signatures."""

    def groups(self, texts: Sequence[MatchedText], content: Content, fewest: int) -> tuple[TextGroup, ...]:
        """Group texts that ask the same and at least so many do; each text is in one group at most."""

    def lacking(self, texts: Sequence[MatchedText], target: str, content: Content) -> tuple[str, ...]:
        """Return the words of several of these people that a target does not have, the most common first."""


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


class ExampleBook(Protocol):
    """Repository of examples that were proposed, approved and taken back; it keeps no words."""

    def propose(self, proposals: Sequence[Proposal], at: datetime) -> None:
        """Keep these proposals in the place of all on which nothing was decided."""

    def listed(self, status: ExampleStatus) -> tuple[LearnedExample, ...]:
        """Return those of this status, in the order in which they were proposed."""

    def decided(self) -> Set[tuple[int, str]]:
        """Return the episodes and targets on which something was decided."""

    def words(self, episode_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
        """Return what was asked in these episodes, and the asker's name; none that are given up."""

    def approve(self, ids: Sequence[int], by: str, at: datetime) -> int:
        """Approve those that are proposed still; return how many were."""

    def take_back(self, number: int, by: str, at: datetime) -> bool:
        """Take back an approved one; return False where it is none."""


@dataclass(frozen=True, slots=True)
class Example:
    """Example of what somebody may ask: its target, a title for it, and the words to send, in `language`."""

    target: str
    title: str
    text: str
    language: str


# Up to so many examples in a reader's language.
ChooseExamples = Callable[[str, int], tuple[Example, ...]]


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
