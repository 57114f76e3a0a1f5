"""The encoder that runs a sentence-transformers model from a folder; nothing is ever downloaded."""

import hashlib
import importlib.util
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from bot.domain.errors import EncoderUnavailable
from bot.matching.encoders.base import Vectors, checked

BATCH = 64
LOOKED_AT = 1_000_000  # bytes at each end of a file that tell one model from another
PATIENCE = 300.0  # seconds to load a model
LIBRARY = "sentence_transformers"
log = structlog.get_logger()


class LocalModelEncoder:
    """Runs a local model, loaded at the first use in its own thread: the library takes seconds to import."""

    remote = False
    max_examples = None
    max_edit_texts = 100
    min_standard_errors = 1.0

    def __init__(self, folder: Path) -> None:
        """Raises `EncoderUnavailable` when the folder holds no model, or the library is not installed."""
        problem = mistake_in(folder)
        if problem is not None:
            raise EncoderUnavailable(problem, passing=False)
        self._folder = folder
        self.identity = f"folder\0{_digest(folder)}"
        self._model: Any = None
        self._failure = ""
        self._ready = threading.Event()
        self._starting = threading.Lock()
        self._turn = threading.Lock()  # the tokenizers of the library are not safe in several threads
        self._started = False

    def encode(self, texts: Sequence[str], *, patient: bool = False) -> Vectors:
        """The vectors of the texts, of length one; raises `EncoderUnavailable`.

        While the model is being loaded, only `patient` calls wait for it.
        """
        self._start()
        if not self._ready.wait(PATIENCE if patient else 0.0):
            raise EncoderUnavailable("The model is still being loaded.")
        if self._model is None:
            raise EncoderUnavailable(self._failure, passing=False)
        with self._turn:
            try:
                found = self._model.encode(
                    list(texts), batch_size=BATCH, convert_to_numpy=True, show_progress_bar=False
                )
            except Exception as error:  # whatever a model raises: words alone can answer
                raise EncoderUnavailable(f"The model broke ({type(error).__name__}).") from error
        return checked(found, len(texts))

    def _start(self) -> None:
        with self._starting:
            if not self._started:
                self._started = True
                threading.Thread(target=self._load, name="embeddings", daemon=True).start()

    def _load(self) -> None:
        try:
            self._model = _loaded(self._folder)
        except Exception as error:  # whatever is wrong with a model, answers must go on: words alone
            self._failure = f"FIRSTLINE_EMBEDDINGS: {self._folder} cannot be loaded ({type(error).__name__})."
            log.exception("embeddings_unavailable", next_step="see FIRSTLINE_EMBEDDINGS in docs/settings.md")
        finally:
            self._ready.set()


def mistake_in(folder: Path) -> str | None:
    """What is wrong with a model's folder, as far as can be told without loading it; else None."""
    if not folder.is_dir():
        return f"FIRSTLINE_EMBEDDINGS: there is no folder {folder}; name the folder of a model, or a URL."
    if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
        return (
            f"FIRSTLINE_EMBEDDINGS: {folder} holds no sentence-transformers model (neither modules.json nor "
            "config.json is there)."
        )
    if importlib.util.find_spec(LIBRARY) is None:
        return (
            "FIRSTLINE_EMBEDDINGS: a folder needs the library sentence-transformers; "
            "install it with `pip install 'firstline[semantic]'`, or set a URL."
        )
    return None


def _loaded(folder: Path) -> Any:
    # Read by the libraries when they are imported.
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    from sentence_transformers import SentenceTransformer

    # With more threads than one, answers and the event loop stand in each other's way.
    torch.set_num_threads(1)
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True, trust_remote_code=False)


def _digest(folder: Path) -> str:
    made = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            size = path.stat().st_size
            made.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
            with path.open("rb") as file:
                made.update(file.read(LOOKED_AT))
                file.seek(max(0, size - LOOKED_AT))
                made.update(file.read(LOOKED_AT))
    return made.hexdigest()
