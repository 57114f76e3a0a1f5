"""Ranks the candidates of a text: calibrated confidences, and equal ones for versions of one thing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.domain.conversations.variants import find_distinguishing_words, mentions
from bot.domain.knowledge.content import Content
from bot.matching.index.inverted_index import Floats
from bot.matching.index.vocabulary import is_stop_word
from bot.matching.scoring import tone
from bot.matching.scoring.always_person import COVERAGE, find_watched, put_first
from bot.matching.scoring.calibrator import Calibrator
from bot.matching.scoring.candidates import CandidateFeatures
from bot.matching.scoring.engine import Engine, ScoredReading
from bot.matching.scoring.features import NAMES
from bot.matching.scoring.passages import joined
from bot.matching.text import story
from bot.matching.text.normalise import Words

MOST_VERSIONS = 5  # of one thing
SPARE = 1.25  # of what is said to the desk itself a fifth may be other words
SAME_AS = NAMES.index("same")


@dataclass(frozen=True)
class Ranked:
    """One reading of a text with the confidence of each candidate, and the calibrator that it is from."""

    reading: ScoredReading
    confidence: Floats
    calibrator: Calibrator
    words_alone: bool
    nothing: float  # the probability that nothing fits
    needs_person: bool = False  # the surest may not wait, in whichever part of the text it is told

    @property
    def uses_embeddings(self) -> bool:
        """Whether embeddings were weighed beside the words."""
        return len(self.calibrator.candidate_weights) > len(NAMES)


class Ranking:
    """Ranks the candidates of one engine; built once, then only read."""

    def __init__(self, content: Content, engine: Engine, language: str) -> None:
        """`language`: of the titles, where a text does not tell its own."""
        self._content, self._engine, self._language = content, engine, language
        names = {intent.target for intent in content.intents.values() if intent.always_person}
        self.watched = frozenset(n for n, target in enumerate(engine.targets) if target in names)
        """The targets that may not wait."""
        spoken = {i.target for i in content.intents.values() if i.action and i.target not in content.remarks}
        self._spoken = np.array([target in spoken for target in engine.targets], bool)
        self._is_action = np.array([n in engine.action_targets for n in range(len(engine.targets))], bool)
        self._is_watched = np.array([target in names for target in engine.targets], bool)

    def best(
        self,
        scored: Sequence[tuple[ScoredReading, Calibrator]],
        wholes: int,
        length: int,
        *,
        words_alone: bool,
    ) -> Ranked:
        """The reading with the surest candidate, of equal ones the first; those of a story are joined.

        The first `wholes` readings are of the whole text, the others of its passages; `length` is the text's,
        in characters.
        """
        ranked = [self._ranked(reading, calibrator, words_alone) for reading, calibrator in scored]
        readings, confidences = [one.reading for one in ranked], [one.confidence for one in ranked]
        surest = max(ranked[:wholes], key=lambda one: float(one.confidence.max(initial=0.0)))
        watched, wants = None, []
        if length >= story.SHORTEST_WATCHED:
            wants = tone.which_want_something([reading.text.source for reading in readings])
            watched = find_watched(readings, confidences, wants, self._is_watched)
        if len(scored) > wholes and (watched is not None or length >= story.SHORTEST):
            told = [
                confidence
                if number < wholes
                else np.where(self._is_action[reading.candidates.targets], 0.0, confidence)
                for number, (reading, confidence) in enumerate(zip(readings, confidences, strict=True))
            ]
            asked = [True] * wholes + wants[wholes:]
            reading, confidence = joined(readings, told, asked, length)
            nothing = max(1.0 - float(confidence.sum()), 0.0)
            surest = replace(surest, reading=reading, confidence=confidence, nothing=nothing)
        found = self._with_equal_versions(surest)
        if watched is None:
            return found
        target, sure = watched
        place = found.reading.candidates.targets.tolist().index(target)
        return replace(found, confidence=put_first(found.confidence, place, sure), needs_person=True)

    def order(self, ranked: Ranked) -> list[int]:
        """The places of the candidates, the surest first."""
        # Equal ones by id, which targets are sorted by: the order never depends on anything else.
        order: list[int] = np.lexsort((ranked.reading.candidates.targets, -ranked.confidence)).tolist()
        return order

    def _ranked(self, reading: ScoredReading, calibrator: Calibrator, words_alone: bool) -> Ranked:
        candidates = reading.candidates
        probabilities = calibrator.probabilities(candidates.features, candidates.none_features)
        nothing = max(1.0 - float(probabilities.sum()), 0.0)
        return Ranked(reading, self._confidence(candidates, probabilities), calibrator, words_alone, nothing)

    def _confidence(self, candidates: CandidateFeatures, confidence: Floats) -> Floats:
        # "Bye" is no reading of "lunch was nice": what is said to the desk itself leaves little unsaid.
        # What is no request at all may say anything.
        is_action = self._spoken[candidates.targets]
        if not is_action.any():
            return confidence
        share = np.minimum(1.0, SPARE * candidates.features[:, COVERAGE]) ** 2
        return np.clip(np.where(is_action, confidence * share, confidence), 0.0, 1.0)

    def _with_equal_versions(self, ranked: Ranked) -> Ranked:
        """Versions of one thing are equally likely where no word of the question tells them apart.

        How long their texts are, and how many examples each has, would else decide for the person.
        """
        candidates, order = ranked.reading.candidates, self.order(ranked)[:MOST_VERSIONS]
        if not order or candidates.features[order[0], SAME_AS] == 1.0:
            return ranked
        matched = [
            {word for word in candidates.matched_words(int(candidates.targets[i])) if not is_stop_word(word)}
            for i in order
        ]
        fewer = [n for n in range(1, len(order)) if matched[n] <= matched[0]]
        if not any(matched[n] == matched[0] for n in fewer):
            return ranked
        language = ranked.reading.language or self._language
        title = [self._content.title(self._engine.targets[candidates.targets[i]], language) for i in order]
        versions = [n for n in fewer if _undecided(ranked.reading.text, title[0], title[n])]
        if not any(matched[n] == matched[0] for n in versions):
            return ranked
        # Then the person is asked, and those that say less of it belong to the question too.
        alike = [order[0], *(order[n] for n in versions)]
        confidence = ranked.confidence.copy()
        confidence[alike] = confidence[alike].mean()
        return replace(ranked, confidence=confidence)


def _undecided(text: Words, *titles: str) -> bool:
    # Whether these are versions of one thing, and the text does not say which.
    labels = find_distinguishing_words(titles)
    return labels is not None and not mentions(text.words, labels)
