"""The network of the built-in encoder: it reads each word of a text beside its neighbours, in plain numpy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.matching.encoders.base import Vectors
from bot.matching.index.inverted_index import Ints

LEAST = 1e-9  # the length by which a vector of zeros is divided


@dataclass(frozen=True)
class _ResidualBlock:
    """A hidden layer whose output is added to what it reads."""

    up: Vectors
    bias: Vectors
    down: Vectors

    def __call__(self, values: Vectors) -> Vectors:
        return np.asarray(_gelu(values @ self.up + self.bias) @ self.down, np.float32)


class Network:
    """Turns the vectors of a text's words into the text's vector; built once, then only read."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[np.float16]]) -> None:
        """`arrays`: `up`, `bias` and `down` of each layer with its number, of `out` and of `last`."""
        single = {name: values.astype(np.float32) for name, values in arrays.items()}
        names = sorted(name.removeprefix("up_") for name in single if name.startswith("up_"))
        blocks = {
            name: _ResidualBlock(single[f"up_{name}"], single[f"bias_{name}"], single[f"down_{name}"])
            for name in names
        }
        self._last = blocks.pop("last")
        self._layers = list(blocks.values())
        self._gate, self._gate_bias = single["gate"], single["gate_bias"]
        self._out, self._out_bias = single["out"], single["out_bias"]
        self.dimension = self._out.shape[1]

    def encode(self, words: Vectors, gains: Vectors, said: Ints, lengths: Sequence[int]) -> Vectors:
        """The vectors of texts, (texts, dimension); each half has the length of the square root of a half.

        `words`: the vectors of the distinct words; `gains`: how much each counts; `said`: the numbers of the
        words of all texts, one after the other; `lengths`: how many words each text has.
        """
        # A row of nothing before, between and after the texts: no word sees those of another text.
        sizes = np.asarray(lengths, np.int64)
        place = np.arange(len(said)) + np.repeat(np.arange(len(sizes)), sizes) + 1
        around = np.zeros(len(said) + len(sizes) + 1, np.int64)
        around[place] = said + 1
        read, word = words, np.arange(len(words))  # `word`: of each row that is read
        for layer in self._layers:
            rows = np.vstack([np.zeros((1, words.shape[1]), np.float32), read])
            if len(sizes) > 1:
                before, here, after, number = _distinct(around, place, len(rows))
            else:
                before, here, after = around[place - 1], around[place], around[place + 1]
                number = np.arange(len(place))
            read = rows[here] + layer(np.hstack([rows[before], rows[here], rows[after]]))
            word = word[here - 1]
            around[place] = number + 1
        gains = gains[word]
        weights = gains * _doubled_sigmoid(read @ self._gate + self._gate_bias)
        both = np.hstack([words[word] * gains[:, None], read * weights[:, None]])[around[place] - 1]
        pooled = np.zeros((len(sizes), both.shape[1]), np.float32)
        there = np.flatnonzero(sizes)
        if len(there):
            starts = (np.cumsum(sizes) - sizes)[there]
            pooled[there] = np.add.reduceat(both, starts, axis=0)
        found = _unit(pooled @ self._out + self._out_bias)
        found = found + self._last(found)
        half = self.dimension // 2
        return np.hstack([_unit(found[:, :half]), _unit(found[:, half:])]) * np.float32(0.5**0.5)


def _distinct(around: Ints, place: Ints, number: int) -> tuple[Ints, Ints, Ints, Ints]:
    # What stands before, at and after each place (all below `number`), each such three once, and which of
    # them each place has. Passages of one text share most of them.
    keys = (around[place - 1] * number + around[place]) * number + around[place + 1]
    found, which = np.unique(keys, return_inverse=True)
    rest, after = np.divmod(found, number)
    before, here = np.divmod(rest, number)
    return before, here, after, which


def _gelu(values: Vectors) -> Vectors:
    # By its usual approximation.
    inner = np.float32(0.7978846) * (values + np.float32(0.044715) * values * values * values)
    return np.asarray(np.float32(0.5) * values * (1 + np.tanh(inner)), np.float32)


def _doubled_sigmoid(values: Vectors) -> Vectors:
    # Between 0 and 2.
    return np.asarray(1 + np.tanh(values / 2), np.float32)


def _unit(values: Vectors) -> Vectors:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, LEAST), np.float32)
