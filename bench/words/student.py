"""Trains the network of `encoders/neural_network.py` to give texts the vectors of its teachers."""

import math
import random
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as nn
from numpy.typing import NDArray
from torch import Tensor

HIDDEN, LAYERS = 256, 2
HALF = 96  # numbers of a text's vector, for each teacher
LONGEST = 32  # words of a text that are trained on
BATCH = 512
RATE, SLOWER = 2e-3, 0.3  # of the first step; of words' own vectors a share of it
WARM = 200  # steps until the full rate
AMONG = 20.0  # how much similarities among texts count beside each text's own direction
FEW = 8


class Student(torch.nn.Module):
    """The student network: words' vectors, read with their neighbours -> two halves, one for each teacher."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        super().__init__()
        size = vectors.shape[1]
        lengths = np.linalg.norm(vectors, axis=1)
        # One more for words that are not in the table, and one for no word.
        self.nothing = len(vectors) + 1
        self.words = torch.nn.Embedding(len(vectors) + 2, size, padding_idx=self.nothing)
        self.gains = torch.nn.Embedding(len(vectors) + 2, 1, padding_idx=self.nothing)
        with torch.no_grad():
            self.words.weight[:-2] = torch.tensor(vectors / lengths[:, None])
            self.words.weight[-2] *= 0.1
            self.gains.weight[:-2, 0] = torch.tensor(lengths / np.median(lengths))
            self.gains.weight[-2] = 0.3
        self.up = torch.nn.ModuleList([torch.nn.Linear(3 * size, HIDDEN) for _ in range(LAYERS)])
        self.down = torch.nn.ModuleList([torch.nn.Linear(HIDDEN, size, bias=False) for _ in range(LAYERS)])
        self.gate = torch.nn.Linear(size, 1)
        self.out = torch.nn.Linear(2 * size, 2 * HALF)
        self.up_last = torch.nn.Linear(2 * HALF, HIDDEN)
        self.down_last = torch.nn.Linear(HIDDEN, 2 * HALF, bias=False)
        with torch.no_grad():
            for layer in (*self.down, self.down_last):
                layer.weight *= 0.1
            self.gate.weight.zero_(), self.gate.bias.zero_()

    def forward(self, places: Tensor) -> Tensor:
        there = (places != self.nothing)[..., None]
        words = self.words(places)
        read = words * there
        for up, down in zip(self.up, self.down, strict=True):
            before, after = nn.pad(read, (0, 0, 1, 0))[:, :-1], nn.pad(read, (0, 0, 0, 1))[:, 1:]
            hidden = nn.gelu(up(torch.cat([before, read, after], -1)), approximate="tanh")
            read = read + down(hidden) * there
        gains = self.gains(places) * there
        pooled = torch.cat(
            [(words * gains).sum(1), (read * gains * 2 * torch.sigmoid(self.gate(read))).sum(1)], -1
        )
        found = nn.normalize(self.out(pooled), dim=-1)
        found = found + self.down_last(nn.gelu(self.up_last(found), approximate="tanh"))
        return torch.cat([nn.normalize(half, dim=-1) for half in found.split(HALF, -1)], -1)

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """The weights that are not of single words, under the names that the network reads."""
        found: dict[str, Any] = {}
        for name, up, down in [
            *((str(at), up, down) for at, (up, down) in enumerate(zip(self.up, self.down, strict=True))),
            ("last", self.up_last, self.down_last),
        ]:
            found |= {f"up_{name}": up.weight.T, f"bias_{name}": up.bias, f"down_{name}": down.weight.T}
        found |= {"gate": self.gate.weight[0], "gate_bias": self.gate.bias}
        found |= {"out": self.out.weight.T, "out_bias": self.out.bias}
        return {name: values.detach().numpy() for name, values in found.items()}


def directions(vectors: NDArray[np.float16]) -> NDArray[np.float32]:
    """A teacher's vectors around their mean, reduced to their principal components, each of length one."""
    sample = vectors[np.random.default_rng(0).permutation(len(vectors))[:100_000]].astype(np.float32)
    mean = sample.mean(axis=0)
    _, axes = np.linalg.eigh((sample - mean).T @ (sample - mean))
    found = (vectors.astype(np.float32) - mean) @ axes[:, ::-1][:, :HALF]
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9), np.float32)


def padded(texts: Sequence[Sequence[int]], nothing: int) -> NDArray[np.int64]:
    """The words' rows of each text as an array with lines of equal length."""
    found = np.full((len(texts), max(map(len, texts))), nothing, np.int64)
    for at, places in enumerate(texts):
        found[at, : len(places)] = places
    return found


def train(
    student: Student,
    texts: Sequence[Sequence[int]],
    teachers: Sequence[tuple[NDArray[np.bool_], NDArray[np.float32]]],
    passes: int,
) -> None:
    """Train; `teachers`: for each half which texts were encoded, and their vectors (texts, HALF)."""
    torch.manual_seed(1)
    rng = random.Random(1)
    single = [student.words.weight, student.gains.weight]
    others = [value for value in student.parameters() if all(value is not one for one in single)]
    optimizer = torch.optim.Adam([{"params": single, "lr": RATE * SLOWER}, {"params": others, "lr": RATE}])
    rates = [group["lr"] for group in optimizer.param_groups]
    order = sorted((at for at, places in enumerate(texts) if places), key=lambda at: len(texts[at]))
    batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    total, step, began = passes * len(batches), 0, time.monotonic()
    for _ in range(passes):
        rng.shuffle(batches)
        for batch in batches:
            share = min(1.0, step / WARM) * 0.5 * (1 + math.cos(math.pi * step / total))
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * share
            found = student(torch.tensor(padded([texts[at][:LONGEST] for at in batch], student.nothing)))
            loss = torch.stack(
                [
                    _loss(half[encoded], torch.tensor(targets[batch])[encoded])
                    for half, (asked, targets) in zip(found.split(HALF, -1), teachers, strict=True)
                    if (encoded := torch.tensor(asked[batch])).sum() > FEW
                ]
            ).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if step % 200 == 0:
                print(
                    f"{step} of {total} steps, {time.monotonic() - began:.0f} s: {float(loss):.3f}",
                    flush=True,
                )


def _loss(found: Tensor, target: Tensor) -> Tensor:
    # How far from the teacher each text is, and how differently all texts lie among each other.
    among = ((found @ found.T - target @ target.T) ** 2).mean()
    return (1 - (found * target).sum(1)).mean() + AMONG * among
