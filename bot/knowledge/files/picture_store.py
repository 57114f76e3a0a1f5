"""Keeps pictures as they are shown, made ready by a process of its own."""

import atexit
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path

import structlog

from bot.domain.knowledge.content import Picture

LARGEST = 20_000_000  # bytes of a file
RECIPE = "1"  # how pictures are made ready: with another one all are made anew
BATCH = 20  # pictures for one process
PATIENCE = 120  # seconds for a batch
UNUSED = 30 * 24 * 3600  # seconds after which a picture that nobody shows is given up
ENCODER = "bot.knowledge.files.picture_encoder"
GAVE_UP = "it cannot be read; open it and export it anew"
_READY = re.compile(r"([0-9a-f]{32})-(\d{1,4})x(\d{1,4})(\.still)?\.(png|jpg)")
_TYPES = {"png": "image/png", "jpg": "image/jpeg"}

log = structlog.get_logger()


class PictureStore:
    """Store of pictures that were made ready, each named after its content.

    They are in the cache folder, or without one in a folder that lasts as long as this process.
    """

    def __init__(self, cache: Path | None) -> None:
        self._cache = cache

    @cached_property
    def _folder(self) -> Path:
        if self._cache is not None:
            try:
                (self._cache / "pictures").mkdir(parents=True, exist_ok=True)
                return self._cache / "pictures"
            except OSError as error:
                log.warning(
                    "pictures_not_kept",
                    reason=error.strerror,
                    next_step="see FIRSTLINE_CACHE in `firstline docs settings`",
                )
        folder = tempfile.mkdtemp(prefix="firstline-pictures-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    def ready(self, files: Sequence[Path]) -> dict[Path, Picture | str]:
        """Each file as a picture that can be shown, else what is wrong with it; new ones are made now."""
        found: dict[Path, Picture | str] = {}
        names: dict[Path, str] = {}
        for file in files:
            try:
                names[file] = _name_of(file)
            except OSError as error:
                found[file] = f"it cannot be read ({error.strerror}); give the bot the right to read it"
        too_large = [file for file, name in names.items() if not name]
        found |= dict.fromkeys(too_large, f"it is larger than {LARGEST // 1_000_000} MB; make it smaller")
        kept = self._kept() if names else {}
        missing = {name: file for file, name in names.items() if name and name not in kept}
        refused = self._make(missing)
        kept = self._kept() if missing else kept
        for file, name in names.items():
            if name:
                found[file] = kept[name] if name in kept else refused.get(name, GAVE_UP)
        self._tidy(kept, {name for name in names.values() if name})
        return found

    def _kept(self) -> dict[str, Picture]:
        kept = {}
        for entry in os.scandir(self._folder):
            if match := _READY.fullmatch(entry.name):
                name, width, height, still, kind = match.groups()
                kept[name] = Picture(
                    "", name, _TYPES[kind], int(width), int(height), Path(entry.path), bool(still)
                )
        return kept

    def _make(self, wanted: Mapping[str, Path]) -> dict[str, str]:
        """Have pictures made ready; return why those were refused that were."""
        waiting, refused = dict(wanted), dict[str, str]()
        while waiting:
            answered = self._encode(dict(islice(waiting.items(), BATCH)))
            if not answered:  # the first one has ended the process, or the machine has no room for it
                answered = {next(iter(waiting)): GAVE_UP}
            for name, reason in answered.items():
                waiting.pop(name, None)
                if reason:
                    refused[name] = reason
        return refused

    def _encode(self, batch: Mapping[str, Path]) -> dict[str, str]:
        lines = "".join(json.dumps([str(path), name]) + "\n" for name, path in batch.items())
        command = [sys.executable, "-m", ENCODER, str(self._folder)]
        try:
            said = subprocess.run(  # noqa: S603  # our own module
                command, input=lines.encode(), capture_output=True, timeout=PATIENCE, check=False
            ).stdout
        except subprocess.TimeoutExpired as expired:
            said = expired.stdout or b""
        answers = [json.loads(line) for line in said.splitlines(keepends=True) if line.endswith(b"\n")]
        return {str(name): str(reason) for name, reason in answers}

    def _tidy(self, kept: Mapping[str, Picture], used: set[str]) -> None:
        """Give up what was not used for long; several desks may share the folder."""
        now = time.time()
        for name, picture in kept.items():
            try:
                age = now - picture.file.stat().st_mtime
                if name in used and age > UNUSED / 2:
                    os.utime(picture.file)
                elif name not in used and age > UNUSED:
                    picture.file.unlink()
            except OSError:
                continue


def _name_of(file: Path) -> str:
    """The name of a file's content; empty where it is too large. Raises `OSError`."""
    with file.open("rb") as opened:
        if os.fstat(opened.fileno()).st_size > LARGEST:
            return ""
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return hashlib.sha256(f"{RECIPE} {digest}".encode()).hexdigest()[:32]
