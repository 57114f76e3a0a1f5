"""Lists the files of a source: a folder, a zip archive or a single file; nothing outside of it is read."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from bot.importing.documents import FileLeftOut, ImportRefused, LeftOut, SourceFile
from bot.importing.source.archives import LARGEST, list_archive
from bot.knowledge.files.text_files import plain, read_bytes, shown, unreadable

MOST_FILES = 50_000
LARGEST_ARCHIVE = 200_000_000  # bytes
_ASSETS = frozenset((".gitbook", ".attachments"))  # hidden folders in which wikis keep pictures
_PASSED_OVER = frozenset(("node_modules", "__pycache__", "__macosx", "thumbs.db", "desktop.ini"))


def list_source(path: Path) -> tuple[dict[str, SourceFile], list[LeftOut]]:
    """List the files of a source in order, and what is left out of it; raises `ImportRefused`."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise ImportRefused(f"{shown(path)} cannot be read ({error.strerror}); correct the path.") from error
    entries: Iterator[SourceFile | LeftOut]
    if stat.S_ISDIR(mode):
        entries = _folder(path)
    elif stat.S_ISREG(mode):
        entries = _file(path, path.name)
    else:
        raise ImportRefused(f"{shown(path)} is neither a file nor a folder; name one that is.")
    files: dict[str, SourceFile] = {}
    left: list[LeftOut] = []
    for entry in entries:
        if isinstance(entry, LeftOut):
            left.append(entry)
        else:
            files[entry.name] = entry
        if len(files) > MOST_FILES:
            raise ImportRefused(f"{shown(path)} has more than {MOST_FILES:,} files; name a folder in it.")
    if stat.S_ISREG(mode) and path.suffix.lower() == ".zip":  # its name is no folder of the source
        files = {name.partition("/")[2]: _renamed(one) for name, one in files.items()}
        left = [LeftOut(one.place.partition("/")[2] or one.place, one.reason) for one in left]
    return dict(sorted(files.items())), left


def _renamed(file: SourceFile) -> SourceFile:
    return SourceFile(file.name.partition("/")[2], file.size, file.read)


def _folder(root: Path) -> Iterator[SourceFile | LeftOut]:
    inside = root.resolve()
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            yield LeftOut(_name(folder, root), unreadable("folder", error))
            continue
        for entry in entries:
            path, name = Path(entry.path), _name(Path(entry.path), root)
            hidden = entry.name.startswith((".", "~$")) and entry.name not in _ASSETS
            if hidden or entry.name.lower() in _PASSED_OVER:
                continue
            if not plain(entry.name):
                yield LeftOut(name, "its name is no text (not UTF-8, or a control character); rename it")
            elif entry.is_symlink():
                yield from _link(path, name, inside)
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            elif entry.is_file(follow_symlinks=False):
                yield from _file(path, name)
            else:
                yield LeftOut(name, "it is no file")


def _link(path: Path, name: str, inside: Path) -> Iterator[LeftOut]:
    # What a link within the folder leads to is read under its own name.
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        yield LeftOut(name, "it is a link that leads nowhere")
        return
    if not target.is_relative_to(inside):
        yield LeftOut(
            name, "it is a link that leads out of the folder; copy what it leads to into the folder"
        )


def _file(path: Path, name: str) -> Iterator[SourceFile | LeftOut]:
    size = path.stat().st_size
    if path.suffix.lower() != ".zip":
        if size > LARGEST:
            reason = f"it has {size / 1e6:,.0f} MB, and {LARGEST // 1_000_000} are the most; divide it"
            yield LeftOut(name, reason)
        else:
            yield SourceFile(name, size, _Reading(path, LARGEST))
        return
    if size > LARGEST_ARCHIVE:
        reason = (
            f"it has {size / 1e6:,.0f} MB, and an archive at most {LARGEST_ARCHIVE // 1_000_000}; divide it"
        )
        yield LeftOut(name, reason)
        return
    try:
        yield from list_archive(_Reading(path, LARGEST_ARCHIVE)(), name)
    except FileLeftOut as error:
        yield LeftOut(name, str(error))


class _Reading:
    def __init__(self, path: Path, largest: int) -> None:
        self._path, self._largest = path, largest

    def __call__(self) -> bytes:
        data, fault = read_bytes(self._path, self._largest, missing="import again")
        if fault:
            raise FileLeftOut(fault)
        return data


def _name(path: Path, root: Path) -> str:
    return shown(path.relative_to(root)) if path != root else "."
