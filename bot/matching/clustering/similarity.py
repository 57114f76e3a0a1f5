"""Similarities of many texts with one another: by letters and words, meaning, and neighbours."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bot.matching.index.vocabulary import char_ngrams, is_stop_word
from bot.matching.text.normalise import words_of
from bot.matching.text.stems import Stems

Matrix = npt.NDArray[np.float32]
MOST_NEIGHBOURS = 20
FEWEST_NEIGHBOURS = 8
TEXTS_PER_NEIGHBOUR = 15  # few texts have few that are like them
ROUNDS = 2  # of looking at the neighbours' neighbours
BACKGROUND = (
    200  # texts without a feature that are thought beside the others: few say little of how rare it is
)
STEM_WEIGHT = 1.5  # beside 1 for an n-gram, of which a word has many
STOP_WEIGHT = 0.3
_COMMON = 150  # texts with a feature from which a product of matrices is faster
_COLUMNS = 500  # of these at one time, for the memory
_ROWS = 256


def similarities(texts: Sequence[str], languages: Sequence[str], vectors: Matrix) -> Matrix:
    """The similarities (texts, texts) by words and n-grams, which forgive typing errors, and by meaning."""
    found = _by_words([_features(text, at) for text, at in zip(texts, languages, strict=True)])
    for start in range(0, len(texts), _ROWS):
        found[start : start + _ROWS] += vectors[start : start + _ROWS] @ vectors.T
    found *= 0.5
    return found


def weigh_neighbours(found: Matrix) -> Matrix:
    """Let texts that have the same nearest ones be more similar; changes what it is given, and returns it.

    Two texts that share no word are alike where others stand between them.
    """
    for _ in range(ROUNDS):
        found += _shared_neighbours(found)
        found *= 0.5
    return found


def _features(text: str, language: str) -> dict[str, float]:
    stem = Stems().stem
    weights: dict[str, float] = {}
    for word in words_of(text).words:
        weight = STOP_WEIGHT if is_stop_word(word) else 1.0
        for ngram in char_ngrams(word):
            weights[ngram] = max(weights.get(ngram, 0.0), weight)
        weights[f"={stem(word, language)}"] = STEM_WEIGHT * weight
    return weights


def _by_words(features: Sequence[dict[str, float]]) -> Matrix:
    """The cosines of the features, each weighed by how rare it is."""
    number = len(features)
    counts = Counter(feature for one in features for feature in one)
    rarity = {
        feature: math.log((number + BACKGROUND) / count) for feature, count in counts.items() if count > 1
    }
    weighed = [
        {name: weight * rarity[name] for name, weight in one.items() if name in rarity} for one in features
    ]
    having: dict[str, list[tuple[int, float]]] = {name: [] for name in rarity}
    for row, one in enumerate(weighed):
        length = math.sqrt(sum(weight * weight for weight in one.values())) or 1.0
        for name, weight in one.items():
            having[name].append((row, weight / length))
    found = np.zeros((number, number), np.float32)
    common = [rows for rows in having.values() if len(rows) > _COMMON]
    for start in range(0, len(common), _COLUMNS):
        block = np.zeros((number, _COLUMNS), np.float32)
        for column, rows in enumerate(common[start : start + _COLUMNS]):
            block[[row for row, _ in rows], column] = [weight for _, weight in rows]
        for first in range(0, number, _ROWS):
            found[first : first + _ROWS] += block[first : first + _ROWS] @ block.T
    for rows in having.values():
        if len(rows) <= _COMMON:
            _add_products(found, np.array([row for row, _ in rows]), np.array([weight for _, weight in rows]))
    return found


def _add_products(found: Matrix, rows: npt.NDArray[np.int64], values: npt.NDArray[np.floating]) -> None:
    """Add, for each pair of rows that have something in common, the product of its values there."""
    found[rows[:, None], rows] += values[:, None] * values


def _shared_neighbours(found: Matrix) -> Matrix:
    """The cosines of rows of which only the nearest places are left, each text among its own."""
    number = len(found)
    most = min(MOST_NEIGHBOURS, max(FEWEST_NEIGHBOURS, number // TEXTS_PER_NEIGHBOUR), number - 1)
    np.fill_diagonal(found, 1.0)
    near = np.empty((number, most + 1), np.int64)
    for start in range(0, number, _ROWS):
        near[start : start + _ROWS] = np.argpartition(-found[start : start + _ROWS], most, axis=1)[
            :, : most + 1
        ]
    weights = np.maximum(found[np.arange(number)[:, None], near], 0.0)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    order = np.argsort(near, axis=None, kind="stable")
    rows, values = order // (most + 1), weights.ravel()[order]
    ends = np.searchsorted(near.ravel()[order], np.arange(number + 1))
    shared = np.zeros_like(found)
    for first, last in pairwise(ends.tolist()):  # the texts that have this one near to them
        _add_products(shared, rows[first:last], values[first:last])
    return shared
