"""An index of the articles: BM25 over their texts, their n-grams, and which words each target has at all."""

from collections.abc import Sequence

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
    Questions,
    Renumbering,
    count_pairs,
)
from bot.matching.index.vocabulary import QueryWord, Vocabulary, flatten, is_stop_word
from bot.matching.text.normalise import Words
from bot.matching.text.word_table import is_no_word

K1 = 1.2
B = 0.6
NOTHING = np.zeros(0, np.float32)
LEAST = 1e-9  # of a sum by which is divided
STOP_WORD_FACTOR = 0.3  # of words that only bind a sentence, or say that something is wrong


class QueryTerms:
    """The distinct stems of several questions, one question after the other, with their rarity."""

    def __init__(self, words: list[str], number: Ints, ids: Ints, idf: Floats, count: int) -> None:
        """`words` as in their questions, `number` of the question of each; `ids`: -1 for unknown stems.

        `idf`: inverse document frequencies; `count` of questions.
        """
        self.words, self.number, self.ids, self.idf, self.count = words, number, ids, idf, count
        self.sums = np.bincount(number, idf, count)
        """The summed idf of each question."""
        order = np.lexsort((-idf, number))
        self.known = order[ids[order] >= 0]
        """The places of stems that the content has, the rarest of each question first."""
        self.questions = Questions(
            number[self.known],
            ids[self.known],
            np.ones(len(self.known), np.int64),
            idf[self.known],
            np.ones(count),
        )
        """These, weighted by their idf."""

    @property
    def unknown_shares(self) -> Floats:
        """The share of each question's summed idf that belongs to stems which the content does not have."""
        unknown = np.bincount(self.number, np.where(self.ids < 0, self.idf, 0.0), self.count)
        return np.where(self.sums > 0, unknown / np.maximum(self.sums, LEAST), 1.0)

    def mistyped_shares(self, corrected: Sequence[int]) -> Floats:
        """The share of each question's stems that were mistyped: no words at all, which the content lacks.

        `corrected`: how many of each question were replaced by those that were meant.
        """
        strange = [at for at in np.flatnonzero(self.ids < 0).tolist() if is_no_word(self.words[at])]
        mistyped = np.bincount(self.number[strange], minlength=self.count).astype(float)
        mistyped[: len(corrected)] += corrected
        return mistyped / np.maximum(np.bincount(self.number, minlength=self.count), 1)

    @property
    def telling(self) -> Ints:
        """How many stems of each question are no stop words."""
        said = [not is_stop_word(word) for word in self.words]
        return np.bincount(self.number, said, self.count).astype(np.int64)

    def share(self, totals: Floats) -> Floats:
        """Totals of each question, (questions, ...), as a share of its summed idf."""
        return totals / np.maximum(self.sums, LEAST)[:, None]


class TermMatches:
    """Which of the words of several questions each target has."""

    def __init__(
        self, words: list[str], questions: Questions, ends: Ints, target: npt.NDArray[np.int32]
    ) -> None:
        """The targets of some words, one after the other; `ends` is where those of each end."""
        self._words, self._ends, self._target = words, ends, target
        first = np.searchsorted(questions.number, np.arange(questions.count + 1))
        self._begins = np.concatenate([[0], ends])[first].tolist()  # of each question's entries

    def words_of(self, question: int, targets: Ints, number: int) -> dict[int, list[str]]:
        """The words of one question that some of all these targets have, in the order in which they came."""
        begin, end = self._begins[question], self._begins[question + 1]
        wanted = np.zeros(number, bool)
        wanted[targets] = True
        there = begin + wanted[self._target[begin:end]].nonzero()[0]
        found: dict[int, list[str]] = {target: [] for target in targets.tolist()}
        places = self._ends.searchsorted(there, side="right").tolist()
        for target, place in zip(self._target[there].tolist(), places, strict=True):
            found[target].append(self._words[place])
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

    def query_terms(self, texts: Sequence[Words], read: Sequence[Sequence[QueryWord]]) -> QueryTerms:
        """The distinct stems of some questions; `read`: the words of each, as they are looked up."""
        words: list[str] = []
        ids: list[int] = []
        lengths: list[int] = []
        for text, own in zip(texts, read, strict=True):
            shown: dict[str, tuple[str, int]] = {}
            for word, known in zip(text.words, own, strict=True):
                shown.setdefault(known.key, (word, known.id))
            for code in text.codes:
                shown["=" + code] = code, self._vocabulary.words.get("=" + code, -1)
            words += [word for word, _ in shown.values()]
            ids += [number for _, number in shown.values()]
            lengths.append(len(shown))
        there = self._own(np.array(ids, np.int64))
        idf = np.where(there >= 0, self._idf[there] if len(self._idf) else 0.0, self._unknown_idf)
        factor = [STOP_WORD_FACTOR if is_stop_word(word) else 1.0 for word in words]
        return QueryTerms(words, np.repeat(np.arange(len(texts)), lengths), there, idf * factor, len(texts))

    def rarity(self, text: Words, language: str) -> float:
        """The summed inverse document frequencies of a text's stems."""
        return float(self.query_terms([text], [self._vocabulary.query_words(text, language)]).sums[0])

    def bm25(self, terms: QueryTerms) -> Floats:
        """BM25 of each target's best article, as a share of the most that each question could reach."""
        return terms.share(self._best(self._texts.total(terms.questions)))

    def ngram_similarity(self, counted: Questions, unknown: Sequence[float]) -> Floats:
        """The cosine of n-grams between each question and how each target's best article begins.

        `unknown`: how many n-grams of each are not in the content.
        """
        return self._best(
            self._beginnings.postings.total_of_alike(self._beginnings.vectors(counted, unknown))
        )

    def coverage(self, terms: QueryTerms) -> tuple[Floats, TermMatches]:
        """The share of each question's summed idf that each target has; and which words, the rarest first."""
        questions, number = terms.questions, self.target_count
        kept = self._words.looked_at(questions)
        words = [terms.words[at] for at in terms.known[kept].tolist()]
        questions = questions.only(kept)
        length, target = self._words.rows_of(questions.feature)
        keys = target + np.repeat(questions.number * number, length)
        total = np.bincount(keys, np.repeat(questions.rarity, length), terms.count * number)
        matches = TermMatches(words, questions, np.cumsum(length), target)
        return terms.share(np.asarray(total.reshape(terms.count, number), float)), matches

    def has_term(self, key: str) -> bool:
        """Whether a stem or code is in the content just so."""
        return self._has(key)

    def has_word(self, word: str) -> bool:
        """Whether a word, or another form of it, is in the content."""
        return self._has(self._vocabulary.stems.known(word, "", self._vocabulary.words))

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

    def _has(self, key: str) -> bool:
        known = self._vocabulary.words.get(key, -1)
        return 0 <= known < len(self._target_frequency) and bool(self._target_frequency[known])

    def _own(self, ids: Ints) -> Ints:
        # A word that only other contents of this vocabulary have is not known here.
        there = (ids >= 0) & (ids < len(self._target_frequency))
        there[there] = self._target_frequency[ids[there]] > 0
        return np.where(there, ids, -1)


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
