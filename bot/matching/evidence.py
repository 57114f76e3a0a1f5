"""All that speaks for and against each target, as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from bot.matching.corpus import Corpus
from bot.matching.documents import Documents, dull
from bot.matching.features import Features, Lexicon
from bot.matching.index import Floats, Ints, Similarity
from bot.matching.normalise import Words
from bot.matching.ridge import Ridge, chosen_rows

CANDIDATES = 12  # targets that are looked at closely
MOST_INFORMATIVE = 8  # words; more of them in a story change nothing
FUZZY = 2  # rows of each candidate that are compared letter by letter
WORD_SHARE = 0.55  # of a similarity that comes from words; the rest is of n-grams

NAMES = (
    "nearest",
    "near",
    "all",
    "classifier",
    "article",
    "coverage",
    "letters",
    "same",
    "nearest_without_article",
)
NONE_NAMES = ("constant", "unknown", "informative", "nearest")


@dataclass(frozen=True)
class Evidence:
    """The candidates of one question, the most promising first in no strict order."""

    targets: Ints
    features: Floats  # (candidates, NAMES)
    none: Floats  # (NONE_NAMES,)
    hits: dict[int, list[str]]  # words of the question that each candidate knows


@dataclass(frozen=True)
class LeftOut:
    """What must be taken out before a question that is itself content is matched."""

    row: int = -1
    document: int = -1
    target: int = -1  # the target that its words belong to
    weight: int = 1
    whole_target: bool = False


class Gatherer:
    """Made once for a content, then only read."""

    def __init__(self, corpus: Corpus, lexicon: Lexicon) -> None:
        self.corpus = corpus
        self._lexicon = lexicon
        read = [lexicon.learn(row.words, row.language) for row in corpus.rows]
        self._words = Similarity(
            [features.words for features in read], len(lexicon.words), np.array(lexicon.factors, float)
        )
        self._grams = Similarity([features.grams for features in read], len(lexicon.grams))
        self.documents = Documents(corpus, lexicon.stems)
        self._target = corpus.target_of_row
        self._rows = np.bincount(self._target, minlength=len(corpus.targets)).astype(float)
        self._spoken = np.flatnonzero(self._rows)  # targets that have rows
        self._first = np.searchsorted(self._target, np.arange(len(corpus.targets) + 1))
        self._written = np.zeros(len(corpus.targets))
        self._written[[document.target for document in corpus.documents]] = 1.0
        self._texts = [_sorted(row.words) for row in corpus.rows]
        self.ridge = self._train(read)

    def gather(self, text: Words, language: str, out: LeftOut | None = None) -> Evidence:
        """Everything about one question; with `out`, as if that were not in the content."""
        out = out or LeftOut()
        similarity = self._similarity(self._lexicon.read(text, language))
        without = self._without(out)
        similarity[without] = 0.0
        nearest, everything = self._of_rows(similarity, without)
        classified = self.ridge.values(similarity, without) if self.ridge else np.zeros(len(nearest))
        terms = self.documents.terms(text, language)
        minus = out.weight if out.target >= 0 else 0
        article = self.documents.relevance(terms, out.document, minus)
        coverage, term, target = self.documents.coverage(terms, out.target, minus)
        promise = 2 * nearest + everything + 2 * classified + article + coverage
        if out.whole_target:
            promise[out.target] = -np.inf
        best = _largest(promise, CANDIDATES)
        closely = np.array([self._closely(text, similarity, int(t), without) for t in best]).reshape(-1, 3)
        columns = (
            nearest[best],
            closely[:, 0],
            everything[best],
            classified[best],
            article[best],
            coverage[best],
            closely[:, 1],
            closely[:, 2],
            (1.0 - self._written[best]) * nearest[best],
        )
        informative = min(sum(not dull(word) for word in terms.words), MOST_INFORMATIVE)
        none = np.array([1.0, terms.unknown_share, np.log1p(informative), nearest.max(initial=0.0)])
        hits = {int(t): [terms.words[i] for i in term[target == t]] for t in best}
        return Evidence(best, np.stack(columns, axis=1), none, hits)

    def _of_rows(self, similarity: Floats, without: Ints) -> tuple[Floats, Floats]:
        # -> the nearest row of each target, and all its rows together
        nearest = np.zeros(len(self.corpus.targets))
        if len(self._spoken):
            nearest[self._spoken] = np.maximum.reduceat(similarity, self._first[self._spoken])
        count = self._rows - np.bincount(self._target[without], minlength=len(self._rows))
        total = np.bincount(self._target, weights=similarity, minlength=len(self._rows))
        return nearest, total / np.sqrt(np.maximum(count, 1))

    def _closely(
        self, text: Words, similarity: Floats, target: int, without: Ints
    ) -> tuple[float, float, float]:
        # -> how near its best rows are, how alike letter by letter, and whether one is the very same
        rows = [row for row in self._best_rows(similarity, target) if row not in without]
        spelt = _sorted(text)
        letters = max((fuzz.ratio(spelt, self._texts[row]) / 100 for row in rows), default=0.0)
        return float(similarity[rows].sum()) / FUZZY, letters, float(letters == 1.0)

    def _similarity(self, features: Features) -> Floats:
        words = self._words.to_all(features.words, features.unseen_words)
        return WORD_SHARE * words + (1 - WORD_SHARE) * self._grams.to_all(
            features.grams, features.unseen_grams
        )

    def _without(self, out: LeftOut) -> Ints:
        if out.whole_target:
            return np.arange(self._first[out.target], self._first[out.target + 1])
        return np.array([out.row] if out.row >= 0 else [], np.int64)

    def _best_rows(self, similarity: Floats, target: int) -> list[int]:
        start, end = int(self._first[target]), int(self._first[target + 1])
        return [start + int(r) for r in _largest(similarity[start:end], FUZZY)]

    def _train(self, read: Sequence[Features]) -> Ridge | None:
        chosen = chosen_rows(self._target)
        if len(chosen) < 2:
            return None
        kernel = np.zeros((len(chosen), len(chosen)))
        for index, row in enumerate(chosen):
            kernel[index] = self._similarity(read[row])[chosen]
        return Ridge((kernel + kernel.T) / 2, chosen, self._target[chosen], len(self.corpus.targets))


def _sorted(text: Words) -> str:
    # Letters are compared whatever the order of the words.
    return " ".join(sorted(text.words))


def _largest(values: Floats, most: int) -> Ints:
    # Sorted, the largest first; equal ones in their own order, so that the result is always the same.
    if len(values) > 4 * most:
        edge = np.partition(values, len(values) - most)[len(values) - most]
        found = np.flatnonzero(values >= edge)
    else:
        found = np.arange(len(values))
    found = found[np.argsort(-values[found], kind="stable")][:most]
    return found[np.isfinite(values[found])]
