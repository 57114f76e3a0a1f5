"""A model with the table of kindred words beside it: what the one does not know, the other may."""

from collections.abc import Sequence

import numpy as np

from bot.matching.encoders.base import Encoder, Vectors, checked
from bot.matching.encoders.builtin import BuiltinEncoder

SHARE = 0.75  # of the likeness of two texts that is the model's


class CombinedEncoder:
    """The vectors of a model, and behind them those of the table: their likenesses add up.

    Many models know English alone; the table knows Spanish as well.
    """

    def __init__(self, model: Encoder, kindred: BuiltinEncoder | None = None) -> None:
        self._model, self._kindred = model, kindred or BuiltinEncoder()
        self.identity = f"{model.identity}\0{SHARE}\0{self._kindred.identity}"
        self.remote, self.most = model.remote, model.most
        self.at_once, self.proof = model.at_once, model.proof

    def encode(self, texts: Sequence[str], *, patient: bool = False) -> Vectors:
        """Vectors of length one; raises `EncoderUnavailable` where the model does."""
        said = self._model.encode(texts, patient=patient)
        both = np.hstack([SHARE**0.5 * said, (1 - SHARE) ** 0.5 * self._kindred.encode(texts)])
        return checked(both, len(texts))
