"""Named numpy arrays, and the folder of files that keeps a matcher's: npz, never a pickle."""

import hashlib
import os
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import structlog

LARGEST = 400_000_000  # bytes of one file; what is larger is computed anew at each start
MOST_FILES = 3  # in a folder; the oldest go
log = structlog.get_logger()


class ArrayFile:
    """Arrays under names, as they are written to a file."""

    def __init__(self, arrays: dict[str, npt.NDArray[Any]] | None = None, prefix: str = "") -> None:
        self.arrays = {} if arrays is None else arrays
        self._prefix = prefix

    def section(self, name: str) -> "ArrayFile":
        """A view of the arrays whose names begin with `name/`, under what follows it."""
        return ArrayFile(self.arrays, f"{self._prefix}{name}/")

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self.arrays[self._prefix + name]

    def __setitem__(self, name: str, value: npt.ArrayLike) -> None:
        self.arrays[self._prefix + name] = np.asarray(value)

    def __contains__(self, name: str) -> bool:
        return self._prefix + name in self.arrays

    def put_texts(self, name: str, texts: Sequence[str]) -> None:
        """Put strings in; none may contain NUL."""
        self[name] = np.frombuffer("\0".join(["", *texts]).encode("utf-8", "surrogatepass"), np.uint8)

    def texts(self, name: str) -> list[str]:
        """The strings that were put in under a name."""
        return self[name].tobytes().decode("utf-8", "surrogatepass").split("\0")[1:]


class Cache:
    """A folder of array files, each named after what it was made from, such as a content and a version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, *parts: str) -> Path:
        """The path of the file that is made from these parts."""
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
        return self.folder / f"{digest[:40]}.npz"

    def load(self, path: Path) -> ArrayFile | None:
        """The arrays of a file; None where there is no file, or a damaged one."""
        try:
            if path.stat().st_size > LARGEST:
                return None
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                found = ArrayFile({name: file[name] for name in file.files})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
            log.warning(
                "matcher_cache_unreadable", kind=type(error).__name__, next_step="none: it is learned anew"
            )
            return None
        return found

    def save(self, path: Path, arrays: ArrayFile) -> bool:
        """Write the file in whole or not at all; return whether it was written."""
        if sum(array.nbytes for array in arrays.arrays.values()) > LARGEST:
            log.info("matcher_cache_too_large")
            return False
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with part.open("wb") as file:
                np.savez(file, allow_pickle=False, **arrays.arrays)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            self._tidy()
        except OSError as error:
            log.warning(
                "matcher_cache_not_written",
                kind=type(error).__name__,
                next_step="see FIRSTLINE_CACHE in `firstline docs settings`",
            )
            with suppress(OSError):  # without the folder there is nothing to remove either
                part.unlink()
            return False
        return True

    def _tidy(self) -> None:
        files = sorted(self.folder.glob("*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in files[MOST_FILES:]:
            old.unlink(missing_ok=True)
