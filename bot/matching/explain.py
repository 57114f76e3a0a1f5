"""Why a candidate is as sure as it is: each part of the evidence, and what it gave."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.matching.embeddings.features import NAMES as MEANING_NAMES
from bot.matching.embeddings.features import NONE_NAMES as MEANING_NONE_NAMES
from bot.matching.scoring.features import NAMES, NONE_NAMES
from bot.matching.scoring.ranking import Ranked


@dataclass(frozen=True, slots=True)
class Explained:
    """One candidate taken apart: what was seen (`evidence`) and what each part gave (`gave`).

    The parts that speak for none of the targets are in the row whose target is None.
    """

    target: str | None
    confidence: float
    evidence: Mapping[str, float]
    gave: Mapping[str, float]
    matched: tuple[str, ...] = ()
    repaired: Mapping[str, str] | None = None


def explained(judged: Ranked, places: Sequence[int], targets: Sequence[str]) -> Iterator[Explained]:
    """The candidates at these places, in this order; the last row is what speaks for none of them."""
    calibrator, candidates = judged.calibrator, judged.seen.candidates
    names = NAMES + MEANING_NAMES if judged.weighs_meaning else NAMES
    none_names = NONE_NAMES + MEANING_NONE_NAMES if judged.weighs_meaning else NONE_NAMES
    for place in places:
        target, seen = int(candidates.targets[place]), candidates.features[place]
        yield Explained(
            targets[target],
            float(judged.confidence[place]),
            dict(zip(names, seen.tolist(), strict=True)),
            dict(zip(names, (seen * calibrator.candidate).tolist(), strict=True)),
            tuple(candidates.hits[target]),
            judged.seen.repaired,
        )
    yield Explained(
        None,
        1.0 - float(judged.confidence.sum()),
        dict(zip(none_names, candidates.none.tolist(), strict=True)),
        dict(zip(none_names, (candidates.none * calibrator.none).tolist(), strict=True)),
    )
