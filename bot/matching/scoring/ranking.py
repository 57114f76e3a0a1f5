"""From evidence to how sure each candidate is: what a layer makes of it, and what is evened out then."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.domain.conversations.variants import find_distinguishing_words, mentions
from bot.domain.knowledge.content import Content
from bot.matching.index.inverted_index import Floats
from bot.matching.index.vocabulary import dull
from bot.matching.scoring.calibrator import Calibrator
from bot.matching.scoring.engine import Engine, ScoredReading
from bot.matching.scoring.features import NAMES, CandidateFeatures
from bot.matching.text.normalise import Words

MOST_VERSIONS = 5  # of one thing
SPARE = 1.25  # of what is said to the desk itself a fifth may be other words
COVERAGE = NAMES.index("coverage")
SAME_AS = NAMES.index("same")


@dataclass(frozen=True)
class Ranked:
    """One reading of a text with how sure each candidate of its evidence is, and by which layer."""

    seen: ScoredReading
    confidence: Floats
    calibrator: Calibrator
    words_alone: bool

    @property
    def weighs_meaning(self) -> bool:
        """Whether more than the words was weighed."""
        return len(self.calibrator.candidate) > len(NAMES)


class Ranking:
    """Made once for an engine, then only read."""

    def __init__(self, content: Content, engine: Engine, language: str) -> None:
        """`language`: of the titles, where a text does not tell its own."""
        self._content, self._engine, self._language = content, engine, language

    def best(self, weighed: Sequence[tuple[ScoredReading, Calibrator]], *, words_alone: bool) -> Ranked:
        """Of a story's readings the one that says most; of equal ones the first."""
        judged = [
            Ranked(seen, self._confidence(seen.candidates, calibrator), calibrator, words_alone)
            for seen, calibrator in weighed
        ]
        return self._evened(max(judged, key=lambda one: float(one.confidence.max(initial=0.0))))

    def ranked(self, judged: Ranked) -> list[int]:
        """The places of the candidates, the surest first."""
        # Equal ones by id, so that the order never depends on anything else.
        targets = self._engine.targets
        order = range(len(judged.confidence))
        return sorted(
            order, key=lambda i: (-judged.confidence[i], targets[judged.seen.candidates.targets[i]])
        )

    def _confidence(self, candidates: CandidateFeatures, calibrator: Calibrator) -> Floats:
        confidence = calibrator.probabilities(candidates.features, candidates.none)
        # "Bye" is no reading of "lunch was nice": what is said to the desk itself leaves little unsaid.
        bare = np.array([int(target) in self._engine.bare for target in candidates.targets], bool)
        share = np.minimum(1.0, SPARE * candidates.features[:, COVERAGE]) ** 2
        return np.clip(np.where(bare, confidence * share, confidence), 0.0, 1.0)

    def _evened(self, judged: Ranked) -> Ranked:
        """Versions of one thing are equally likely where no word of the question tells them apart.

        How long their texts are, and how many examples each has, would else decide for the person.
        """
        candidates, ranked = judged.seen.candidates, self.ranked(judged)[:MOST_VERSIONS]
        if not ranked or candidates.features[ranked[0], SAME_AS] == 1.0:
            return judged
        knows = [{w for w in candidates.hits[int(candidates.targets[i])] if not dull(w)} for i in ranked]
        less = [n for n in range(1, len(ranked)) if knows[n] <= knows[0]]
        if not any(knows[n] == knows[0] for n in less):
            return judged
        language = judged.seen.language or self._language
        title = [self._content.title(self._engine.targets[candidates.targets[i]], language) for i in ranked]
        versions = [n for n in less if _unsaid(judged.seen.text, title[0], title[n])]
        if not any(knows[n] == knows[0] for n in versions):
            return judged
        # Then the person is asked, and those that say less of it belong to the question too.
        alike = [ranked[0], *(ranked[n] for n in versions)]
        confidence = judged.confidence.copy()
        confidence[alike] = confidence[alike].mean()
        return replace(judged, confidence=confidence)


def _unsaid(text: Words, *titles: str) -> bool:
    # Whether these are versions of one thing, and the text does not say which.
    labels = find_distinguishing_words(titles)
    return labels is not None and not mentions(text.words, labels)
