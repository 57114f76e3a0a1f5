"""Keeps the pages of a system as a folder of articles: each file whole or not at all, each by one process."""

import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from bot.domain.errors import SourceUnavailable
from bot.knowledge.files.text_files import shown
from bot.knowledge.wiki.port import Reason

KEY = re.compile(r"[A-Za-z0-9-]{1,80}")
STATE, PROGRESS, LOCK, BESIDE = ".pages.json", ".progress.json", ".lock", ".new-"
FORMAT = 1  # of the state and of how pages are written: another one, and all is read anew


@dataclass(slots=True)
class FolderState:
    """What a folder holds: the version of each article, and of what is none the version, address and reason.

    `faults` are sentences on what of the settings does not hold in the system.
    """

    held: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class PageFolder:
    """Folder of the articles of one system, named by it and by a page's key; all else there is left alone."""

    def __init__(self, path: Path, name: str) -> None:
        """`name` is the system's: it begins the names of the files and the ids of the articles."""
        self.path = path
        self._name = name
        self._ours = re.compile(rf"{re.escape(name)}-({KEY.pattern})\.md")

    def article_id(self, key: str) -> str:
        """The id of a page's article."""
        return f"{self._name}-{key}"

    def file(self, key: str) -> Path:
        """The file of a page's article."""
        return self.path / f"{self.article_id(key)}.md"

    def lock(self) -> IO[str] | None:
        """Hold the folder until what is returned is closed; None where another process does.

        That may be one of another replica which shares the folder. The system lets go of it when a process
        ends, however it does.
        """
        import fcntl

        try:
            self.path.mkdir(parents=True, exist_ok=True)
            file = (self.path / LOCK).open("a")
        except OSError as error:
            raise _unwritable(self.path, error) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for left_over in self.path.glob(f"{BESIDE}*"):
                left_over.unlink(missing_ok=True)
        except BlockingIOError:
            file.close()
            return None
        except OSError as error:
            file.close()
            raise _unwritable(self.path, error) from error
        return file

    def state(self) -> FolderState:
        """The state as it was written last; of a file that is gone nothing is known."""
        return self._read(PROGRESS) or self._read(STATE) or FolderState()

    def keep(self, state: FolderState, *, under_way: bool = False) -> None:
        """Write the state; with `under_way` what reads the articles is not told yet."""
        document = {"format": FORMAT, **asdict(state)}
        self._write(self.path / (PROGRESS if under_way else STATE), json.dumps(document, ensure_ascii=False))
        if not under_way:
            (self.path / PROGRESS).unlink(missing_ok=True)

    def _read(self, name: str) -> FolderState | None:
        try:
            read = json.loads((self.path / name).read_text(encoding="utf-8"))
            if read["format"] != FORMAT:
                return None
            held = {key: str(version) for key, version in read["held"].items() if self.file(key).exists()}
            left_out = {key: (str(a), str(b), Reason(c).value) for key, (a, b, c) in read["left_out"].items()}
            return FolderState(held, left_out, [str(one) for one in read["faults"]])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None  # then every page is read anew

    def write(self, key: str, text: str) -> bool:
        """Write a page's article; False where the same is there already."""
        path = self.file(key)
        try:
            if path.read_text(encoding="utf-8") == text:
                return False
        except (OSError, ValueError):
            pass
        self._write(path, text)
        return True

    def remove(self, key: str) -> bool:
        """Take a page's article away; False where there is none."""
        try:
            self.file(key).unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unwritable(self.path, error) from error
        return True

    def keys(self) -> list[str]:
        """The keys of all articles that are there, whether the state knows them or not."""
        found = (self._ours.fullmatch(path.name) for path in self.path.iterdir())
        return [match[1] for match in found if match]

    def _write(self, path: Path, text: str) -> None:
        # A reader sees the file before, or the new one; what a kill leaves behind is hidden, and swept later.
        try:
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", newline="\n", dir=self.path, prefix=BESIDE, delete=False
            ) as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).chmod(0o644)
            Path(file.name).replace(path)
        except OSError as error:
            raise _unwritable(self.path, error) from error


def _unwritable(path: Path, error: OSError) -> SourceUnavailable:
    reason = error.strerror or type(error).__name__
    return SourceUnavailable(
        f"{shown(path)}: {reason}; pages cannot be kept there. Set the source's folder to one that this "
        "account may write.",
        code="folder",
    )
