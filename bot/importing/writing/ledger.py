"""Keeps beside imported articles what was written, so that the next import knows what was edited since."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath

from bot.domain.errors import FirstlineError
from bot.knowledge.files.text_files import shown

NAME = ".imported.json"  # hidden: no source of articles reads it
VERSION = 1


class LedgerInvalid(FirstlineError):
    """The list of what was imported cannot be read; restore it, or remove it to begin anew."""


@dataclass(frozen=True, slots=True)
class Entry:
    """File that an import wrote: where it came from, and the hash of what was written."""

    source: str
    hash: str


def hash_of(content: bytes) -> str:
    """Return the hash of a file's content."""
    return sha256(content).hexdigest()


def read_ledger(folder: Path) -> dict[str, Entry]:
    """Read the entries by the file's name; none where nothing was imported. Raises `LedgerInvalid`."""
    path = folder / NAME
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != VERSION or any(map(_leads_out, data["files"])):
            raise ValueError
        return {name: Entry(entry["source"], entry["hash"]) for name, entry in data["files"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LedgerInvalid(
            f"{shown(path)} cannot be read; restore it, or remove it to take all files there for your own."
        ) from error


def _leads_out(name: str) -> bool:
    # Files with these names are deleted: none may be elsewhere.
    return ".." in PurePath(name).parts or PurePath(name).is_absolute()


def ids_of(entries: Mapping[str, Entry]) -> dict[str, list[str]]:
    """Return the ids that articles were given, by their place in the source."""
    found: dict[str, list[str]] = {}
    for name in sorted(entries, key=lambda name: (len(name), name)):
        if name.endswith(".md"):  # before its language, if that is there
            found.setdefault(entries[name].source, []).append(name.partition(".")[0])
    return found


def write_ledger(folder: Path, entries: Mapping[str, Entry]) -> None:
    """Write the entries, all or nothing."""
    files = {name: {"source": entry.source, "hash": entry.hash} for name, entry in sorted(entries.items())}
    text = json.dumps({"version": VERSION, "files": files}, ensure_ascii=False, indent=1)
    write_file(folder / NAME, f"{text}\n".encode())


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever reads half of it."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)
