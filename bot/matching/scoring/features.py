"""Extracts the features of a question's candidates: all that speaks for and against each, as numbers."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from rapidfuzz import fuzz, process

from bot.matching.array_file import ArrayFile
from bot.matching.index.bm25 import ArticleIndex, QueryTerms
from bot.matching.index.corpus import Corpus
from bot.matching.index.groups import Groups
from bot.matching.index.inverted_index import (
    Cosine,
    Counts,
    Floats,
    Ints,
    Questions,
    Renumbering,
    count_pairs,
)
from bot.matching.index.vocabulary import QueryFeatures, QueryWord, Vocabulary, flatten
from bot.matching.scoring import classifier
from bot.matching.scoring.candidates import CandidateFeatures, Candidates, MatchedByCandidate
from bot.matching.text.normalise import Words

MOST_INFORMATIVE = 8  # words; more of them in a story change nothing
MOST_MISTYPED = 1 / 3  # of the words; a text with more is in another language, or full of names
FUZZY = 2  # examples of each candidate that are compared letter by letter
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
NONE_NAMES = ("constant", "unknown", "informative", "nearest", "classifier", "mistyped")


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

    def extract(
        self,
        texts: Sequence[Words],
        language: str,
        also: Sequence[Ints] = (),
        corrected: Sequence[int] = (),
    ) -> list[CandidateFeatures]:
        """The features of the candidates of some questions in one language.

        `also`: of each question targets that are candidates in any case; `corrected`: how many mistyped
        words of it were replaced by those that were meant.
        """
        queries, read = self._queries(texts, language)
        words, (grams, unknown) = self._word_vectors(queries), _ngrams_of(queries)
        ngrams = self._ngrams.vectors(grams, unknown)
        similarity = self._words.postings.total_of_alike(words.scaled(WORD_SHARE))
        similarity += self._ngrams.postings.total_of_alike(ngrams.scaled(1 - WORD_SHARE))
        nearest, everything = self._of_examples(similarity)
        classified = self._classify(words, ngrams)
        terms = self.articles.query_terms(texts, read)
        article = self.articles.bm25(terms)
        beginning = self.articles.ngram_similarity(grams, unknown)
        coverage, matches = self.articles.coverage(terms)
        promise = 2 * nearest + everything + 0.2 * classified + article + beginning + coverage
        best = Candidates.picked(promise, also)
        of_all = (nearest, everything, classified, article, beginning, coverage)
        columns = self._columns(texts, similarity, best, of_all)
        # Every other feature is a share, which three common words reach as easily as eight telling ones.
        amount = np.minimum(coverage[best.at] * terms.sums[best.question] / MUCH, MOST)
        columns = np.hstack([columns, amount[:, None]])
        none_features = _none_features(terms, nearest, classified, corrected)
        return [
            CandidateFeatures(
                best.target[part],
                columns[part],
                none_features[number],
                MatchedByCandidate(partial(matches.words_of, number, best.target[part], self._number)),
            )
            for number, part in enumerate(best.parts)
        ]

    def outline(self, texts: Sequence[Words], language: str) -> tuple[Questions, Floats]:
        """The words of some texts with their weights, and the classifier's scores, (texts, targets).

        Without a classifier, there are no targets.
        """
        queries, _ = self._queries(texts, language)
        words = self._word_vectors(queries)
        if self._weights is None:
            return words, np.zeros((len(texts), 0))
        return words, self._classify(words, self._ngrams.vectors(*_ngrams_of(queries)))

    def _queries(
        self, texts: Sequence[Words], language: str
    ) -> tuple[list[QueryFeatures], list[list[QueryWord]]]:
        read = [self._vocabulary.query_words(text, language) for text in texts]
        return [self._vocabulary.query_features(*one) for one in zip(texts, read, strict=True)], read

    def _word_vectors(self, queries: Sequence[QueryFeatures]) -> Questions:
        counted = Questions.counted([query.words for query in queries])
        return self._words.vectors(counted, [query.unknown_words for query in queries])

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

    def _columns(
        self, texts: Sequence[Words], similarity: Floats, best: Candidates, of_all: tuple[Floats, ...]
    ) -> Floats:
        # -> (candidates, NAMES)
        nearest, everything, classified, article, beginning, coverage = (values[best.at] for values in of_all)
        near, letters = self._closely([_sorted(text.words) for text in texts], similarity, best)
        without_article = (1.0 - self.articles.has_article[best.target]) * nearest
        columns = (
            nearest,
            near,
            everything,
            classified,
            article,
            beginning,
            coverage,
            letters,
            np.where(letters == 1.0, 1.0, 0.0),
            without_article,
        )
        return np.stack(columns, axis=1)

    def _of_examples(self, similarity: Floats) -> tuple[Floats, Floats]:
        # -> the nearest example of each target, and all its examples together
        nearest, everything = self._by_target.reduced(similarity, np.maximum, np.add)
        return nearest, everything / self._size

    def _classify(self, words: Questions, ngrams: Questions) -> Floats:
        if self._weights is None:
            return np.zeros((words.count, self._number))
        feature = np.concatenate([words.feature, len(self._words.idf) + ngrams.feature])
        value = np.concatenate([WORD_SHARE**0.5 * words.weight, (1 - WORD_SHARE) ** 0.5 * ngrams.weight])
        if words.count == 1:
            return np.asarray(value.astype(np.float32) @ self._weights_of(feature), float)[None]
        used, column = np.unique(feature, return_inverse=True)
        dense = np.zeros((words.count, len(used)), np.float32)
        dense[np.concatenate([words.number, ngrams.number]), column] = value
        return np.asarray(dense @ self._weights_of(used), float)

    def _weights_of(self, features: Ints) -> classifier.Weights:
        # They lie in half the memory, as they were saved; a question has few of them.
        assert self._weights is not None  # noqa: S101  # told apart by the caller
        return self._weights[features].astype(np.float32)

    def _closely(self, spelt: Sequence[str], similarity: Floats, best: Candidates) -> tuple[Floats, Floats]:
        # -> how near the best examples of each candidate are, and how alike letter by letter
        first = self._first[best.target]
        counts = self._first[best.target + 1] - first
        number = np.arange(int(counts.max(initial=0)))
        place = np.minimum(first[:, None] + number, len(self._target) - 1)
        values = np.where(number < counts[:, None], similarity[best.question[:, None], place], -1.0)
        near, letters, asked = np.zeros(len(first)), np.zeros(len(first)), best.question.tolist()
        for done in range(FUZZY):
            there = np.flatnonzero(counts > done)
            if not len(there):
                break
            found = values[there].argmax(axis=1)
            near[there] += values[there, found]
            values[there, found] = -1.0
            pairs = (
                [spelt[asked[at]] for at in there.tolist()],
                [self._texts[at] for at in (first[there] + found).tolist()],
            )
            alike = process.cpdist(*pairs, scorer=fuzz.ratio, dtype=np.float64) / 100
            letters[there] = np.maximum(letters[there], alike)
        return near / FUZZY, letters

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
        weights = np.zeros((first + len(self._ngrams.idf), self._number), other._weights.dtype)
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
        if "weights" in arrays:
            made._weights = arrays["weights"]
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


def _none_features(
    terms: QueryTerms, nearest: Floats, classified: Floats, corrected: Sequence[int]
) -> Floats:
    # -> (questions, NONE_NAMES)
    columns = (
        np.ones(terms.count),
        terms.unknown_shares,
        np.log1p(np.minimum(terms.telling, MOST_INFORMATIVE)),
        nearest.max(axis=1, initial=0.0),
        classified.max(axis=1, initial=0.0),
        np.minimum(terms.mistyped_shares(corrected), MOST_MISTYPED),
    )
    return np.stack(columns, axis=1)


def _ngrams_of(queries: Sequence[QueryFeatures]) -> tuple[Questions, list[float]]:
    # -> the known n-grams of questions, and how many are not known
    return Questions.counted([query.ngrams for query in queries]), [query.unknown_ngrams for query in queries]
