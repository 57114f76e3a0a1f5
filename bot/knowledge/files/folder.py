"""Lists what a content folder holds: what is read, what is not, and what stands in the way."""

import os
import stat
from collections import deque
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from bot.domain.knowledge.content import Problem
from bot.knowledge.files.text_files import Stamp, plain, shown, stamp_of, unreadable

MOST_TOLD = 20  # unread files of one ending in one folder
_LEFT_OVERS = frozenset(("thumbs.db", "desktop.ini"))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of content: what its files are called, and the endings that they have, in any letter case.

    `shown` are the endings of what stands beside such files to be shown with them.
    """

    name: str
    endings: tuple[str, ...]
    shown: tuple[str, ...] = ()

    def reads(self, path: Path) -> bool:
        """Whether a file has one of the endings."""
        return path.name.lower().endswith(self.endings)


@dataclass(slots=True)
class Listing:
    """The files of a folder in order, those with other endings, and problems of files and folders."""

    folder: Path
    kind: Kind
    missing: bool = False
    files: list[Path] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def stamps(self) -> dict[str, Stamp]:
        """The stamps of all that is here: where they are the same, the folder is."""
        found = {str(path): stamp_of(path) for path in (*self.files, *self.unread)}
        return found | {f"{problem.file}\0{problem.message}": () for problem in self.problems}


def list_folder(folder: Path, kind: Kind) -> Listing:
    """List a folder and all below it, through links; each folder once, and none that a link leads up to.

    Hidden files and what editors and systems leave behind are passed over. A folder that is not there is
    empty, and `missing`.
    """
    walk = _Walk(Listing(folder, kind))
    walk.run()
    for found in (walk.listing.files, walk.listing.unread):
        found.sort()
    return walk.listing


def unread_files(listings: Sequence[Listing], named: Set[str] = frozenset()) -> list[Problem]:
    """A warning for each file that nothing reads: one folder may lie within another, or be the same.

    `named` are the real paths of what other files name, such as pictures.
    """
    read = {os.path.realpath(path) for listing in listings for path in listing.files} | named
    told: set[str] = set()
    problems: list[Problem] = []
    for listing in listings:
        unread = [path for path in listing.unread if os.path.realpath(path) not in read | told]
        told |= {os.path.realpath(path) for path in unread}
        problems += _named(unread, listing.kind)
    return problems


def _named(paths: Iterable[Path], kind: Kind) -> list[Problem]:
    def alike(path: Path) -> tuple[str, str]:
        return str(path.parent), path.suffix.lower()

    problems = []
    for _, group in groupby(sorted(paths, key=alike), alike):
        same = list(group)
        message = (
            f"this is not read: {kind.name} end in {' or '.join(kind.endings)}; rename it, or move it away"
        )
        if kind.shown and same[0].name.lower().endswith(kind.shown):
            message = f"none of the {kind.name} shows this picture; name it in one, or remove it"
        problems += [Problem(shown(path), 1, message, error=False) for path in same[:MOST_TOLD]]
        if len(same) > MOST_TOLD:
            more = f"and {len(same) - MOST_TOLD} more files with this ending in this folder are not read"
            problems.append(Problem(shown(same[MOST_TOLD]), 1, more, error=False))
    return problems


class _Walk:
    # Folders come before links to folders, so that what is both is named by its own name.
    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self._entered: set[tuple[int, int]] = set()
        self._links: deque[Path] = deque()

    def run(self) -> None:
        root = self.listing.folder
        try:
            self.listing.missing = not stat.S_ISDIR(root.stat().st_mode)
            above = [_identity(parent.stat()) for parent in root.resolve().parents]
        except PermissionError as error:
            self._error(root, unreadable("folder", error))
            return
        except OSError:
            self.listing.missing = True
            return
        if not self.listing.missing:
            self._entered.update(above)
            self._enter(root)
        while self._links:
            self._enter(self._links.popleft(), link=True)

    def _enter(self, top: Path, *, link: bool = False) -> None:
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                identity = _identity(folder.stat())
                if identity in self._entered:
                    if link and folder is top:
                        self._warn(folder, "this link leads to a folder above, or read already; remove it")
                    continue
                self._entered.add(identity)
                with os.scandir(folder) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                self._error(folder, unreadable("folder", error))
                continue
            waiting += [Path(entry.path) for entry in found if self._is_folder(entry)]

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        # Notes what is no folder of its own.
        if _left_over(entry.name):
            return False
        path = Path(entry.path)
        try:
            if entry.is_dir(follow_symlinks=False):
                return True
            if entry.is_symlink() and stat.S_ISDIR(path.stat().st_mode):
                self._links.append(path)
                return False
        except PermissionError as error:
            self._error(path, unreadable("file", error))
            return False
        except OSError:
            self._error(path, "this link leads nowhere; correct it or remove it")
            return False
        self._note_file(path)
        return False

    def _note_file(self, path: Path) -> None:
        if not self.listing.kind.reads(path):
            self.listing.unread.append(path)
        elif not plain(path.name):
            self._error(path, "the file's name is no text (not UTF-8, or a control character); rename it")
        else:
            self.listing.files.append(path)

    def _error(self, path: Path, message: str) -> None:
        self.listing.problems.append(Problem(shown(path), 1, message))

    def _warn(self, path: Path, message: str) -> None:
        self.listing.problems.append(Problem(shown(path), 1, message, error=False))


def _identity(info: os.stat_result) -> tuple[int, int]:
    return info.st_dev, info.st_ino


def _left_over(name: str) -> bool:
    # A Kubernetes volume has a second copy of everything in ..data.
    return (
        name.startswith((".", "~$"))
        or name.endswith(("~", ".swp", ".swo"))
        or (name.startswith("#") and name.endswith("#"))
        or name.lower() in _LEFT_OVERS
    )
