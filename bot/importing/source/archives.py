"""Looks into zip archives and Office files without trusting them: sizes, paths, macros, entities."""

import lzma
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath

from bot.importing.documents import FileLeftOut, LeftOut, SourceFile

MOST_FILES = 20_000  # in one archive
LARGEST = 20_000_000  # bytes of one file
LARGEST_IN_ALL = 300_000_000  # bytes unpacked
MOST_TIMES = 200  # that a file may be larger unpacked; text is 3 to 20 times larger
SMALL = 1_000_000  # bytes unpacked that are harmless
_ENTITY = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MACROS = re.compile(r"vbaproject|vbadata|macrosheets/|activex", re.IGNORECASE)
_EMBEDDED = re.compile(r"/embeddings/", re.IGNORECASE)


_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, ValueError,
    OSError,
)  # fmt: skip


def list_archive(data: bytes, name: str) -> Iterator[SourceFile | LeftOut]:
    """List the files of a zip archive, and what is left out of it; raises `FileLeftOut` for the whole."""
    archive = _opened(data)
    for info in archive.infolist():
        if info.is_dir():
            continue
        path = _path(info)
        place = f"{name}/{path or info.filename}"
        reason = _reason(info, path)
        if reason:
            yield LeftOut(place, reason)
        else:
            yield SourceFile(place, info.file_size, _reader(archive, info))


def check_office(data: bytes) -> list[str]:
    """Say what is lost of an Office file; raises `FileLeftOut` for one that is not safe to read."""
    archive = _opened(data)
    notes = []
    for info in archive.infolist():
        if _MACROS.search(info.filename):
            raise FileLeftOut("it has macros; save a copy without them")
        if info.file_size > SMALL and info.file_size > MOST_TIMES * max(info.compress_size, 1):
            raise FileLeftOut("a part of it unpacks to very much more than it is; save it again")
        if _EMBEDDED.search(info.filename):
            notes.append("left out: files that are embedded in it")
        if info.filename.lower().endswith((".xml", ".rels", ".vml")) and _ENTITY.search(
            _reader(archive, info)().replace(b"\0", b"")
        ):
            raise FileLeftOut("its XML declares entities, which no program of an office does; save it again")
    return sorted(set(notes))


def _opened(data: bytes) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
        raise FileLeftOut("it is no archive, or is damaged; make it again") from error
    if len(infos) > MOST_FILES:
        raise FileLeftOut(f"it holds more than {MOST_FILES:,} files; divide it")
    if sum(info.file_size for info in infos) > LARGEST_IN_ALL:
        raise FileLeftOut(f"it unpacks to more than {LARGEST_IN_ALL // 1_000_000} MB; divide it")
    return archive


def _path(info: zipfile.ZipInfo) -> str | None:
    # Where the file would lie; None for a place outside.
    name = info.filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name) or "\0" in name:
        return None
    return "/".join(parts)


def _reason(info: zipfile.ZipInfo, path: str | None) -> str:
    if path is None:
        return "its path leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a link; put the file itself into the archive"
    if info.flag_bits & 0x1:
        return "it is encrypted; make the archive without a password"
    if info.file_size > LARGEST:
        return f"it has {info.file_size / 1e6:,.0f} MB, and {LARGEST // 1_000_000} are the most; divide it"
    if info.file_size > SMALL and info.file_size > MOST_TIMES * max(info.compress_size, 1):
        return "it unpacks to very much more than it is"
    return ""


class _Reading:
    # Reads a file of an archive, never more than its size says.
    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._archive, self._info = archive, info

    def __call__(self) -> bytes:
        try:
            with self._archive.open(self._info) as file:
                data = file.read(min(self._info.file_size, LARGEST) + 1)
        except _DAMAGED as error:
            raise FileLeftOut("it is damaged in the archive; make the archive again") from error
        if len(data) > self._info.file_size:
            raise FileLeftOut("it is larger than its archive says")
        return data


def _reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Reading:
    return _Reading(archive, info)
