"""Ports of content: its sources, the matcher, the grouping of what it lacks, and the drafts that fill it."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from bot.domain.drafts.redaction import Taken
from bot.domain.drafts.typed_draft import TypedDraft
from bot.domain.knowledge.content import Content, Problem, SourceContent
from bot.domain.knowledge.decision import Match, MatchResult, Mix, Thresholds
from bot.domain.knowledge.gap import GapReport
from bot.domain.knowledge.proposal import ExampleStatus, Held, LearnedExample, Proposal, ShownExample
from bot.domain.knowledge.traffic import Prior
from bot.domain.people import Identity


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


@dataclass(frozen=True, slots=True)
class AskedWords:
    """Words of a question, their asker's name, and the queue of its ticket, if there is one."""

    text: str = ""
    asker: str = ""
    queue: str | None = None


class ExampleBook(Protocol):
    """Repository of examples that were proposed, approved and taken back; it keeps no words."""

    def propose(self, proposals: Sequence[Proposal], at: datetime) -> None:
        """Keep these proposals in the place of all on which nothing was decided."""

    def listed(self, status: ExampleStatus) -> tuple[LearnedExample, ...]:
        """Return those of this status, in the order in which they were proposed."""

    def decided(self) -> Set[tuple[int, str]]:
        """Return the episodes and targets on which something was decided."""

    def words(self, episode_ids: Sequence[int]) -> Mapping[int, AskedWords]:
        """Return what was asked in these episodes; none that is given up."""

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


@dataclass(frozen=True, slots=True)
class GapsView:
    """The gaps that were found last: `at` when, with how many people at least, and how far the next is.

    `outdated`: another content is in force since. `running`: questions matched, of how many. `failed` says
    why the last look found nothing.
    """

    report: GapReport | None = None
    at: datetime | None = None
    fewest: int = 0
    outdated: bool = False
    running: tuple[int, int] | None = None
    failed: str = ""


class DraftsGo(StrEnum):
    """Where an approved draft goes."""

    FILES = "files"
    BRANCH = "branch"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class DraftTexts:
    """The texts of a draft: an article's, and its intent's; a version in another language has no intent."""

    article: str
    intent: str = ""


@dataclass(frozen=True, slots=True)
class DraftSheet:
    """A draft to be edited: what it is made of, its texts, and what was taken out.

    `source` names what it is made of, such as `ticket:1042:es`: of each one draft is approved. `reference` is
    its ticket's, empty for a gap's.
    """

    source: str
    texts: DraftTexts
    language: str
    reference: str = ""
    taken: Mapping[Taken, int] | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """Approval of a draft: when, the article's id, where it went, and the languages in which it is `missing`.

    With `before` somebody had approved it before, and nothing more was written.
    """

    at: datetime
    article: str
    went: DraftsGo
    branch: str = ""
    missing: tuple[str, ...] = ()
    before: bool = False


@dataclass(frozen=True, slots=True)
class Examined:
    """Draft as it was read: its files by name, the problems that the check finds, and how it is shown."""

    names: tuple[str, ...]
    problems: tuple[Problem, ...]
    shown: str

    @property
    def refused(self) -> bool:
        """Return whether the check refuses it."""
        return any(problem.error for problem in self.problems)


@dataclass(frozen=True, slots=True)
class ReplayedLine:
    """Question that a draft would have treated otherwise: the treatments, and the targets with each."""

    text: str
    before: str
    targets_before: tuple[str, ...]
    now: str
    targets_now: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DraftReplay:
    """What a draft would change of `asked` questions; each list with how many there are, and the first ones.

    `takings` are who takes how many from whom. `thieves` are the draft's examples that take from others, and
    `intent` is its text without them. `without_words`: left out, for their words are gone.
    """

    asked: int
    without_words: int
    changed: int
    lists: Mapping[str, tuple[int, tuple[ReplayedLine, ...]]]
    takings: tuple[tuple[str, str, int], ...]
    thieves: tuple[str, ...] = ()
    intent: str = ""


@dataclass(frozen=True, slots=True)
class ReplayView:
    """Replay of a draft: how far it is, or what it told, or why it told nothing."""

    running: tuple[int, int] | None = None
    told: DraftReplay | None = None
    failed: str = ""


@dataclass(frozen=True, slots=True)
class ExamplesView:
    """Examples that are proposed, approved or (by the last look) `held` back; how far the next look is."""

    proposed: tuple[ShownExample, ...]
    approved: tuple[ShownExample, ...]
    held: Mapping[Held, int] = field(default_factory=dict)
    running: tuple[int, int] | None = None
    failed: str = ""


class ExampleApprovals(Protocol):
    """Examples that are proposed of confirmed questions, approved and taken back."""

    def view(self, queues: frozenset[str] | None) -> ExamplesView:
        """Return them, as far as they may be read by who works for these queues."""

    def look(self) -> None:
        """Begin to look for proposals; raise `Overloaded` where too much is computed."""

    def running(self) -> tuple[int, int] | None:
        """Return how far the look is."""

    def approve(self, numbers: Sequence[int], by: Identity, name: str, queues: frozenset[str] | None) -> str:
        """Write proposals of one list into the content; return the branch, or "".

        Raises `ExampleNotFound` where one is not proposed any more or may not be read, `ArticleNotWritten`
        where they cannot be written; nothing is approved then.
        """

    def take_back(self, number: int, by: Identity, name: str, queues: frozenset[str] | None) -> str:
        """Take an approved example out of the content again, as `approve` does."""


class TypedDrafts(Protocol):
    """Repository of what people typed into drafts, by whose it is and what is drafted of."""

    def keep(self, owner: str, source: str, typed: TypedDraft) -> None: ...
    def find(self, owner: str, source: str) -> TypedDraft | None: ...
    def forget(self, owner: str, source: str) -> None: ...


class Authoring(Protocol):
    """What helps people write: gaps, drafts and what they would change.

    All of it is called on threads that may wait, but for `gaps` and `look`, which only look at what is there.
    """

    @property
    def goes(self) -> DraftsGo:
        """Return where an approved draft goes today."""

    @property
    def examples(self) -> ExampleApprovals:
        """Return the examples of what people confirmed."""

    @property
    def typed(self) -> TypedDrafts:
        """Return what was typed into drafts, on whichever replica."""

    def sees(self, reader: Identity) -> frozenset[str] | None:
        """Return the queues whose tickets an engineer may read; None where there is one for all."""

    def gaps(self) -> GapsView:
        """Return the gaps that were found last, of all queues."""

    def drop_erased(self) -> None:
        """Take the words out of the gaps that were erased since they were found."""

    def look(self, fewest: int) -> None:
        """Begin to find the gaps anew; raise `Overloaded` where too much is computed."""

    def of_gap(self, number: int, language: str, queues: frozenset[str] | None) -> DraftSheet:
        """Make a draft of a gap that lies in these queues, or any; raise `NothingToDraft`."""

    def of_ticket(
        self, reference: str, language: str, version_of: str, queues: frozenset[str] | None
    ) -> DraftSheet:
        """Make a draft of a resolved ticket of these queues, or a version of an article in a language.

        Raises `NothingToDraft` or `TicketNotFound`.
        """

    def examine(self, texts: DraftTexts, language: str) -> Examined:
        """Read a draft, check it beside the content, and draw it for a reader of a language."""

    def replay(self, texts: DraftTexts) -> str:
        """Begin to ask the last weeks' questions again with the draft; return the name of the replay.

        Raises `ArticleNotWritten` where the check refuses the draft, `Overloaded` where too much is computed.
        """

    def replayed(self, name: str) -> ReplayView | None:
        """Return a replay by its name; None where it is forgotten."""

    def approved(self, source: str) -> Approval | None:
        """Return the approval of what was drafted of a source."""

    def approve(self, source: str, texts: DraftTexts, by: Identity) -> Approval:
        """Write a draft into the content; of two approvals of one source the first counts.

        Raises `ArticleNotWritten`, with nothing written, where the check refuses it or it cannot be written.
        """
