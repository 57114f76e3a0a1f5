"""The port behind which a sentence-embedding model stands."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bot.domain.errors import EncoderUnavailable

Vectors = npt.NDArray[np.float32]
LONGEST = 1_000  # characters of one text that are encoded: about what small models read


class Encoder(Protocol):
    """Turns texts into vectors; safe in any thread."""

    identity: str
    """What the vectors hang on besides the texts; another model has another one."""
    remote: bool
    """Whether texts leave the process, over a network that may be slow."""

    @property
    def most(self) -> int | None:
        """How many things people say in a content at most, for it to be worth its time; None: any number."""

    @property
    def at_once(self) -> int:
        """How many texts of an edit are encoded at most before it takes effect."""

    @property
    def proof(self) -> float:
        """By how many standard errors a language's trials must find it better than words alone."""

    def encode(self, texts: Sequence[str], *, patient: bool = False) -> Vectors:
        """Vectors of length one, (texts, dimension).

        `patient`: wait and try again as long as is reasonable for content; otherwise answers wait for this.
        Raises `EncoderUnavailable`.
        """


def clipped(text: str) -> str:
    """A text as it is encoded: one line, not too long; never empty."""
    return " ".join(text.split())[:LONGEST] or "-"


def checked(vectors: npt.ArrayLike, number: int) -> Vectors:
    """Vectors of length one; raises `EncoderUnavailable` when they are not what was asked for."""
    found = np.asarray(vectors, np.float32)
    if found.ndim != 2 or len(found) != number or not found.shape[1]:
        raise EncoderUnavailable(f"The model gave an array of the shape {found.shape} for {number} texts.")
    length = np.linalg.norm(found.astype(np.float64), axis=1, keepdims=True)
    if not np.isfinite(length).all() or not (length > 0).all():
        raise EncoderUnavailable("The model gave vectors without a direction (zero or not a number).")
    return np.asarray(found / length, np.float32)
