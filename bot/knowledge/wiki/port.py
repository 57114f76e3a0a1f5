"""The port of a system with pages, and what it tells of them."""

from collections.abc import AsyncIterator, Mapping, Sequence
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
    """System with pages, during one look at it. Every method raises `SourceUnavailable`."""

    async def newest(self, known: Mapping[str, str]) -> Listing | None:
        """List what has changed since these versions; None where only a whole listing tells."""

    async def listed(self) -> Listing:
        """List all pages."""

    def read(self, keys: Sequence[str]) -> AsyncIterator[ReadPage]:
        """Read pages that were listed, each once."""

    def address(self, key: str) -> str:
        """Return where people find a page."""

    async def close(self) -> None:
        """End its connections."""
