"""What a source is read into: documents, each with its text as a tree, and what was left out of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from bot.domain.errors import FirstlineError
from bot.knowledge.markup.tree import Element

WHOLE = "."  # the place of a source that is meant as a whole


class ImportRefused(FirstlineError):
    """Nothing can be imported from there; name a folder, a file or a zip archive."""


class FileLeftOut(Exception):
    """A file cannot be taken; the message says why, and what to do about it."""


class Withdrawn(FileLeftOut):
    """A file is not to be published, or no longer: what an earlier import made of it is gone."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was not taken: its place in the source, and why, with a remedy where there is one."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """File of a source: its path there, with `/`, its size in bytes, and how it is read.

    `read` raises `FileLeftOut`.
    """

    name: str
    size: int
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Source:
    """All files of a source by name, and what the person who imports said of it.

    `columns` names columns of tables by what they hold: question, answer, language, tags.
    """

    files: Mapping[str, SourceFile]
    base_url: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Document:
    """Document of a source before it is divided into parts; `notes` say what is lost of it.

    `translated` is the path that its versions in several languages share. A `whole` one is never divided.
    """

    file: str
    title: str
    body: Element
    language: str | None = None
    url: str | None = None
    tags: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    updated: date | None = None
    notes: list[str] = field(default_factory=list)
    whole: bool = False
    place: str = ""  # within its file: a sheet and a row


class Reader(Protocol):
    """Port of a kind of file: a module of `readers` is one."""

    ENDINGS: tuple[str, ...]
    """Of its files, in small letters."""

    def read(self, file: SourceFile, source: Source) -> Iterator[Document]:
        """Read one file; raises `FileLeftOut`."""
