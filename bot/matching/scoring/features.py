"""All that speaks for and against each target, as numbers."""

from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from bot.matching.array_file import ArrayFile
from bot.matching.index.bm25 import Documents
from bot.matching.index.corpus import Corpus
from bot.matching.index.groups import Groups
from bot.matching.index.inverted_index import Cosine, Counts, Floats, Ints, Move, counted, together
from bot.matching.index.vocabulary import Vocabulary, dull, flat
from bot.matching.scoring import classifier
from bot.matching.text.normalise import Words

CANDIDATES = 12  # targets that are looked at closely
MOST_INFORMATIVE = 8  # words; more of them in a story change nothing
FUZZY = 2  # rows of each candidate that are compared letter by letter
MANY, PARTS = 2_000, 256
WORD_SHARE = 0.55  # of a similarity that comes from words; the rest is of n-grams

NAMES = (
    "nearest",
    "near",
    "all",
    "classifier",
    "article",
    "beginning",
    "coverage",
    "letters",
    "same",
    "nearest_without_article",
)
NONE_NAMES = ("constant", "unknown", "informative", "nearest", "classifier")


@dataclass(frozen=True)
class CandidateFeatures:
    """The candidates of one question, the most promising first in no strict order."""

    targets: Ints
    features: Floats  # (candidates, NAMES)
    none: Floats  # (NONE_NAMES,)
    hits: dict[int, list[str]]  # words of the question that each candidate knows


class FeatureExtractor:
    """Made once for a content, then only read."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        indexes: tuple[Cosine, Cosine, Documents],
        target: Ints,
        texts: list[str],
    ) -> None:
        """`target` is each row's, sorted; `texts` are the rows' sorted words."""
        self._vocabulary = vocabulary
        self._words, self._grams, self.documents = indexes
        self._target, self._texts = target, texts
        self._number = self.documents.targets
        self._of_target = Groups(target, self._number)
        # By which all rows together are divided.
        self._size = np.sqrt(np.maximum(np.bincount(target, minlength=self._number), 1))
        self._first = np.searchsorted(target, np.arange(self._number + 1))
        self._weights: classifier.Weights | None = None

    @property
    def classifies(self) -> bool:
        """Whether there is a classifier."""
        return self._weights is not None

    @property
    def rows(self) -> int:
        """How many things people say there are."""
        return len(self._texts)

    @classmethod
    def of(cls, corpus: Corpus, vocabulary: Vocabulary) -> "FeatureExtractor":
        """Made for a corpus, without a classifier."""
        indexes = (*_cosines(*_counts(corpus, vocabulary), vocabulary), Documents.of(corpus, vocabulary))
        return cls(vocabulary, indexes, corpus.target_of_row, _texts(corpus))

    def edited(self, corpus: Corpus, vocabulary: Vocabulary, move: Move, numbers: Ints) -> "FeatureExtractor":
        """After an edit: `move` of the targets, `corpus` of the new ones with their `numbers`.

        The vocabulary knows all that this one's does.
        """
        words, grams = _counts(corpus, vocabulary)
        target, added = move.place[self._target], numbers[corpus.target_of_row]
        rows = Move.of(target, added)
        pool = [*self._texts, *_texts(corpus)]
        order = rows.merged(np.arange(len(target)), len(target) + np.arange(len(added)))
        documents = self.documents.edited(corpus, vocabulary, move, numbers, self._known_since(vocabulary))
        cosines = _cosines(
            self._words.postings.counts.moved(rows, words),
            self._grams.postings.counts.moved(rows, grams),
            vocabulary,
        )
        texts = [pool[at] for at in order.tolist()]
        return FeatureExtractor(vocabulary, (*cosines, documents), rows.merged(target, added), texts)

    def _known_since(self, vocabulary: Vocabulary) -> Counts:
        # What was known as a pair of words only and is a word now, every target with the pair knows.
        before = np.frombuffer(bytes(self._vocabulary.single), bool)[: len(self._words.idf)]
        since = np.flatnonzero(np.frombuffer(bytes(vocabulary.single), bool)[: len(before)] & ~before)
        counts = self._words.postings.counts
        runs = [self._target[counts.row[counts.start[word] : counts.start[word + 1]]] for word in since]
        word = np.repeat(since, [len(run) for run in runs])
        target = np.concatenate([self._target[:0], *runs])
        word, target, times = counted(word, target, self._number)
        return Counts.of(word, target, np.minimum(times, 1), self._number, len(vocabulary.words))

    def gather(self, text: Words, language: str, also: Ints | None = None) -> CandidateFeatures:
        """Everything about one question; `also` are targets that are candidates whatever the words say."""
        features = self._vocabulary.read(text, language)
        words = self._words.vector(features.words, features.unseen_words)
        grams = self._grams.vector(features.grams, features.unseen_grams)
        similarity = together(
            (self._words.postings, words[0], WORD_SHARE * words[1]),
            (self._grams.postings, grams[0], (1 - WORD_SHARE) * grams[1]),
        )
        nearest, everything = self._of_rows(similarity)
        classified = self._classify(words, grams)
        terms = self.documents.terms(text, language)
        article = self.documents.relevance(terms)
        beginning = self.documents.resemblance(features)
        coverage, knowing = self.documents.coverage(terms)
        promise = 2 * nearest + everything + 0.2 * classified + article + beginning + coverage
        best = largest(promise, CANDIDATES)
        if also is not None:
            best = np.append(best, also[~np.isin(also, best)])
        informative = min(sum(not dull(word) for word in terms.words), MOST_INFORMATIVE)
        none = np.array(
            [
                1.0,
                terms.unknown_share,
                np.log1p(informative),
                nearest.max(initial=0.0),
                classified.max(initial=0.0),
            ]
        )
        of_all = (nearest, everything, classified, article, beginning, coverage)
        columns = self._columns(text, similarity, best, of_all)
        return CandidateFeatures(best, columns, none, knowing.of(best, self._number))

    def _columns(self, text: Words, similarity: Floats, best: Ints, of_all: tuple[Floats, ...]) -> Floats:
        # -> (candidates, NAMES)
        nearest, everything, classified, article, beginning, coverage = (values[best] for values in of_all)
        spelt = _sorted(text.words)
        closely = np.array([self._closely(spelt, similarity, int(t)) for t in best]).reshape(-1, 3)
        columns = (
            nearest,
            closely[:, 0],
            everything,
            classified,
            article,
            beginning,
            coverage,
            closely[:, 1],
            closely[:, 2],
            (1.0 - self.documents.written[best]) * nearest,
        )
        return np.stack(columns, axis=1)

    def _of_rows(self, similarity: Floats) -> tuple[Floats, Floats]:
        # -> the nearest row of each target, and all its rows together
        nearest, everything = self._of_target.reduced(similarity, np.maximum, np.add)
        return nearest, everything / self._size

    def _classify(self, words: tuple[Ints, Floats], grams: tuple[Ints, Floats]) -> Floats:
        if self._weights is None:
            return np.zeros(self._number)
        first = len(self._words.idf)
        features = np.concatenate([words[0], first + grams[0]])
        values = np.concatenate([WORD_SHARE**0.5 * words[1], (1 - WORD_SHARE) ** 0.5 * grams[1]])
        return np.asarray(values.astype(np.float32) @ self._weights[features], float)

    def _closely(self, spelt: str, similarity: Floats, target: int) -> tuple[float, float, float]:
        # -> how near its best rows are, how alike letter by letter, and whether one is the very same
        first, last = int(self._first[target]), int(self._first[target + 1])
        near, letters = 0.0, 0.0
        part = similarity[first:last].tolist()
        for _ in range(min(FUZZY, len(part))):
            value = max(part)
            place = part.index(value)
            near += value
            part[place] = -1.0
            letters = max(letters, fuzz.ratio(spelt, self._texts[first + place]) / 100)
        return near / FUZZY, letters, float(letters == 1.0)

    def train(self) -> None:
        """Train the classifier, where it is worth its time."""
        if not classifier.affordable(len(self._texts), self._number):
            return
        row, feature, value = self._words.matrix()
        row2, feature2, value2 = self._grams.matrix()
        row = np.concatenate([row, row2])
        order = np.argsort(row, kind="stable")
        feature = np.concatenate([feature, feature2 + len(self._words.idf)])[order]
        value = np.concatenate([WORD_SHARE**0.5 * value, (1 - WORD_SHARE) ** 0.5 * value2])[order]
        size = len(self._words.idf) + len(self._grams.idf)
        self._weights = classifier.train(row[order], feature, value, self._target, size, self._number)

    def take_over(self, other: "FeatureExtractor", columns: Ints) -> None:
        """Use another's classifier; `columns` are the other's targets for each of ours, -1 for a new one."""
        if other._weights is None:
            return
        words, grams = len(other._words.idf), len(other._grams.idf)
        first = len(self._words.idf)
        weights = np.zeros((first + len(self._grams.idf), self._number), np.float32)
        there = columns >= 0
        taken = other._weights[:, columns[there]]
        weights[:words, there], weights[first : first + grams, there] = taken[:words], taken[words:]
        self._weights = weights

    def save(self, arrays: ArrayFile) -> None:
        """Put everything but the vocabulary into a box."""
        self._words.postings.counts.save(arrays.inside("words"))
        self._grams.postings.counts.save(arrays.inside("grams"))
        self.documents.save(arrays.inside("documents"))
        arrays["target"] = self._target
        arrays.put_texts("texts", self._texts)
        if self._weights is not None:
            arrays["weights"] = self._weights.astype(np.float16)

    @classmethod
    def load(cls, arrays: ArrayFile, vocabulary: Vocabulary) -> "FeatureExtractor":
        """From a box."""
        indexes = (
            *_cosines(Counts.load(arrays.inside("words")), Counts.load(arrays.inside("grams")), vocabulary),
            Documents.load(arrays.inside("documents"), vocabulary),
        )
        made = cls(vocabulary, indexes, arrays["target"], arrays.texts("texts"))
        made._weights = arrays["weights"].astype(np.float32) if "weights" in arrays else None
        return made


def _counts(corpus: Corpus, vocabulary: Vocabulary) -> tuple[Counts, Counts]:
    # -> the words of each row, its n-grams
    number = len(corpus.rows)
    row, word = flat([r.words for r in corpus.rows])
    words = Counts.of(*counted(word, row, number), number, len(vocabulary.words))
    row, gram = flat([r.grams for r in corpus.rows])
    return words, Counts.of(*counted(gram, row, number), number, len(vocabulary.grams))


def _cosines(words: Counts, grams: Counts, vocabulary: Vocabulary) -> tuple[Cosine, Cosine]:
    factors = np.array(vocabulary.factors, float)
    return Cosine(words, factors), Cosine(grams, np.ones(len(vocabulary.grams)))


def _texts(corpus: Corpus) -> list[str]:
    return [_sorted(row.text.split()) for row in corpus.rows]


def _sorted(words: list[str] | tuple[str, ...]) -> str:
    # Letters are compared whatever the order of the words.
    return " ".join(sorted(words))


def largest(values: Floats, most: int) -> Ints:
    """Places of the largest values, the largest first; equal ones in their own order."""
    if len(values) > 4 * most:
        # The largest of some parts are as large as the one that is sought, or less: most values are below.
        parts = (
            values
            if len(values) < MANY
            else values[: len(values) // PARTS * PARTS].reshape(-1, PARTS).max(axis=0)
        )
        edge = np.partition(parts, len(parts) - most)[len(parts) - most]
        found = np.flatnonzero(values >= edge)
    else:
        found = np.arange(len(values))
    return found[np.argsort(-values[found], kind="stable")][:most]
