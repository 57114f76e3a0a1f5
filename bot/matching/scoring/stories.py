"""Scores a story by its passages: which are read, and how their candidates are joined."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.matching.index.inverted_index import Floats, Ints
from bot.matching.scoring.features import CandidateFeatures

CAP = float(os.environ.get("CAP", 0.97))
SPREAD = float(os.environ.get("SPREAD", 1.0))


def joined(
    candidates: Sequence[CandidateFeatures], confidences: Sequence[Floats], wholes: int, actions: frozenset[int]
) -> tuple[CandidateFeatures, Floats]:
    best: dict[int, tuple[float, int, int]] = {}
    for number, (one, confidence) in enumerate(zip(candidates, confidences, strict=True)):
        none = max(1.0 - float(confidence.sum()), 1e-9)
        for place, target in enumerate(one.targets.tolist()):
            if number >= wholes and target in actions:
                continue
            p = min(float(confidence[place]), CAP)
            odds = p / max(none, 1 - CAP)
            if target not in best or odds > best[target][0]:
                best[target] = (odds, number, place)
    order = sorted(best, key=lambda target: -best[target][0])
    odds = np.array([best[target][0] for target in order]) * SPREAD
    chosen = [best[target] for target in order]
    features = np.stack([candidates[number].features[place] for _, number, place in chosen])
    first = candidates[chosen[0][1]]
    words = {target: candidates[best[target][1]].matched_words[target] for target in order}
    made = CandidateFeatures(np.array(order, np.int64), features, first.none_features, words)
    return made, odds / (1.0 + odds.sum())
