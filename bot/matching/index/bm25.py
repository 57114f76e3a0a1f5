"""An index of the articles: BM25 over their texts, their n-grams, and which words each target has at all."""

import numpy as np
import numpy.typing as npt

from bot.matching.array_file import ArrayFile
from bot.matching.index.corpus import Corpus
from bot.matching.index.groups import Groups
from bot.matching.index.inverted_index import (
    Cosine,
    Counts,
    Floats,
    Ints,
    Postings,
    Renumbering,
    count_pairs,
)
from bot.matching.index.vocabulary import QueryFeatures, Vocabulary, flatten, is_stop_word
from bot.matching.text.normalise import Words

K1 = 1.2
B = 0.6
NOTHING = np.zeros(0, np.float32)
STOP_WORD_FACTOR = 0.3  # of words that only bind a sentence, or say that something is wrong


class QueryTerms:
    """The distinct stems of a question with their inverse document frequencies."""

    __slots__ = ("idf", "ids", "words")

    def __init__(self, words: list[str], ids: Ints, idf: Floats) -> None:
        self.words = words  # as in the question, one for each stem
        self.ids = ids  # -1 for stems that are not in the content
        self.idf = idf

    @property
    def unknown_share(self) -> float:
        """The share of the question's summed idf that belongs to stems which the content does not have."""
        total = float(self.idf.sum())
        return float(self.idf[self.ids < 0].sum()) / total if total else 1.0


class TermMatches:
    """Which of a question's words each target has."""

    __slots__ = ("_ends", "_target", "_term", "_words")

    def __init__(self, words: list[str], term: Ints, ends: Ints, target: npt.NDArray[np.int32]) -> None:
        """The targets of some terms, one after the other; `ends` is where those of each end."""
        self._words, self._term, self._ends, self._target = words, term, ends, target

    def words_of(self, targets: Ints, number: int) -> dict[int, list[str]]:
        """The words that some of all these targets have, in the order in which the terms came."""
        wanted = np.zeros(number, bool)
        wanted[targets] = True
        close = np.flatnonzero(wanted[self._target])
        term = self._term[np.searchsorted(self._ends, close, side="right")]
        found: dict[int, list[str]] = {target: [] for target in targets.tolist()}
        for target, at in zip(self._target[close].tolist(), term.tolist(), strict=True):
            found[target].append(self._words[at])
        return found


class ArticleIndex:
    """The index of one content's articles; built once, then only read."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        texts: Counts,
        words: Counts,
        beginnings: Cosine,
        target: Ints,
    ) -> None:
        """`texts`: the articles with each stem; `words`: the targets with it; `target`: each article's."""
        self._vocabulary = vocabulary
        self._texts, self._words, self._beginnings = (
            _bm25_postings(texts),
            Postings(words, NOTHING),
            beginnings,
        )
        self.target = target
        self._by_target = Groups(target, words.rows)
        self._target_frequency = np.diff(words.start)  # how many targets have each word
        self._idf = np.log(1 + words.rows / np.maximum(self._target_frequency, 1))
        self._unknown_idf = float(np.log(1 + 2 * max(words.rows, 1)))
        self.target_count = words.rows
        self.has_article = np.zeros(words.rows)  # 1 for targets that have an article
        self.has_article[target] = 1.0

    @classmethod
    def build(cls, corpus: Corpus, vocabulary: Vocabulary) -> "ArticleIndex":
        """Index the articles of a corpus."""
        texts, words, beginnings = _counts(corpus, vocabulary)
        cosine = Cosine(beginnings, np.ones(len(vocabulary.ngrams)))
        return cls(vocabulary, texts, words, cosine, corpus.target_of_document)

    def edited(
        self, corpus: Corpus, vocabulary: Vocabulary, targets: Renumbering, numbers: Ints, more: Counts
    ) -> "ArticleIndex":
        """The index after an edit; `corpus` holds the changed targets, whose new `numbers` are given.

        `targets`: how the edit renumbers them; `more`: words that unchanged targets have since the edit.
        """
        texts, words, beginnings = _counts(corpus, vocabulary)
        target = np.where(self.target >= 0, targets.new_numbers[self.target], -1)
        documents = Renumbering.by_target(target, numbers[corpus.target_of_document])
        same = np.arange(self.target_count)
        cosine = Cosine(
            self._beginnings.postings.counts.renumbered(documents, beginnings),
            np.ones(len(vocabulary.ngrams)),
        )
        return ArticleIndex(
            vocabulary,
            self._texts.counts.renumbered(documents, texts),
            self._words.counts.renumbered(Renumbering(same, same), more).renumbered(targets, words),
            cosine,
            documents.merged(target, numbers[corpus.target_of_document]),
        )

    def query_terms(self, text: Words, language: str) -> QueryTerms:
        """The distinct stems of a question."""
        shown: dict[str, str] = {}
        for word in text.words:
            shown.setdefault(self._vocabulary.stems.known(word, language, self._vocabulary.words), word)
        for code in text.codes:
            shown["=" + code] = code
        ids = np.array([self._id(stem) for stem in shown], np.int64)
        idf = np.where(ids >= 0, self._idf[ids] if len(self._idf) else 0.0, self._unknown_idf)
        factor = [STOP_WORD_FACTOR if is_stop_word(word) else 1.0 for word in shown.values()]
        return QueryTerms(list(shown.values()), ids, idf * factor)

    def bm25(self, terms: QueryTerms) -> Floats:
        """BM25 of each target's best article, as a share of the most that this question could reach."""
        known = np.flatnonzero(terms.ids >= 0)
        total = self._texts.total(terms.ids[known], terms.idf[known])
        return self._best(total) / max(float(terms.idf.sum()), 1e-9)

    def ngram_similarity(self, features: QueryFeatures) -> Floats:
        """The cosine of n-grams between the question and how each target's best article begins."""
        ids, weights = self._beginnings.vector(features.ngrams, features.unknown_ngrams)
        return self._best(self._beginnings.postings.total(ids, weights))

    def coverage(self, terms: QueryTerms) -> tuple[Floats, TermMatches]:
        """The share of the question's summed idf that each target has; and which words, the rarest first."""
        known = np.flatnonzero(terms.ids >= 0)
        known = known[np.argsort(-terms.idf[known], kind="stable")]
        which, length, target = self._words.rows_of(terms.ids[known])
        term = known[which]
        total = np.bincount(target, weights=np.repeat(terms.idf[term], length), minlength=self.target_count)
        matches = TermMatches(terms.words, term, np.cumsum(length), target)
        return total / max(float(terms.idf.sum()), 1e-9), matches

    def has_term(self, key: str) -> bool:
        """Whether a stem or code is in the content just so."""
        return self._id(key) >= 0

    def has_word(self, word: str) -> bool:
        """Whether a word, or another form of it, is in the content."""
        return self._id(self._vocabulary.stems.known(word, "", self._vocabulary.words)) >= 0

    def save(self, arrays: ArrayFile) -> None:
        """Put everything but the vocabulary into `arrays`."""
        self._texts.counts.save(arrays.section("texts"))
        self._words.counts.save(arrays.section("known"))
        self._beginnings.postings.counts.save(arrays.section("beginnings"))
        arrays["target"] = self.target

    @classmethod
    def load(cls, arrays: ArrayFile, vocabulary: Vocabulary) -> "ArticleIndex":
        """Read the index from `arrays`."""
        return cls(
            vocabulary,
            Counts.load(arrays.section("texts")),
            Counts.load(arrays.section("known")),
            Cosine(Counts.load(arrays.section("beginnings")), np.ones(len(vocabulary.ngrams))),
            arrays["target"],
        )

    def _best(self, of_document: Floats) -> Floats:
        return self._by_target.largest(of_document)

    def _id(self, stem: str) -> int:
        # A word that only other contents of this vocabulary have is not known here.
        known = self._vocabulary.words.get(stem, -1)
        return known if 0 <= known < len(self._target_frequency) and self._target_frequency[known] else -1


def _counts(corpus: Corpus, vocabulary: Vocabulary) -> tuple[Counts, Counts, Counts]:
    # -> the stems of each article's text, the words of each target, the n-grams of each article's beginning
    targets, number, size = len(corpus.targets), len(corpus.documents), len(vocabulary.words)
    document, term = flatten([d.terms for d in corpus.documents])
    count = flatten([d.counts for d in corpus.documents])[1]
    order = np.argsort(term, kind="stable")
    texts = Counts.from_entries(term[order], document[order], count[order], number, size)
    example, own = flatten([e.words for e in corpus.examples])
    single = np.frombuffer(bytes(vocabulary.is_word), bool)[own]
    target = np.concatenate([corpus.target_of_document[document], corpus.target_of_example[example[single]]])
    word, target, times = count_pairs(np.concatenate([term, own[single]]), target, targets)
    words = Counts.from_entries(word, target, np.minimum(times, 1), targets, size)
    document, ngram = flatten([d.ngrams for d in corpus.documents])
    beginnings = Counts.from_entries(*count_pairs(ngram, document, number), number, len(vocabulary.ngrams))
    return texts, words, beginnings


def _bm25_postings(counts: Counts) -> Postings:
    # BM25 without the idf of words, which the question's terms bring.
    length = np.bincount(counts.row, weights=counts.count, minlength=counts.rows)
    slow = K1 * (1 - B + B * length / max(float(length.mean()) if counts.rows else 0.0, 1.0))
    count = counts.count.astype(np.float32)
    return Postings(counts, count / (count + slow.astype(np.float32)[counts.row]))
