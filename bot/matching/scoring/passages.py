"""Picks the passages of a story that are worth a close look, and joins what was found in them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bot.matching.index.inverted_index import Floats, Ints
from bot.matching.scoring.candidates import CandidateFeatures
from bot.matching.scoring.engine import Engine, Reading, ScoredReading
from bot.matching.text import story
from bot.matching.text.normalise import Words, words_of

MOST_PICKED = 12  # passages that say most
MOST_WATCHED = 8  # passages that are nearest to what may not wait
AT_ONCE = 64  # passages of which it is found how much they say
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
        promises = self._promises([_joined([words[n] for n in one]) for one in passages], language)
        picked = set(np.argsort(-promises[:, 0], kind="stable")[:MOST_PICKED].tolist())
        watched = np.argsort(-promises[:, 1], kind="stable")[:MOST_WATCHED]
        picked.update(watched[promises[watched, 1] > 0].tolist())
        return [passages[number] for number in sorted(picked)]

    def _promises(self, texts: Sequence[Words], language: str) -> Floats:
        # -> how much each passage says of any target, and of those that are watched: (passages, 2)
        found = []
        for start in range(0, len(texts), AT_ONCE):
            words, classified = self._engine.extractor.outline(texts[start : start + AT_ONCE], language)
            most = np.bincount(words.number, words.weight, words.count)
            if classified.shape[1]:
                most = classified[:, self._shown].max(axis=1, initial=0.0)
            watched = np.zeros((words.count, self._watched_words.shape[1]))
            np.add.at(watched, words.number, words.weight[:, None] * self._watched_words[words.feature])
            found.append(np.stack([most, watched.max(axis=1, initial=0.0)], axis=1))
        return np.concatenate(found)


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
    readings: Sequence[ScoredReading], confidences: Sequence[Floats], asked: Sequence[bool], length: int
) -> tuple[ScoredReading, Floats]:
    """The readings of one story as one, with its confidences; `asked`: which want something.

    The surest passage decides. Candidates of others stand beside its own as far as they are sure, too.
    """
    chance = min(1.0, USUAL_LENGTH / length)
    odds = [
        chance * _odds(confidence) * (1.0 if asks else UNASKED)
        for confidence, asks in zip(confidences, asked, strict=True)
    ]
    surest = max(range(len(readings)), key=lambda number: float(odds[number].max(initial=0.0)))
    for number, values in enumerate(odds):
        if number != surest:
            second = (confidences[number] >= SECOND) & (values > 0.0)
            values = ELSEWHERE * np.maximum(values - NOT_ELSEWHERE, 0.0)
            odds[number] = np.where(second, np.maximum(values, SECOND_SHARE * odds[surest].max()), values)
    targets = np.concatenate([reading.candidates.targets for reading in readings])
    values = np.concatenate(odds)
    # Of each target the place where it is surest, and of equal ones the first.
    order = np.argsort(-values, kind="stable")
    order = order[np.sort(np.unique(targets[order], return_index=True)[1])]
    return _as_one(readings, surest, order), values[order] / (1.0 + values[order].sum())


def _odds(confidence: Floats) -> Floats:
    # Against none of them.
    return np.asarray(np.minimum(confidence, SUREST) / max(1.0 - float(confidence.sum()), 1.0 - SUREST))


def _as_one(readings: Sequence[ScoredReading], surest: int, order: Ints) -> ScoredReading:
    # `order`: the places of the candidates among those of all readings.
    first, found = readings[surest], [reading.candidates for reading in readings]
    numbers = np.repeat(np.arange(len(found)), [len(one.targets) for one in found])[order]
    targets = np.concatenate([one.targets for one in found])[order]
    source = dict(zip(targets.tolist(), numbers.tolist(), strict=True))
    candidates = CandidateFeatures(
        targets,
        np.concatenate([one.features for one in found])[order],
        first.candidates.none_features,
        lambda target: found[source[target]].matched_words(target),
    )
    words = dict.fromkeys(word for reading in (first, *readings) for word in reading.text.words)
    codes = dict.fromkeys(code for reading in readings for code in reading.text.codes)
    repaired = {typed: meant for reading in readings for typed, meant in reading.repaired.items()}
    text = Words(tuple(words), tuple(codes), first.text.source)
    return replace(first, text=text, repaired=repaired, candidates=candidates)
