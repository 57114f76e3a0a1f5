"""A small network that reads each word of a text beside its neighbours: plain numpy, a few matrices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.matching.encoders.base import Vectors

LEAST = 1e-9  # length of a vector that is none


@dataclass(frozen=True)
class _Step:
    """What is added to something: a hidden layer of it."""

    up: Vectors
    bias: Vectors
    down: Vectors

    def __call__(self, values: Vectors) -> Vectors:
        return np.asarray(_bent(values @ self.up + self.bias) @ self.down, np.float32)


class Network:
    """Words' vectors -> a text's: made once, then only read."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[np.float16]]) -> None:
        """`arrays`: `up`, `bias` and `down` of each layer with its number, of `out` and of `last`."""
        single = {name: values.astype(np.float32) for name, values in arrays.items()}
        names = sorted(name.removeprefix("up_") for name in single if name.startswith("up_"))
        steps = {
            name: _Step(single[f"up_{name}"], single[f"bias_{name}"], single[f"down_{name}"])
            for name in names
        }
        self._last = steps.pop("last")
        self._layers = list(steps.values())
        self._gate, self._gate_bias = single["gate"], single["gate_bias"]
        self._out, self._out_bias = single["out"], single["out_bias"]
        self.dimension = self._out.shape[1]

    def read(self, words: Vectors, gains: Vectors, lengths: Sequence[int]) -> Vectors:
        """The words of all texts one after the other, and how many each text has -> (texts, dimension).

        `gains`: how much each word counts. Each half of a vector has the length of the square root of a half.
        """
        # A row of nothing before, between and after the texts: no word sees those of another text.
        sizes = np.asarray(lengths, np.int64)
        text = np.repeat(np.arange(len(sizes)), sizes)
        place = np.arange(len(words)) + text + 1
        around = np.zeros((len(words) + len(sizes) + 1, words.shape[1]), np.float32)
        read = words
        for calibrator in self._layers:
            around[place] = read
            read = read + calibrator(np.hstack([around[place - 1], read, around[place + 1]]))
        weights = gains * _share(read @ self._gate + self._gate_bias)
        both = np.hstack([words * gains[:, None], read * weights[:, None]])
        pooled = np.zeros((len(sizes), both.shape[1]), np.float32)
        there = np.flatnonzero(sizes)
        if len(there):
            starts = (np.cumsum(sizes) - sizes)[there]
            pooled[there] = np.add.reduceat(both, starts, axis=0)
        found = _whole(pooled @ self._out + self._out_bias)
        found = found + self._last(found)
        half = self.dimension // 2
        return np.hstack([_whole(found[:, :half]), _whole(found[:, half:])]) * np.float32(0.5**0.5)


def _bent(values: Vectors) -> Vectors:
    # GELU, by its usual approximation.
    inner = np.float32(0.7978846) * (values + np.float32(0.044715) * values * values * values)
    return np.asarray(np.float32(0.5) * values * (1 + np.tanh(inner)), np.float32)


def _share(values: Vectors) -> Vectors:
    # Between 0 and 2.
    return np.asarray(1 + np.tanh(values / 2), np.float32)


def _whole(values: Vectors) -> Vectors:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, LEAST), np.float32)
