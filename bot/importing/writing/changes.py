"""Compares what an import would write with what is there, and writes it; edits made here are kept."""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bot.importing.documents import WHOLE
from bot.importing.drafting.articles import Proposal
from bot.importing.pictures import FOLDER as PICTURES
from bot.importing.pictures import PictureFile
from bot.importing.writing.ledger import Entry, hash_of, read_ledger, write_file, write_ledger
from bot.knowledge.files.rendering import article_text

_INSIDE = re.compile(r"[/#]|: ")


class State(StrEnum):
    """What becomes of a file."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT = "kept"  # edited here, and the same at the source: not touched
    EDITED = "edited"  # changed at the source, and edited here: named, not touched
    FOREIGN = "foreign"  # there already, and never imported: named, not touched
    REMOVED = "removed"  # removed here: not written again
    GONE = "gone"  # not at the source any more: named, deleted with `--prune`
    GONE_EDITED = "gone, edited"  # the same, edited here: named, never deleted
    UNTAKEN = "not read this time"  # and there at the source: not touched


@dataclass(frozen=True, slots=True)
class Change:
    """File in the folder of articles, and what becomes of it; `source` is where it comes from.

    `read` gives what would be written.
    """

    name: str
    state: State
    source: str
    read: Callable[[], bytes] = bytes

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture beside the articles."""
        return self.name.startswith(f"{PICTURES}/")


@dataclass(slots=True)
class Changes:
    """Everything that an import would do in one folder."""

    folder: Path
    files: list[Change] = field(default_factory=list)
    ledger: dict[str, Entry] = field(default_factory=dict)

    def of(self, *states: State) -> list[Change]:
        """Return the files with one of these states."""
        return [one for one in self.files if one.state in states]

    def writes(self, *, prune: bool) -> int:
        """Return how many files would be written or deleted."""
        return len(self.of(State.NEW, State.CHANGED)) + (len(self.of(State.GONE)) if prune else 0)


def file_name(proposal: Proposal, languages: Sequence[str]) -> str:
    """Return the name of an article's file: with its language where it is not the first."""
    article = proposal.article
    suffix = "" if article.language == languages[0] else f".{article.language}"
    return f"{article.id}{suffix}.md"


def compare(
    folder: Path, proposals: Iterable[Proposal], languages: Sequence[str], untaken: Container[str] = ()
) -> Changes:
    """Compare the proposals with the files that are there; raises `LedgerInvalid`.

    `untaken` are places of the source that were not read: what came from there is not gone.
    """
    changes = Changes(folder, ledger=read_ledger(folder))
    pictures: dict[str, PictureFile] = {}
    for proposal in proposals:
        name, content = file_name(proposal, languages), article_text(proposal.article).encode()
        state = _state(folder / name, content, changes.ledger.get(name))
        changes.files.append(Change(name, state, proposal.source, lambda content=content: content))  # type: ignore[misc]  # each its own
        if state not in (State.REMOVED, State.FOREIGN):
            pictures |= {one.name: one for one in proposal.pictures}
    for one in pictures.values():
        state = _state(folder / one.name, one.read(), changes.ledger.get(one.name))
        changes.files.append(Change(one.name, state, one.source, one.read))
    planned = {one.name for one in changes.files}
    gone = [name for name in changes.ledger if name not in planned]
    changes.files += _gone(folder, gone, changes.ledger, untaken)
    shown = _shown_by_kept(changes)
    changes.files = [one for one in changes.files if one.state is not State.GONE or one.name not in shown]
    return changes


def _gone(
    folder: Path, names: Iterable[str], ledger: Mapping[str, Entry], untaken: Container[str]
) -> Iterator[Change]:
    for name in names:
        if (there := _read(folder / name)) is not None:
            source = ledger[name].source
            if any(place in untaken for place in _around(source)):
                state = State.UNTAKEN
            else:
                state = State.GONE if hash_of(there) == ledger[name].hash else State.GONE_EDITED
            yield Change(name, state, source)


def _around(source: str) -> Iterator[str]:
    # The whole source, the place itself, and every folder, archive and file that it may lie in.
    yield from (WHOLE, source)
    yield from (source[: match.start()] for match in _INSIDE.finditer(source))


def _shown_by_kept(changes: Changes) -> set[str]:
    """Return the pictures that articles show which stay as they are."""
    kept = changes.of(State.KEPT, State.EDITED, State.GONE_EDITED, State.UNTAKEN)
    texts = [_read(changes.folder / one.name) or b"" for one in kept if not one.is_picture]
    gone = [one.name for one in changes.of(State.GONE) if one.is_picture]
    return {name for name in gone if any(name.encode() in text for text in texts)}


def carry_out(changes: Changes, *, prune: bool) -> None:
    """Write what is new and changed, delete what is gone where that is wanted, and remember it."""
    ledger = dict(changes.ledger)
    for change in changes.files:
        if change.state in (State.NEW, State.CHANGED):
            (changes.folder / change.name).parent.mkdir(parents=True, exist_ok=True)
            write_file(changes.folder / change.name, change.read())
        if change.state in (State.NEW, State.CHANGED, State.UNCHANGED):
            ledger[change.name] = Entry(change.source, hash_of(change.read()))
        elif change.state is State.GONE and prune:
            (changes.folder / change.name).unlink(missing_ok=True)
            ledger.pop(change.name)
    if ledger != changes.ledger:
        write_ledger(changes.folder, ledger)


def _state(path: Path, content: bytes, entry: Entry | None) -> State:
    there = _read(path)
    if there == content:
        return State.UNCHANGED
    if entry is None:
        return State.NEW if there is None else State.FOREIGN
    if there is None:
        return State.REMOVED
    if hash_of(there) == entry.hash:
        return State.CHANGED
    # Edited here: what matters is whether the source changed since.
    return State.KEPT if hash_of(content) == entry.hash else State.EDITED


def _read(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    # Line ends that an editor or a version control wrote are no edit.
    return content.replace(b"\r\n", b"\n") if path.suffix == ".md" else content
