"""Words against articles: BM25 over their texts, their n-grams, and which words a target knows at all."""

import numpy as np
import numpy.typing as npt

from bot.matching.array_file import ArrayFile
from bot.matching.index.corpus import Corpus
from bot.matching.index.groups import Groups
from bot.matching.index.inverted_index import Cosine, Counts, Floats, Ints, Move, Postings, counted
from bot.matching.index.vocabulary import Features, Vocabulary, dull, flat
from bot.matching.text.normalise import Words

K1 = 1.2
B = 0.6
NOTHING = np.zeros(0, np.float32)
DULL_FACTOR = 0.3  # of words that only bind a sentence, or say that something is wrong


class Terms:
    """A question's distinct stems with their rarity."""

    __slots__ = ("ids", "rarity", "words")

    def __init__(self, words: list[str], ids: Ints, rarity: Floats) -> None:
        self.words = words  # as in the question, one for each stem
        self.ids = ids  # -1 for stems that are not in the content
        self.rarity = rarity

    @property
    def unknown_share(self) -> float:
        """The share of the question's rarity that the content does not know."""
        total = float(self.rarity.sum())
        return float(self.rarity[self.ids < 0].sum()) / total if total else 1.0


class Knowing:
    """Which of a question's words each target knows."""

    __slots__ = ("_ends", "_target", "_term", "_words")

    def __init__(self, words: list[str], term: Ints, ends: Ints, target: npt.NDArray[np.int32]) -> None:
        """The targets of some terms, one after the other; `ends` is where those of each end."""
        self._words, self._term, self._ends, self._target = words, term, ends, target

    def of(self, targets: Ints, number: int) -> dict[int, list[str]]:
        """The words of some of all these targets, in the order in which the terms came."""
        wanted = np.zeros(number, bool)
        wanted[targets] = True
        close = np.flatnonzero(wanted[self._target])
        term = self._term[np.searchsorted(self._ends, close, side="right")]
        found: dict[int, list[str]] = {target: [] for target in targets.tolist()}
        for target, at in zip(self._target[close].tolist(), term.tolist(), strict=True):
            found[target].append(self._words[at])
        return found


class Documents:
    """Made once for a content, then only read."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        texts: Counts,
        known: Counts,
        beginnings: Cosine,
        target: Ints,
    ) -> None:
        """`texts`: the articles with each stem; `known`: the targets with it; `target`: each article's."""
        self._vocabulary = vocabulary
        self._texts, self._known, self._beginnings = _relevance(texts), Postings(known, NOTHING), beginnings
        self.target = target
        self._of_target = Groups(target, known.rows)
        self._spread = np.diff(known.start)  # how many targets know each word
        self._rarity = np.log(1 + known.rows / np.maximum(self._spread, 1))
        self._unknown = float(np.log(1 + 2 * max(known.rows, 1)))
        self.targets = known.rows
        self.written = np.zeros(known.rows)  # 1 for targets that have an article
        self.written[target] = 1.0

    @classmethod
    def of(cls, corpus: Corpus, vocabulary: Vocabulary) -> "Documents":
        """Made for a corpus."""
        texts, known, beginnings = _counts(corpus, vocabulary)
        cosine = Cosine(beginnings, np.ones(len(vocabulary.grams)))
        return cls(vocabulary, texts, known, cosine, corpus.target_of_document)

    def edited(
        self, corpus: Corpus, vocabulary: Vocabulary, move: Move, numbers: Ints, more: Counts
    ) -> "Documents":
        """After an edit: `move` of the targets, `corpus` of the new ones with their `numbers`.

        `more` are words that targets of before know since now.
        """
        texts, known, beginnings = _counts(corpus, vocabulary)
        target = np.where(self.target >= 0, move.place[self.target], -1)
        documents = Move.of(target, numbers[corpus.target_of_document])
        same = np.arange(self.targets)
        cosine = Cosine(
            self._beginnings.postings.counts.moved(documents, beginnings), np.ones(len(vocabulary.grams))
        )
        return Documents(
            vocabulary,
            self._texts.counts.moved(documents, texts),
            self._known.counts.moved(Move(same, same), more).moved(move, known),
            cosine,
            documents.merged(target, numbers[corpus.target_of_document]),
        )

    def terms(self, text: Words, language: str) -> Terms:
        """The distinct stems of a question."""
        shown: dict[str, str] = {}
        for word in text.words:
            shown.setdefault(self._vocabulary.stems.known(word, language, self._vocabulary.words), word)
        for code in text.codes:
            shown["=" + code] = code
        ids = np.array([self._id(stem) for stem in shown], np.int64)
        rarity = np.where(ids >= 0, self._rarity[ids] if len(self._rarity) else 0.0, self._unknown)
        factor = [DULL_FACTOR if dull(word) else 1.0 for word in shown.values()]
        return Terms(list(shown.values()), ids, rarity * factor)

    def relevance(self, terms: Terms) -> Floats:
        """BM25 of each target's best article, as a share of the most that this question could reach."""
        known = np.flatnonzero(terms.ids >= 0)
        total = self._texts.total(terms.ids[known], terms.rarity[known])
        return self._best(total) / max(float(terms.rarity.sum()), 1e-9)

    def resemblance(self, features: Features) -> Floats:
        """How alike each target's best article and the question are by n-grams."""
        ids, weights = self._beginnings.vector(features.grams, features.unseen_grams)
        return self._best(self._beginnings.postings.total(ids, weights))

    def coverage(self, terms: Terms) -> tuple[Floats, Knowing]:
        """The share of the question's rarity that each target knows; and which words, the rarest first."""
        known = np.flatnonzero(terms.ids >= 0)
        known = known[np.argsort(-terms.rarity[known], kind="stable")]
        which, length, target = self._known.rows_of(terms.ids[known])
        term = known[which]
        total = np.bincount(target, weights=np.repeat(terms.rarity[term], length), minlength=self.targets)
        knowing = Knowing(terms.words, term, np.cumsum(length), target)
        return total / max(float(terms.rarity.sum()), 1e-9), knowing

    def has(self, key: str) -> bool:
        """Whether a stem or code is in the content just so."""
        return self._id(key) >= 0

    def knows(self, word: str) -> bool:
        """Whether a word, or another form of it, is in the content."""
        return self._id(self._vocabulary.stems.known(word, "", self._vocabulary.words)) >= 0

    def save(self, arrays: ArrayFile) -> None:
        """Put everything but the vocabulary into a box."""
        self._texts.counts.save(arrays.inside("texts"))
        self._known.counts.save(arrays.inside("known"))
        self._beginnings.postings.counts.save(arrays.inside("beginnings"))
        arrays["target"] = self.target

    @classmethod
    def load(cls, arrays: ArrayFile, vocabulary: Vocabulary) -> "Documents":
        """From a box."""
        return cls(
            vocabulary,
            Counts.load(arrays.inside("texts")),
            Counts.load(arrays.inside("known")),
            Cosine(Counts.load(arrays.inside("beginnings")), np.ones(len(vocabulary.grams))),
            arrays["target"],
        )

    def _best(self, of_document: Floats) -> Floats:
        return self._of_target.largest(of_document)

    def _id(self, stem: str) -> int:
        # A word that only other contents of this vocabulary have is not known here.
        known = self._vocabulary.words.get(stem, -1)
        return known if 0 <= known < len(self._spread) and self._spread[known] else -1


def _counts(corpus: Corpus, vocabulary: Vocabulary) -> tuple[Counts, Counts, Counts]:
    # -> the stems of each article's text, the words of each target, the n-grams of each article's beginning
    targets, number, size = len(corpus.targets), len(corpus.documents), len(vocabulary.words)
    document, term = flat([d.terms for d in corpus.documents])
    count = flat([d.counts for d in corpus.documents])[1]
    order = np.argsort(term, kind="stable")
    texts = Counts.of(term[order], document[order], count[order], number, size)
    row, said = flat([r.words for r in corpus.rows])
    single = np.frombuffer(bytes(vocabulary.single), bool)[said]
    owner = np.concatenate([corpus.target_of_document[document], corpus.target_of_row[row[single]]])
    word, owner, times = counted(np.concatenate([term, said[single]]), owner, targets)
    known = Counts.of(word, owner, np.minimum(times, 1), targets, size)
    document, gram = flat([d.grams for d in corpus.documents])
    beginnings = Counts.of(*counted(gram, document, number), number, len(vocabulary.grams))
    return texts, known, beginnings


def _relevance(counts: Counts) -> Postings:
    # BM25 without the rarity of words.
    length = np.bincount(counts.row, weights=counts.count, minlength=counts.rows)
    slow = K1 * (1 - B + B * length / max(float(length.mean()) if counts.rows else 0.0, 1.0))
    count = counts.count.astype(np.float32)
    return Postings(counts, count / (count + slow.astype(np.float32)[counts.row]))
