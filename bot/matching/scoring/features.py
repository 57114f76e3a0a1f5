"""Extracts the features of a question's candidates: all that speaks for and against each, as numbers."""

from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from bot.matching.array_file import ArrayFile
from bot.matching.index.bm25 import ArticleIndex
from bot.matching.index.corpus import Corpus
from bot.matching.index.groups import Groups
from bot.matching.index.inverted_index import (
    Cosine,
    Counts,
    Floats,
    Ints,
    Renumbering,
    count_pairs,
    weighted_sum,
)
from bot.matching.index.vocabulary import Vocabulary, flatten, is_stop_word
from bot.matching.scoring import classifier
from bot.matching.text.normalise import Words

CANDIDATES = 12  # targets that are looked at closely
MOST_INFORMATIVE = 8  # words; more of them in a story change nothing
FUZZY = 2  # examples of each candidate that are compared letter by letter
MANY, PARTS = 2_000, 256
MUCH, MOST = (
    10.0,
    2.0,
)  # summed idf that a target has of a question: what counts as 1, and the most that counts
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
    "amount",
)
NONE_NAMES = ("constant", "unknown", "informative", "nearest", "classifier")


@dataclass(frozen=True)
class CandidateFeatures:
    """The candidates of one question with their features: the most promising ones first, then added ones."""

    targets: Ints
    features: Floats  # (candidates, NAMES)
    none_features: Floats  # (NONE_NAMES,): for "none of them"
    matched_words: dict[int, list[str]]  # words of the question that each candidate has


class FeatureExtractor:
    """Extracts features by the indexes of one content; built once, then only read."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        indexes: tuple[Cosine, Cosine, ArticleIndex],
        target: Ints,
        texts: list[str],
    ) -> None:
        """`target` is each example's, sorted; `texts` are the examples' sorted words."""
        self._vocabulary = vocabulary
        self._words, self._ngrams, self.articles = indexes
        self._target, self._texts = target, texts
        self._number = self.articles.target_count
        self._by_target = Groups(target, self._number)
        # By which the sum of all examples is divided.
        self._size = np.sqrt(np.maximum(np.bincount(target, minlength=self._number), 1))
        self._first = np.searchsorted(target, np.arange(self._number + 1))
        self._weights: classifier.Weights | None = None

    @property
    def has_classifier(self) -> bool:
        """Whether there is a classifier."""
        return self._weights is not None

    @property
    def example_count(self) -> int:
        """The number of examples; titles and articles' questions are examples too."""
        return len(self._texts)

    @classmethod
    def build(cls, corpus: Corpus, vocabulary: Vocabulary) -> "FeatureExtractor":
        """Build the indexes of a corpus, without a classifier."""
        cosines = _cosines(*_counts(corpus, vocabulary), vocabulary)
        indexes = (*cosines, ArticleIndex.build(corpus, vocabulary))
        return cls(vocabulary, indexes, corpus.target_of_example, _texts(corpus))

    def edited(
        self, corpus: Corpus, vocabulary: Vocabulary, targets: Renumbering, numbers: Ints
    ) -> "FeatureExtractor":
        """The extractor after an edit; `corpus` holds the changed targets, whose new `numbers` are given.

        `targets`: how the edit renumbers them. The vocabulary has all that this one's has.
        """
        words, ngrams = _counts(corpus, vocabulary)
        target, added = targets.new_numbers[self._target], numbers[corpus.target_of_example]
        examples = Renumbering.by_target(target, added)
        pool = [*self._texts, *_texts(corpus)]
        order = examples.merged(np.arange(len(target)), len(target) + np.arange(len(added)))
        more = self._words_since(vocabulary)
        articles = self.articles.edited(corpus, vocabulary, targets, numbers, more)
        cosines = _cosines(
            self._words.postings.counts.renumbered(examples, words),
            self._ngrams.postings.counts.renumbered(examples, ngrams),
            vocabulary,
        )
        texts = [pool[at] for at in order.tolist()]
        return FeatureExtractor(vocabulary, (*cosines, articles), examples.merged(target, added), texts)

    def _words_since(self, vocabulary: Vocabulary) -> Counts:
        # What was known as a pair of words only and is a word now, every target with the pair has.
        before = np.frombuffer(bytes(self._vocabulary.is_word), bool)[: len(self._words.idf)]
        since = np.flatnonzero(np.frombuffer(bytes(vocabulary.is_word), bool)[: len(before)] & ~before)
        counts = self._words.postings.counts
        runs = [self._target[counts.row[counts.start[word] : counts.start[word + 1]]] for word in since]
        word = np.repeat(since, [len(run) for run in runs])
        target = np.concatenate([self._target[:0], *runs])
        word, target, times = count_pairs(word, target, self._number)
        size = len(vocabulary.words)
        return Counts.from_entries(word, target, np.minimum(times, 1), self._number, size)

    def extract(self, text: Words, language: str, also: Ints | None = None) -> CandidateFeatures:
        """The features of one question's candidates; `also`: targets that are candidates in any case."""
        query = self._vocabulary.query_features(text, language)
        words = self._words.vector(query.words, query.unknown_words)
        ngrams = self._ngrams.vector(query.ngrams, query.unknown_ngrams)
        similarity = weighted_sum(
            (self._words.postings, words[0], WORD_SHARE * words[1]),
            (self._ngrams.postings, ngrams[0], (1 - WORD_SHARE) * ngrams[1]),
        )
        nearest, everything = self._of_examples(similarity)
        classified = self._classify(words, ngrams)
        terms = self.articles.query_terms(text, language)
        article = self.articles.bm25(terms)
        beginning = self.articles.ngram_similarity(query)
        coverage, matches = self.articles.coverage(terms)
        promise = 2 * nearest + everything + 0.2 * classified + article + beginning + coverage
        best = largest(promise, CANDIDATES)
        if also is not None:
            best = np.append(best, also[~np.isin(also, best)])
        informative = min(sum(not is_stop_word(word) for word in terms.words), MOST_INFORMATIVE)
        none_features = np.array(
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
        # Every other feature is a share, which three common words reach as easily as eight telling ones.
        amount = np.minimum(coverage[best] * float(terms.idf.sum()) / MUCH, MOST)
        columns = np.hstack([columns, amount[:, None]])
        return CandidateFeatures(best, columns, none_features, matches.words_of(best, self._number))

    def outline(self, text: Words, language: str) -> tuple[Ints, Floats, Floats]:
        """The words of a text with their weights, and the classifier's scores: none without a classifier."""
        query = self._vocabulary.query_features(text, language)
        words = self._words.vector(query.words, query.unknown_words)
        if self._weights is None:
            return (*words, np.zeros(0))
        return (*words, self._classify(words, self._ngrams.vector(query.ngrams, query.unknown_ngrams)))

    def example_words(self, targets: Ints) -> Floats:
        """How much each word is one of the examples of some targets, (words, targets)."""
        postings, number = self._words.postings, len(self._words.idf)
        found = np.zeros((number, len(targets)))
        for column, target in enumerate(targets.tolist()):
            first, last = self._first[target], self._first[target + 1]
            own = np.flatnonzero((postings.row >= first) & (postings.row < last))
            word = np.searchsorted(postings.start, own, "right") - 1
            found[:, column] = np.bincount(word, postings.weight[own], number) / self._size[target]
        return found

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
            (1.0 - self.articles.has_article[best]) * nearest,
        )
        return np.stack(columns, axis=1)

    def _of_examples(self, similarity: Floats) -> tuple[Floats, Floats]:
        # -> the nearest example of each target, and all its examples together
        nearest, everything = self._by_target.reduced(similarity, np.maximum, np.add)
        return nearest, everything / self._size

    def _classify(self, words: tuple[Ints, Floats], ngrams: tuple[Ints, Floats]) -> Floats:
        if self._weights is None:
            return np.zeros(self._number)
        first = len(self._words.idf)
        features = np.concatenate([words[0], first + ngrams[0]])
        values = np.concatenate([WORD_SHARE**0.5 * words[1], (1 - WORD_SHARE) ** 0.5 * ngrams[1]])
        return np.asarray(values.astype(np.float32) @ self._weights[features], float)

    def _closely(self, spelt: str, similarity: Floats, target: int) -> tuple[float, float, float]:
        # -> how near its best examples are, how alike letter by letter, and whether one is the very same
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
        row, feature, value = self._words.entries()
        row2, feature2, value2 = self._ngrams.entries()
        row = np.concatenate([row, row2])
        order = np.argsort(row, kind="stable")
        feature = np.concatenate([feature, feature2 + len(self._words.idf)])[order]
        value = np.concatenate([WORD_SHARE**0.5 * value, (1 - WORD_SHARE) ** 0.5 * value2])[order]
        size = len(self._words.idf) + len(self._ngrams.idf)
        self._weights = classifier.train(row[order], feature, value, self._target, size, self._number)

    def reuse_classifier(self, other: "FeatureExtractor", columns: Ints) -> None:
        """Use another's classifier; `columns` are the other's targets for each of ours, -1 for a new one."""
        if other._weights is None:
            return
        words, ngrams = len(other._words.idf), len(other._ngrams.idf)
        first = len(self._words.idf)
        weights = np.zeros((first + len(self._ngrams.idf), self._number), np.float32)
        there = columns >= 0
        taken = other._weights[:, columns[there]]
        weights[:words, there], weights[first : first + ngrams, there] = taken[:words], taken[words:]
        self._weights = weights

    def save(self, arrays: ArrayFile) -> None:
        """Put everything but the vocabulary into `arrays`."""
        self._words.postings.counts.save(arrays.section("words"))
        self._ngrams.postings.counts.save(arrays.section("grams"))
        self.articles.save(arrays.section("documents"))
        arrays["target"] = self._target
        arrays.put_texts("texts", self._texts)
        if self._weights is not None:
            arrays["weights"] = self._weights.astype(np.float16)

    @classmethod
    def load(cls, arrays: ArrayFile, vocabulary: Vocabulary) -> "FeatureExtractor":
        """Read an extractor from `arrays`."""
        words, ngrams = Counts.load(arrays.section("words")), Counts.load(arrays.section("grams"))
        articles = ArticleIndex.load(arrays.section("documents"), vocabulary)
        indexes = (*_cosines(words, ngrams, vocabulary), articles)
        made = cls(vocabulary, indexes, arrays["target"], arrays.texts("texts"))
        made._weights = arrays["weights"].astype(np.float32) if "weights" in arrays else None
        return made


def _counts(corpus: Corpus, vocabulary: Vocabulary) -> tuple[Counts, Counts]:
    # -> the words of each example, its n-grams
    number = len(corpus.examples)
    row, word = flatten([e.words for e in corpus.examples])
    words = Counts.from_entries(*count_pairs(word, row, number), number, len(vocabulary.words))
    row, ngram = flatten([e.ngrams for e in corpus.examples])
    return words, Counts.from_entries(*count_pairs(ngram, row, number), number, len(vocabulary.ngrams))


def _cosines(words: Counts, ngrams: Counts, vocabulary: Vocabulary) -> tuple[Cosine, Cosine]:
    factors = np.array(vocabulary.factors, float)
    return Cosine(words, factors), Cosine(ngrams, np.ones(len(vocabulary.ngrams)))


def _texts(corpus: Corpus) -> list[str]:
    return [_sorted(example.text.split()) for example in corpus.examples]


def _sorted(words: list[str] | tuple[str, ...]) -> str:
    # Letters are compared whatever the order of the words.
    return " ".join(sorted(words))


def largest(values: Floats, most: int) -> Ints:
    """The places of the largest values, the largest first; equal ones in their own order."""
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
