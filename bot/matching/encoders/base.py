"""The interface of encoders, and checks of the vectors that they give."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bot.domain.errors import EncoderUnavailable

Vectors = npt.NDArray[np.float32]
LONGEST = 1_000  # characters of one text that are encoded: about what small models read


class Encoder(Protocol):
    """Turns texts into embeddings; safe in any thread."""

    identity: str
    """What the vectors depend on besides the texts; another model has another one."""
    remote: bool
    """Whether texts leave the process, over a network that may be slow."""

    @property
    def max_examples(self) -> int | None:
        """The most titles and examples in a content for which it is worth its time; None: any number."""

    @property
    def max_edit_texts(self) -> int:
        """The most texts of an edit that are encoded before it takes effect."""

    @property
    def min_standard_errors(self) -> float:
        """The standard errors by which a language's own questions must find it better than words alone."""

    def encode(self, texts: Sequence[str], *, patient: bool = False) -> Vectors:
        """The vectors of the texts, of length one: (texts, dimension).

        `patient`: wait and try again as long as is reasonable for content; otherwise answers wait for this.
        Raises `EncoderUnavailable`.
        """


def clipped(text: str) -> str:
    """A text as it is encoded: one line, not too long; never empty."""
    return " ".join(text.split())[:LONGEST] or "-"


def checked(vectors: npt.ArrayLike, number: int) -> Vectors:
    """The vectors scaled to length one; raises `EncoderUnavailable` when they are not what was asked for."""
    found = np.asarray(vectors, np.float32)
    if found.ndim != 2 or len(found) != number or not found.shape[1]:
        raise EncoderUnavailable(f"The model gave an array of the shape {found.shape} for {number} texts.")
    length = np.linalg.norm(found.astype(np.float64), axis=1, keepdims=True)
    if not np.isfinite(length).all() or not (length > 0).all():
        raise EncoderUnavailable("The model gave vectors without a direction (zero or not a number).")
    return np.asarray(found / length, np.float32)
