"""The combination of a model with the built-in encoder: what one does not know, the other may."""

from collections.abc import Sequence

import numpy as np

from bot.matching.encoders.base import Encoder, Vectors, checked
from bot.matching.encoders.builtin import BuiltinEncoder

SHARE = 0.75  # of the similarity of two texts that is the model's


class CombinedEncoder:
    """Concatenates the vectors of a model and of the built-in encoder, so that their similarities add up.

    Many models know English alone; the built-in encoder knows Spanish as well.
    """

    def __init__(self, model: Encoder, builtin: BuiltinEncoder | None = None) -> None:
        self._model, self._builtin = model, builtin or BuiltinEncoder()
        self.identity = f"{model.identity}\0{SHARE}\0{self._builtin.identity}"
        self.remote, self.max_examples = model.remote, model.max_examples
        self.max_edit_texts, self.min_standard_errors = model.max_edit_texts, model.min_standard_errors

    def encode(self, texts: Sequence[str], *, patient: bool = False) -> Vectors:
        """The vectors of the texts, of length one; raises `EncoderUnavailable` where the model does."""
        vectors = self._model.encode(texts, patient=patient)
        both = np.hstack([SHARE**0.5 * vectors, (1 - SHARE) ** 0.5 * self._builtin.encode(texts)])
        return checked(both, len(texts))
