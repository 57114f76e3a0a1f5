"""Finds what may not wait in any part of a text, with a bar that would rather call a person too often."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bot.matching.index.inverted_index import Floats
from bot.matching.scoring.engine import ScoredReading
from bot.matching.scoring.features import NAMES

# The less sure a passage is, the more of its words the target must have, and the likelier it must be than
# nothing at all: (confidence, coverage, odds).
BARS = ((0.8, 0.0, 1.0), (0.35, 0.3, 1.0), (0.2, 0.5, 3.0))
# Where something else is asked, beyond doubt, what is only told in passing must be surer than that.
ELSE = 0.9
BARS_BESIDE = ((0.9, 0.0, 1.0),)
ASKED = 0.05  # coverage that a passage may lack that asks for something or denies something
FIRST = 0.9  # of its confidence the others keep at most
COVERAGE = NAMES.index("coverage")


def find_watched(
    readings: Sequence[ScoredReading],
    confidences: Sequence[Floats],
    asked: Sequence[bool],
    is_watched: npt.NDArray[np.bool_],
) -> tuple[int, float] | None:
    """The surest of the watched targets that pass a bar in any reading, with its confidence; else None.

    `asked`: which readings want something; `is_watched`: of each target.
    """
    watched = [is_watched[reading.candidates.targets] for reading in readings]
    beside = any(
        asks and float(confidence[~own].max(initial=0.0)) >= ELSE
        for confidence, own, asks in zip(confidences, watched, asked, strict=True)
    )
    found = [
        (float(confidence[place]), int(reading.candidates.targets[place]))
        for reading, confidence, own, asks in zip(readings, confidences, watched, asked, strict=True)
        for place in np.flatnonzero(own).tolist()
        if _passes(reading, confidence, place, asks=asks, beside=beside)
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


def _passes(reading: ScoredReading, confidence: Floats, place: int, *, asks: bool, beside: bool) -> bool:
    sure = float(confidence[place])
    coverage = float(reading.candidates.features[place, COVERAGE]) + ASKED * asks
    odds = sure / max(1.0 - float(confidence.sum()), 1e-9)
    bars = BARS_BESIDE if beside and not asks else BARS
    return any(
        sure >= least and coverage >= covered and odds >= likelier for least, covered, likelier in bars
    )
