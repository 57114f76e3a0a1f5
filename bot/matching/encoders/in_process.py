"""An encoder that runs a model in the process, loaded in a thread of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy.typing as npt
import structlog

from bot.domain.errors import EncoderUnavailable
from bot.matching.encoders.base import Vectors, checked

PATIENCE = 300.0  # seconds to load a model
Run = Callable[[Sequence[str]], npt.NDArray[Any]]  # texts -> vectors (texts, dimension) of any length
log = structlog.get_logger()


class InProcessEncoder:
    """Runs a model, loaded at the first use in its own thread: its library takes seconds to import."""

    remote = False
    max_examples = None
    max_edit_texts = 100
    min_standard_errors = 1.0

    def __init__(self, name: str, identity: str, load: Callable[[], Run]) -> None:
        """`name`: what the setting calls the model; `load` may raise anything."""
        self.identity = identity
        self._name, self._load = name, load
        self._run: Run | None = None
        self._failure = ""
        self._ready = threading.Event()
        self._starting = threading.Lock()
        self._turn = threading.Lock()  # not every tokenizer is safe in several threads
        self._started = False

    def encode(self, texts: Sequence[str], *, patient: bool = False) -> Vectors:
        """The vectors of the texts, of length one; raises `EncoderUnavailable`.

        While the model is being loaded, only `patient` calls wait for it.
        """
        self._start()
        if not self._ready.wait(PATIENCE if patient else 0.0):
            raise EncoderUnavailable("The model is still being loaded.")
        if self._run is None:
            raise EncoderUnavailable(self._failure, passing=False)
        with self._turn:
            try:
                found = self._run(texts)
            except Exception as error:  # whatever a model raises: words alone can answer
                raise EncoderUnavailable(f"The model broke ({type(error).__name__}).") from error
        return checked(found, len(texts))

    def _start(self) -> None:
        with self._starting:
            if not self._started:
                self._started = True
                threading.Thread(target=self._prepare, name="embeddings", daemon=True).start()

    def _prepare(self) -> None:
        try:
            self._run = self._load()
        except Exception as error:  # whatever is wrong with a model, answers must go on: words alone
            self._failure = f"FIRSTLINE_EMBEDDINGS: {self._name} cannot be loaded ({type(error).__name__})."
            log.exception(
                "embeddings_unavailable", next_step="see FIRSTLINE_EMBEDDINGS in `firstline docs settings`"
            )
        finally:
            self._ready.set()
