"""Finds what may not wait in any part of a text, with a bar that would rather call a person too often."""

from collections.abc import Sequence

import numpy as np

from bot.matching.index.inverted_index import Floats
from bot.matching.scoring import tone
from bot.matching.scoring.engine import ScoredReading
from bot.matching.scoring.features import NAMES

# The less sure a passage is, the more of its words the target must have, and the likelier it must be than
# nothing at all: (confidence, coverage, odds).
BARS = ((0.8, 0.0, 1.0), (0.35, 0.3, 1.0), (0.2, 0.5, 3.0))
ASKED = 0.05  # coverage that a passage may lack that asks for something or denies something
FIRST = 0.9  # of its confidence the others keep at most
COVERAGE = NAMES.index("coverage")


def find_watched(
    readings: Sequence[ScoredReading], confidences: Sequence[Floats], watched: frozenset[int]
) -> tuple[int, float] | None:
    """The surest of the `watched` targets that pass a bar in any reading, with its confidence; else None."""
    found = [
        (float(confidence[place]), target)
        for reading, confidence in zip(readings, confidences, strict=True)
        for place, target in enumerate(reading.candidates.targets.tolist())
        if target in watched and _passes(reading, confidence, place)
    ]
    if not found:
        return None
    sure, target = max(found)
    return target, sure


def put_first(confidence: Floats, place: int, sure: float) -> Floats:
    """The confidences with that at one place as sure as given, and above all others."""
    others = np.minimum(confidence, FIRST * sure)
    others[place] = 0.0
    others *= min(1.0, (1.0 - sure) / max(float(others.sum()), 1e-9))
    others[place] = sure
    return others


def _passes(reading: ScoredReading, confidence: Floats, place: int) -> bool:
    sure = float(confidence[place])
    if sure < BARS[-1][0]:
        return False
    coverage = float(reading.candidates.features[place, COVERAGE])
    coverage += ASKED * tone.wants_something(reading.text.source)
    odds = sure / max(1.0 - float(confidence.sum()), 1e-9)
    return any(
        sure >= least and coverage >= covered and odds >= likelier for least, covered, likelier in BARS
    )
