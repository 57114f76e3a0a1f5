"""Keeps the files of a SQLite database to the account that runs us, and says where others reach them."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from threading import Lock
from urllib.parse import unquote, urlsplit

from sqlalchemy import URL

from bot.storage.database_url import parsed

_MAKING = Lock()
OWNER = 0o600
OTHERS = 0o077  # every right of the group and of everybody else
MAY_REPLACE = 0o022  # rights to a folder with which they put another file in the place of ours
BESIDE = (
    "",
    "-wal",
    "-shm",
    "-journal",
)  # what SQLite keeps beside its file; it gives them the file's rights


def make_for_owner(address: URL) -> None:
    """Make the file of a SQLite database readable by this account alone; what is there stays as it is.

    The file is made with its rights: a mask would be every thread's. What is there is not even opened, and
    one thread makes at a time: closing a file takes the locks away that SQLite holds on it in this process.
    What cannot be made says so when it is opened.
    """
    if address.get_backend_name() != "sqlite" or os.name != "posix":
        return
    if address.query.get("mode", "rwc") == "rwc":
        with _MAKING, suppress(OSError):
            os.close(os.open(file_of(address), os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER))


def reached_by_others(url: str) -> list[str]:
    """Return a sentence for each file or folder of a database that other accounts of this machine reach."""
    address = parsed(url)
    if address.get_backend_name() != "sqlite" or os.name != "posix":
        return []
    file = file_of(address)
    found = [path for end in BESIDE if _mode(path := file.with_name(file.name + end)) & OTHERS]
    told = [f"other accounts of this machine reach {path}: chmod go= {path}" for path in found]
    folder = file.absolute().parent
    mode = _mode(folder)
    if mode & MAY_REPLACE and not mode & stat.S_ISVTX:
        told.append(f"other accounts of this machine may put files into {folder}: chmod go-w {folder}")
    return told


def file_of(address: URL) -> Path:
    """The file of a SQLite database."""
    name = address.database or ""
    return Path(unquote(urlsplit(name).path) if name.startswith("file:") else name)


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:  # none there
        return 0
