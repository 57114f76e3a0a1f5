"""The matcher of one content: finds the candidates for a text, each with its confidence."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from threading import Lock

import structlog
from rapidfuzz import fuzz

from bot.domain.errors import EncoderUnavailable
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import Match, MatchResult, Mix, Thresholds
from bot.domain.knowledge.promise import Certificate, Promise
from bot.domain.knowledge.traffic import Prior
from bot.matching.array_file import ArrayFile, Cache
from bot.matching.calibration import calibration
from bot.matching.calibration.calibration import Calibration, Fold
from bot.matching.embeddings.cache import EmbeddingCache
from bot.matching.embeddings.features import VERSION as EMBEDDINGS_VERSION
from bot.matching.embeddings.model import EmbeddingScorer
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.encoders.builtin import BuiltinEncoder
from bot.matching.encoders.combined import CombinedEncoder
from bot.matching.explain import Explained, explained
from bot.matching.index.corpus import CorpusReader
from bot.matching.index.vocabulary import clear_word_caches
from bot.matching.scoring import tone
from bot.matching.scoring.engine import Engine, ScoredReading
from bot.matching.scoring.features import NAMES
from bot.matching.scoring.matched_words import MatchedWords
from bot.matching.scoring.passages import PassageReader
from bot.matching.scoring.ranking import Ranked, Ranking
from bot.matching.scoring.related_words import RelatedWords
from bot.matching.text.normalise import LONGEST, words_of
from bot.runtime.memory import give_back, without_collector

log = structlog.get_logger()
VERSION = "words-18"
MOST_MATCHES = 12
WITH_WORDS = 5  # of them, that are shown to somebody at most: with the words that speak for them
MOST_THRESHOLDS = 50  # that are remembered
SAME_TEXT = 0.9  # letter by letter: a text is one of the examples
LETTERS = NAMES.index("letters")


class WordMatcher:
    """Matches by words, stems, letters, articles' texts and embeddings; safe in any thread.

    `cache`: a folder where what was learned from a content is kept, and read from. With `previous`, the
    matcher of an earlier content, it is built at once, with the classifier and the calibration of before;
    with `at_once`, with neither, from default weights. Without these two it learns from the content first,
    its labelled questions included. `embeddings` are weighed beside the words in each language where the
    content's own questions show that they help; `strict`: without them nothing is answered at all.
    """

    def __init__(
        self,
        content: Content,
        language: str = "en",
        *,
        cache: Path | None = None,
        previous: "WordMatcher | None" = None,
        at_once: bool = False,
        embeddings: VectorStore | None = None,
        strict: bool = False,
    ) -> None:
        """Raises `EncoderUnavailable` where it is strict and the embeddings cannot be had."""
        self._content, self._language = content, language
        self._cache = Cache(cache) if cache is not None else None
        # Every message asks for them.
        self._thresholds: dict[tuple[float, float | None, bool, Mix | None], Thresholds] = {}
        self._reader: CorpusReader | None = None
        self.provisional = at_once or previous is not None
        """Whether it has yet to learn from this content."""
        self._patient = not self.provisional  # the next answer may wait for a model that is being loaded
        self._engine: Engine
        self._calibration: Calibration
        self._store = embeddings if embeddings is not None and embeddings.suits(content) else None
        self._strict, self._scorer = strict, None
        self._folds: Iterable[Fold] | None = None
        with without_collector():
            if not self._from_cache():
                self._build(previous)
        if self._store is not None:
            self._scorer = self._embedding_scorer(self._store, previous)
        encoder = self._store.encoder if self._store is not None else None
        self._related = (
            RelatedWords(content) if isinstance(encoder, BuiltinEncoder | CombinedEncoder) else None
        )
        self._turn = _turn(self._scorer)
        self._compact()
        self._ranking = Ranking(content, self._engine, language)
        self._passages = PassageReader(self._engine, self._ranking.watched)

    @property
    def version(self) -> str:
        """The version of what candidates and confidences depend on besides the content."""
        return f"{VERSION}+{EMBEDDINGS_VERSION}" if self._scorer is not None else VERSION

    @property
    def lacking(self) -> bool:
        """Whether embeddings are wanted, and have not been learned from yet."""
        return self._store is not None and self._scorer is None

    def find(self, text: str, language: str | None = None, *, here: bool = False) -> MatchResult:
        """Match one text; `language` is a hint for texts that are too short to tell.

        `here`: without a network call. Raises `EncoderUnavailable` where it is strict.
        """
        with self._turn:
            return self._found(text, self._rank(text, language, here=here))

    def _found(self, text: str, ranked: Ranked) -> MatchResult:
        places = self._ranking.order(ranked)[:MOST_MATCHES]
        return MatchResult(
            matches=tuple(self._matches(ranked, places)),
            language=ranked.reading.language,
            vague=not ranked.needs_person and self._vague(text, ranked.reading),
            bare=tone.names_no_thing(text),
            names_only=tone.names_only(text),
            one_word=tone.is_one_word(text),
            angry=tone.angry(text),
            asks=tone.asks(text),
            breakdown=tone.names_breakdown(text),
            words_alone=ranked.words_alone,
            nothing=ranked.nothing,
            mix=ranked.calibrator.mix,
            needs_person=ranked.needs_person,
        )

    def explain(self, text: str, language: str | None = None) -> list[Explained]:
        """Every candidate with its features, best first; the last row is what speaks for none of them."""
        ranked = self._rank(text, language)
        return list(explained(ranked, self._ranking.order(ranked), self._engine.targets))

    def thresholds(
        self,
        max_wrong: float,
        certainty: float | None = None,
        *,
        words_alone: bool = False,
        mix: Mix | None = None,
    ) -> Thresholds:
        """The thresholds at which at most this share of the answers given is expected to be wrong.

        With a `certainty`, those at which it is so with this certainty. `mix`: of the traffic; without it
        that of the trials.
        """
        key = (max_wrong, certainty, words_alone, mix)
        found = self._thresholds.get(key)
        if found is None:
            if len(self._thresholds) >= MOST_THRESHOLDS:
                self._thresholds = {}
            found = self._calibration_of(words_alone).thresholds(max_wrong, certainty, mix)
            self._thresholds[key] = found
        return found

    @property
    def prior(self) -> Prior:
        """The mix of the traffic that is assumed before it is known: what labelled questions show, if any."""
        return self._calibration.prior

    def certificate(self, promise: Promise) -> Certificate:
        """What the labelled questions certify of a promise."""
        return self._calibration_of().certificate(promise)

    def two_way(self, mix: Mix | None = None) -> Thresholds:
        """The threshold for answering or escalating, without a choice: most decisions are right at it."""
        return self._calibration_of().two_way(mix)

    def _calibration_of(self, words_alone: bool = False) -> Calibration:
        trust = self._scorer.trust if self._scorer is not None and not words_alone else None
        if trust is None or trust.outcomes is None:
            return self._calibration
        # The mixes of its languages differ by chance alone.
        calibrator = next(iter(trust.calibrators.values()))
        return replace(
            self._calibration, calibrator=calibrator, outcomes=trust.outcomes, labelled=trust.labelled
        )

    def _embedding_scorer(self, store: VectorStore, previous: "WordMatcher | None") -> EmbeddingScorer | None:
        cache = EmbeddingCache(self._cache, VERSION, self._content, self._language, store)
        try:
            if self._patient:
                folds = self._folds
                if folds is None:
                    reader = self._reader or CorpusReader()
                    folds = calibration.folds_of(self._content, self._engine, reader)
                return cache.load_or_learn(self._engine, folds)
            return cache.load_or_adapt(previous._scorer if previous is not None else None)
        except EncoderUnavailable as error:
            if self._strict:
                raise
            log.warning("embeddings_unavailable", reason=str(error), next_step="words alone answer meanwhile")
            return None

    def _build(self, previous: "WordMatcher | None") -> None:
        if previous is not None:
            self._engine = previous._engine.edited(previous._content, self._content)
            self._calibration = previous._calibration
            return
        self._reader = reader = CorpusReader()
        self._engine = Engine.build(self._content, self._language, reader)
        if self.provisional:
            self._calibration = calibration.initial(self._engine)
            return
        self._engine.extractor.train()
        folds: Iterable[Fold] = calibration.folds_of(self._content, self._engine, reader)
        if self._store is not None:
            folds = self._folds = list(folds)
        self._calibration = calibration.learn(self._content, self._engine, folds)
        if self._cache is not None:
            arrays = ArrayFile()
            self._engine.save(arrays.section("engine"))
            self._calibration.save(arrays.section("calibration"))
            self._cache.save(self._file(self._cache), arrays)

    def _compact(self) -> None:
        # What reading a content left behind lies everywhere between what stays: twice the memory, for good.
        if self._reader is None:
            return
        arrays = ArrayFile()
        self._engine.save(arrays)
        self._reader = self._folds = None
        del self._engine
        clear_word_caches()
        self._engine = Engine.load(arrays, self._language)
        give_back()

    def _from_cache(self) -> bool:
        arrays = self._cache.load(self._file(self._cache)) if self._cache is not None else None
        if arrays is None:
            return False
        try:
            self._engine = Engine.load(arrays.section("engine"), self._language)
            self._calibration = Calibration.load(arrays.section("calibration"))
        except (KeyError, ValueError, IndexError, TypeError) as error:
            log.warning(
                "matcher_cache_unusable", kind=type(error).__name__, next_step="none: it is learned anew"
            )
            return False
        self.provisional = False
        return True

    def _file(self, cache: Cache) -> Path:
        return cache.path(VERSION, self._content.hash, self._language)

    def _rank(self, text: str, language: str | None, *, here: bool = False) -> Ranked:
        readings = self._engine.readings(text, language)
        wholes = len(readings)
        readings += self._passages.read(text, readings[0])
        scored, words_alone = None, False
        if self._scorer is not None:
            # Who measures waits; others wait for a model in the process at most, and only in a command.
            patient = self._strict or (self._patient and not self._scorer.remote)
            try:
                scored = self._scorer.score(self._engine, readings, patient=patient, here=here)
            except EncoderUnavailable:
                if self._strict:
                    raise
                words_alone = True  # at the confidences of words alone, which were learned as well
        if scored is None:
            scored = [(one, self._calibration.calibrator) for one in self._engine.score(readings)]
        return self._ranking.best(scored, wholes, len(text), words_alone=words_alone)

    def _matches(self, ranked: Ranked, places: list[int]) -> Iterator[Match]:
        reading, confidence = ranked.reading, ranked.confidence.tolist()
        candidates, language = reading.candidates, reading.language or self._language
        related = self._related if ranked.uses_embeddings else None
        shown = MatchedWords(reading.text, reading.repaired, language, related)
        for rank, place in enumerate(places):
            target = int(candidates.targets[place])
            name = self._engine.targets[target]
            why = shown.why(candidates.matched_words(target), name, rank) if rank < WITH_WORDS else ""
            yield Match(name, confidence[place], why)

    def _vague(self, text: str, reading: ScoredReading) -> bool:
        if not tone.says_nothing(reading.text):
            return False
        if max(reading.candidates.features[:, LETTERS], default=0.0) >= SAME_TEXT:
            return False  # somebody wrote just this as an example
        whole = words_of(text[:LONGEST]).text
        return not any(
            fuzz.ratio(whole, example) >= 100 * SAME_TEXT for example in self._engine.action_examples
        )


def _turn(scorer: EmbeddingScorer | None) -> AbstractContextManager[object]:
    # Threads that compute at the same time only take the interpreter from one another; a network call is
    # waited for side by side.
    return nullcontext() if scorer is not None and scorer.remote else Lock()
