"""Explains the confidence of a candidate: the value of each feature, and what it added."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.matching.embeddings.features import NAMES as EMBEDDING_NAMES
from bot.matching.embeddings.features import NONE_NAMES as EMBEDDING_NONE_NAMES
from bot.matching.scoring.features import NAMES, NONE_NAMES
from bot.matching.scoring.ranking import Ranked


@dataclass(frozen=True, slots=True)
class Explained:
    """One candidate: the value of each feature (`evidence`), and what each added to its score (`gave`).

    The names are keys of `firstline ask --json --explain`. The features that speak for none of the targets
    are in the row whose target is None.
    """

    target: str | None
    confidence: float
    evidence: Mapping[str, float]
    gave: Mapping[str, float]
    matched: tuple[str, ...] = ()
    repaired: Mapping[str, str] | None = None


def explained(ranked: Ranked, places: Sequence[int], targets: Sequence[str]) -> Iterator[Explained]:
    """The candidates at these places, in this order; the last row is what speaks for none of them."""
    calibrator, candidates = ranked.calibrator, ranked.reading.candidates
    names = NAMES + EMBEDDING_NAMES if ranked.uses_embeddings else NAMES
    none_names = NONE_NAMES + EMBEDDING_NONE_NAMES if ranked.uses_embeddings else NONE_NAMES
    for place in places:
        target, features = int(candidates.targets[place]), candidates.features[place]
        yield Explained(
            targets[target],
            float(ranked.confidence[place]),
            dict(zip(names, features.tolist(), strict=True)),
            dict(zip(names, (features * calibrator.candidate_weights).tolist(), strict=True)),
            tuple(candidates.matched_words(target)),
            ranked.reading.repaired,
        )
    none_features = candidates.none_features
    yield Explained(
        None,
        1.0 - float(ranked.confidence.sum()),
        dict(zip(none_names, none_features.tolist(), strict=True)),
        dict(zip(none_names, (none_features * calibrator.none_weights).tolist(), strict=True)),
    )
