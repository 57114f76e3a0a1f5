"""Picks the passages of a story that are worth a close look, and joins what was found in them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bot.matching.index.inverted_index import Floats
from bot.matching.scoring import tone
from bot.matching.scoring.engine import Engine, Reading, ScoredReading
from bot.matching.scoring.features import CandidateFeatures
from bot.matching.text import story
from bot.matching.text.normalise import Words, words_of

MOST_PICKED = 12  # passages that say most
MOST_WATCHED = 8  # passages that are nearest to what may not wait
SUREST = 0.985  # no passage is surer: two sure ones are a choice
UNASKED = 0.4  # how much a passage counts that asks for nothing and denies nothing: most stories have such
USUAL_LENGTH = 600  # characters: in a longer story more is like something by chance
NOT_ELSEWHERE = 2.0  # odds that a candidate of another passage needs to count at all
ELSEWHERE = 0.7  # how much the odds above these count
SECOND = 0.95  # confidence from which on a candidate of another passage is a second symptom
SECOND_SHARE = 0.6  # of the surest one's odds that a second symptom has at least


class PassageReader:
    """Reads the passages of stories by one engine; built once, then only read."""

    def __init__(self, engine: Engine, watched: frozenset[int]) -> None:
        """`watched`: the targets that must be found in a story of any length."""
        self._engine = engine
        self._watched_words = engine.extractor.example_words(np.array(sorted(watched), np.int64))
        self._shown = np.array(
            [target not in engine.action_targets for target in range(len(engine.targets))], bool
        )

    def read(self, text: str, whole: Reading) -> list[Reading]:
        """The readings of the passages of a text that say most; none of a short text."""
        if len(text) < story.SHORTEST_WATCHED or not self._engine.targets:
            return []
        parts = story.parts(text)
        lengths = [len(part.split()) for part in parts]
        passages = story.passages(lengths, pairs=len(text) >= story.SHORTEST) if len(parts) > 1 else []
        if len(passages) > MOST_PICKED:
            passages = self._picked(parts, passages, whole.language)
        numbers = sorted({number for passage in passages for number in passage})
        readings = {number: self._engine.part_reading(parts[number], whole) for number in numbers}
        return [_together([readings[number] for number in passage]) for passage in passages]

    def _picked(
        self, parts: Sequence[str], passages: Sequence[tuple[int, ...]], language: str
    ) -> list[tuple[int, ...]]:
        words = [words_of(part) for part in parts]
        promises = np.array([self._promise(_joined([words[n] for n in one]), language) for one in passages])
        picked = set(np.argsort(-promises[:, 0], kind="stable")[:MOST_PICKED].tolist())
        watched = np.argsort(-promises[:, 1], kind="stable")[:MOST_WATCHED]
        picked.update(watched[promises[watched, 1] > 0].tolist())
        return [passages[number] for number in sorted(picked)]

    def _promise(self, text: Words, language: str) -> tuple[float, float]:
        # -> how much a passage says of any target, and of those that are watched
        words, weights, classified = self._engine.extractor.outline(text, language)
        most = float(classified[self._shown].max(initial=0.0)) if len(classified) else float(weights.sum())
        return most, float((weights @ self._watched_words[words]).max(initial=0.0))


def _together(readings: Sequence[Reading]) -> Reading:
    first, *others = readings
    repaired = {typed: meant for reading in readings for typed, meant in reading.repaired.items()}
    if not others:
        return first
    return replace(first, text=_joined([one.text for one in readings]), repaired=repaired)


def _joined(texts: Sequence[Words]) -> Words:
    return Words(
        tuple(word for text in texts for word in text.words),
        tuple(code for text in texts for code in text.codes),
        " \n".join(text.source for text in texts),
    )


def joined(
    readings: Sequence[ScoredReading],
    confidences: Sequence[Floats],
    wholes: int,
    length: int,
    actions: frozenset[int],
) -> tuple[ScoredReading, Floats]:
    """The readings of one story as one, with its confidences; the first `wholes` are of the whole text.

    The surest passage decides. Candidates of others stand beside its own as far as they are sure, too. What
    is said to the desk itself is no part of a story.
    """
    chance = min(1.0, USUAL_LENGTH / length)
    odds = [
        chance
        * _odds(reading, confidence, actions if number >= wholes else frozenset())
        * (1.0 if number < wholes or tone.wants_something(reading.text.source) else UNASKED)
        for number, (reading, confidence) in enumerate(zip(readings, confidences, strict=True))
    ]
    surest = max(range(len(readings)), key=lambda number: float(odds[number].max(initial=0.0)))
    best: dict[int, tuple[float, int, int]] = {}
    for number, (reading, values) in enumerate(zip(readings, odds, strict=True)):
        if number != surest:
            second = (confidences[number] >= SECOND) & (values > 0.0)
            values = ELSEWHERE * np.maximum(values - NOT_ELSEWHERE, 0.0)
            values = np.where(second, np.maximum(values, SECOND_SHARE * odds[surest].max()), values)
        for place, (target, value) in enumerate(
            zip(reading.candidates.targets.tolist(), values.tolist(), strict=True)
        ):
            if target not in best or value > best[target][0]:
                best[target] = (value, number, place)
    found = sorted(best.items(), key=lambda one: -one[1][0])
    values = np.array([value for _, (value, _, _) in found])
    return _as_one(readings, surest, [(t, n, p) for t, (_, n, p) in found]), values / (1.0 + values.sum())


def _odds(reading: ScoredReading, confidence: Floats, without: frozenset[int]) -> Floats:
    # Against none of them.
    targets = reading.candidates.targets.tolist()
    shown = np.where([target in without for target in targets], 0.0, confidence)
    return np.asarray(np.minimum(shown, SUREST) / max(1.0 - float(shown.sum()), 1.0 - SUREST))


def _as_one(
    readings: Sequence[ScoredReading], surest: int, found: Sequence[tuple[int, int, int]]
) -> ScoredReading:
    # `found`: each target with the reading that it is from, and its place there.
    first = readings[surest]
    candidates = CandidateFeatures(
        np.array([target for target, _, _ in found], np.int64),
        np.stack([readings[number].candidates.features[place] for _, number, place in found]),
        first.candidates.none_features,
        {target: readings[number].candidates.matched_words[target] for target, number, _ in found},
    )
    words = dict.fromkeys(word for reading in (first, *readings) for word in reading.text.words)
    codes = dict.fromkeys(code for reading in readings for code in reading.text.codes)
    repaired = {typed: meant for reading in readings for typed, meant in reading.repaired.items()}
    return replace(
        first,
        text=Words(tuple(words), tuple(codes), first.text.source),
        repaired=repaired,
        candidates=candidates,
    )
