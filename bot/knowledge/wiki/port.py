"""The ports of a system with pages, and of what brings them into a folder."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bot.domain.knowledge.content import Article


class Reason(StrEnum):
    """Why a page is no article."""

    RESTRICTED = "restricted"
    UNKNOWN = "unknown_restrictions"
    LABEL = "label"
    DRAFT = "draft"
    GONE = "gone"
    REFUSED = "refused"
    FAILED = "failed"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNFIT = "unfit"

    @property
    def sentence(self) -> str:
        """A sentence for the operator."""
        return _SENTENCES[self]


_SENTENCES = {
    Reason.RESTRICTED: "not everybody may read it, or a page above it",
    Reason.UNKNOWN: "who may read it, or a page above it, could not be found out; so it is left out",
    Reason.LABEL: "its label says so",
    Reason.DRAFT: "it is not published, or is edited and not published again",
    Reason.GONE: "it went away while it was read",
    Reason.REFUSED: "our account may not read it",
    Reason.FAILED: "the system failed at it; it is tried again",
    Reason.EMPTY: "it has no text",
    Reason.TOO_LARGE: "it is too large; divide it",
    Reason.UNFIT: "no article can be made of it",
}
LASTING = frozenset((Reason.EMPTY, Reason.TOO_LARGE, Reason.UNFIT))
"""Reasons that hold until the page changes; of the others another look may find nothing."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Pages by their keys: the version of each that may be an article, and why others may not.

    `whole`: there are no others. `faults` are sentences on what of the settings does not hold there.
    """

    versions: Mapping[str, str]
    left_out: Mapping[str, tuple[str, Reason]] = field(default_factory=dict)
    whole: bool = True
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadPage:
    """Page that was read: its article, or why there is none."""

    key: str
    article: Article | None
    reason: Reason = Reason.UNFIT


class Wiki(Protocol):
    """System with pages, from the first look to one that fails. Every method raises `SourceUnavailable`."""

    async def newest(self, known: Mapping[str, str]) -> Listing | None:  # noqa: ARG002  # some need it
        """List what has changed since these versions; None where only a whole listing tells."""
        return None

    async def listed(self) -> Listing:
        """List all pages; what the last time told may serve where less has to be asked for then."""

    def read(self, keys: Sequence[str]) -> AsyncIterator[ReadPage]:
        """Read pages that were listed, each once."""

    def address(self, key: str) -> str:
        """Return where people find a page."""

    async def close(self) -> None:
        """End its connections."""


@dataclass(frozen=True, slots=True)
class PullHost:
    """What a puller is given: the language of pages whose text tells none, and what tells it of a text."""

    language: str
    guess: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one look at another system brought: `held` articles are there now.

    `left_out` says by a page's address why it is no article; `faults` say what is wrong with what was asked
    for, such as a space that is not there. `whole`: every page was looked at, not only the newest.
    """

    held: int
    written: int = 0
    removed: int = 0
    left_out: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    whole: bool = True


class Puller(Protocol):
    """Puller of the pages of another system into a folder of articles, which a source reads."""

    name: str
    seconds: float  # from one look to the next

    async def pull(self, *, whole: bool = False) -> Pulled | None:
        """Bring the folder up to date, or read all of it anew with `whole`; None while another process does.

        Raises `SourceUnavailable`: what was there stays, and the next look goes on.
        """

    async def close(self) -> None:
        """Let another process do it."""
