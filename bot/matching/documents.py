"""Words against articles: BM25 over their texts, and which words of a question a target knows at all."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from bot.matching.corpus import Corpus
from bot.matching.features import is_function
from bot.matching.index import Floats, Ints, Postings
from bot.matching.normalise import Words
from bot.matching.stems import Stems
from bot.matching.wordlists import GENERIC

K1 = 1.2
B = 0.6
DULL_FACTOR = 0.3  # of words that only bind a sentence, or say that something is wrong


class Terms:
    """A question's distinct stems with their rarity; `minus` is how often the question's own row counted."""

    __slots__ = ("counts", "ids", "rarity", "words")

    def __init__(self, words: list[str], ids: Ints, rarity: Floats, counts: Floats) -> None:
        self.words = words  # as in the question, one for each stem
        self.ids = ids  # -1 for stems that are not in the content
        self.rarity = rarity
        self.counts = counts

    @property
    def unknown_share(self) -> float:
        """The share of the question's rarity that the content does not know."""
        total = float(self.rarity.sum())
        return float(self.rarity[self.ids < 0].sum()) / total if total else 1.0


class Documents:
    """Made once for a content, then only read."""

    def __init__(self, corpus: Corpus, stems: Stems) -> None:
        self._stems = stems
        self._ids: dict[str, int] = {}
        number = len(corpus.targets)
        texts = [
            (index, d.target, self._all(d.counts), list(d.counts.values()))
            for index, d in enumerate(corpus.documents)
        ]
        said = [
            (
                row.target,
                self._all(
                    [stems.learn(w, row.language) for w in row.words.words]
                    + ["=" + c for c in row.words.codes]
                ),
            )
            for row in corpus.rows
            if row.document < 0
        ]
        self.size = len(self._ids)
        document, term, count = _columns([(index, ids, counts) for index, _, ids, counts in texts])
        self._texts = Postings(document, term, count, len(corpus.documents), self.size)
        target, known, times = _columns(
            [(target, ids, counts) for _, target, ids, counts in texts]
            + [(target, ids, [1] * len(ids)) for target, ids in said]
        )
        pairs, place = np.unique(target * max(self.size, 1) + known, return_inverse=True)
        target, known = pairs // max(self.size, 1), pairs % max(self.size, 1)
        self._known = Postings(
            target, known, np.bincount(place, weights=times).astype(float), number, self.size
        )
        spread = np.bincount(known, minlength=self.size)
        self._rarity = np.log(1 + number / np.maximum(spread, 1))
        self._unknown = float(np.log(1 + 2 * max(number, 1)))
        length = np.array([sum(d.counts.values()) for d in corpus.documents], float)
        self._slow = K1 * (1 - B + B * length / max(float(length.mean()) if len(length) else 0.0, 1.0))
        self._target = np.array([d.target for d in corpus.documents], np.int64)
        self._targets = number

    def terms(self, text: Words, language: str) -> Terms:
        """The distinct stems of a question."""
        counts: Counter[str] = Counter()
        shown: dict[str, str] = {}
        for word in text.words:
            stem = self._stems.known(word, language, self._ids)
            counts[stem] += 1
            shown.setdefault(stem, word)
        for code in text.codes:
            counts["=" + code] = 1
            shown["=" + code] = code
        ids = np.array([self._ids.get(stem, -1) for stem in counts], np.int64)
        rarity = np.where(ids >= 0, self._rarity[ids] if self.size else 0.0, self._unknown)
        factor = [DULL_FACTOR if dull(shown[stem]) else 1.0 for stem in counts]
        return Terms(
            [shown[stem] for stem in counts], ids, rarity * factor, np.array([*counts.values()], float)
        )

    def relevance(self, terms: Terms, own: int = -1, weight: int = 0) -> Floats:
        """BM25 of each target's best article, as a share of the most that this question could reach.

        With `own`, the question's words are taken out of that document first.
        """
        best = np.zeros(self._targets)
        if not len(self._target) or not len(terms.ids):
            return best
        known = np.flatnonzero(terms.ids >= 0)
        which, document, count = self._texts.entries(terms.ids[known])
        frequency = count - np.where(document == own, terms.counts[known][which] * weight, 0)
        frequency = np.maximum(frequency, 0)
        gain = terms.rarity[known][which] * frequency / (frequency + self._slow[document])
        total = np.bincount(document, weights=gain, minlength=len(self._target))
        np.maximum.at(best, self._target, total)
        return best / max(float(terms.rarity.sum()), 1e-9)

    def coverage(self, terms: Terms, own: int = -1, weight: int = 0) -> tuple[Floats, Ints, Ints]:
        """For each target the share of the question's rarity that it knows; and (term, target) of each hit.

        With `own`, the question's words are taken out of that target first.
        """
        known = np.flatnonzero(terms.ids >= 0)
        which, target, count = self._known.entries(terms.ids[known])
        hit = count - np.where(target == own, terms.counts[known][which] * weight, 0) > 0
        term: Ints = known[which[hit]].astype(np.int64)
        owner: Ints = target[hit].astype(np.int64)
        total = np.bincount(owner, weights=terms.rarity[term], minlength=self._targets)
        return total / max(float(terms.rarity.sum()), 1e-9), term, owner

    def knows(self, word: str) -> bool:
        """Whether a word, or another form of it, is in the content."""
        return self._stems.known(word, "", self._ids) in self._ids

    def _all(self, stems: Iterable[str]) -> list[int]:
        ids = self._ids
        return [ids.setdefault(stem, len(ids)) for stem in stems]


def dull(word: str) -> bool:
    """Whether a word says nothing of what a question is about."""
    return is_function(word) or word in GENERIC or word == "#" or len(word) < 2


def _columns(parts: Sequence[tuple[int, list[int], list[int]]]) -> tuple[Ints, Ints, Floats]:
    # (owner, ids, counts) -> the same, flat
    owner = np.repeat(np.array([part[0] for part in parts], np.int64), [len(part[1]) for part in parts])
    ids = np.fromiter((i for part in parts for i in part[1]), np.int64, len(owner))
    counts = np.fromiter((c for part in parts for c in part[2]), np.float64, len(owner))
    return owner.astype(np.int64), ids.astype(np.int64), counts.astype(np.float64)
