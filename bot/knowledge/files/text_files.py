"""Reads single files: their bytes within a bound, the text in them, and the stamp that tells a change."""

import re
import stat
import unicodedata
from pathlib import Path

_LINE_ENDS = re.compile(r"\r\n?")

# What changes when a file or the right to read it does; () where there is none.
Stamp = tuple[int, ...]


def shown(path: Path) -> str:
    """A path as it can be printed: control characters, and bytes that are not UTF-8, as escapes."""
    # Python reads such a byte, 0xff for instance, as the half character U+DCFF.
    return "".join(sign if plain(sign) else ascii(sign)[1:-1].replace("\\udc", "\\x") for sign in str(path))


def plain(text: str) -> bool:
    """Whether a name is text: without control characters and bytes that are not UTF-8."""
    return not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text)


def is_folder(path: Path) -> bool:
    """Whether there is a folder; False also where the system does not let us look."""
    try:
        return path.is_dir()
    except OSError:
        return False


def stamp_of(path: Path) -> Stamp:
    """The stamp of a file or folder."""
    try:
        info = path.stat()
    except OSError:
        return ()
    return info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino


def read_bytes(path: Path, largest: int, *, missing: str) -> tuple[bytes, str]:
    """The bytes of a file, and what is wrong with it: `missing` is what to do where there is no such file.

    Never more than `largest` bytes are read, and nothing that is no file (a pipe blocks).
    """
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            return b"", f"this is no file; {missing}"
        with path.open("rb") as file:
            data = file.read(min(info.st_size, largest) + 1)  # so much memory is taken for each file
    except (FileNotFoundError, NotADirectoryError):
        return b"", f"there is no such file; {missing}"
    except OSError as error:
        return b"", unreadable("file", error)
    if len(data) > largest:
        return data, f"the file is larger than {largest // 1_000_000} MB; split it"
    return data, ""


def unreadable(kind: str, error: OSError) -> str:
    """What to do about a file or folder that the system does not let us read."""
    return f"the {kind} cannot be read ({error.strerror}); give the bot the right to read it"


def as_text(data: bytes) -> tuple[str, int, str]:
    """The text of a file, else the line of what is wrong with it, and what that is."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return "", _line(data, error.start), "this is not UTF-8; save the file as UTF-8"
    if "\0" in text:
        message = "this is no text (it has a NUL character, as UTF-16 has); save the file as UTF-8"
        return "", _line(data, data.index(b"\0")), message
    return _LINE_ENDS.sub("\n", text), 0, ""


def _line(data: bytes, at: int) -> int:
    return data[:at].count(b"\n") + 1
