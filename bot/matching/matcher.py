"""The matcher: text in, candidates with probabilities out."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import structlog
from rapidfuzz import fuzz

from bot.domain.errors import EncoderUnavailable
from bot.domain.knowledge.content import Content, Match, MatchResult, Thresholds
from bot.matching.array_file import ArrayFile, Cache
from bot.matching.calibration import calibration
from bot.matching.calibration.calibration import Calibration, Part
from bot.matching.embeddings.cache import EmbeddingCache
from bot.matching.embeddings.features import VERSION as EMBEDDINGS_VERSION
from bot.matching.embeddings.model import EmbeddingScorer
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.encoders.builtin import BuiltinEncoder
from bot.matching.encoders.combined import CombinedEncoder
from bot.matching.explain import Explained, explained
from bot.matching.index.corpus import Reader
from bot.matching.index.vocabulary import forget_words
from bot.matching.scoring import tone
from bot.matching.scoring.engine import Engine, ScoredReading
from bot.matching.scoring.features import NAMES
from bot.matching.scoring.matched_words import MatchedWords
from bot.matching.scoring.ranking import Ranked, Ranking
from bot.matching.scoring.related_words import RelatedWords
from bot.matching.text.normalise import LONGEST, words_of
from bot.runtime.memory import give_back, without_collector

log = structlog.get_logger()
VERSION = "words-8"
MOST_MATCHES = 12
SAME = 0.9  # letter by letter: a text is one of the examples
LETTERS = NAMES.index("letters")


class WordMatcher:
    """Matches by words, stems, letters and articles' texts; made for one content, safe in any thread.

    With `cache`, a folder, what was made for this content before is read from there, and kept there. With
    `previous`, the matcher of an earlier content, it is made at once, with the classifier and the
    calibration of before; with `at_once`, with neither, from rules of thumb. Made without these, it has
    learned. The content's labelled questions make the confidence better. With `embeddings`, meaning is
    weighed beside the words, wherever the content says that it helps; `strict`: without them nothing is
    answered at all.
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
        """Raises `EncoderUnavailable` where it is strict and has no embeddings."""
        self._content, self._language = content, language
        self._cache = Cache(cache) if cache is not None else None
        self._thresholds: dict[tuple[float, bool], Thresholds] = {}  # every message asks for them
        self._reader: Reader | None = None
        self.provisional = at_once or previous is not None
        """Whether it has not yet learned from this content."""
        self._patient = not self.provisional  # the next answer may wait for a model that is being loaded
        self._engine: Engine
        self._calibration: Calibration
        self._store = embeddings if embeddings is not None and embeddings.suits(content) else None
        self._strict, self._scorer = strict, None
        self._divided: Iterable[Part] | None = None
        with without_collector():
            if not self._from_cache():
                self._make(previous)
        if self._store is not None:
            self._scorer = self._sensed(self._store, previous)
        encoder = self._store.encoder if self._store is not None else None
        self._related = (
            RelatedWords(content) if isinstance(encoder, BuiltinEncoder | CombinedEncoder) else None
        )
        self._compact()
        self._judging = Ranking(content, self._engine, language)

    @property
    def version(self) -> str:
        """What the candidates and confidences hang on besides the content."""
        return f"{VERSION}+{EMBEDDINGS_VERSION}" if self._scorer is not None else VERSION

    @property
    def lacking(self) -> bool:
        """Whether meaning was wanted, and has not been learned yet."""
        return self._store is not None and self._scorer is None

    def find(self, text: str, language: str | None = None, *, here: bool = False) -> MatchResult:
        """Match one text; `language` is a hint for texts that are too short to tell.

        `here`: without a network call. Raises `EncoderUnavailable` where it is strict.
        """
        judged = self._judge(text, language, here=here)
        ranked = self._judging.ranked(judged)[:MOST_MATCHES]
        return MatchResult(
            matches=tuple(self._matches(judged, ranked)),
            language=judged.seen.language,
            vague=self._vague(text, judged.seen),
            angry=tone.angry(text),
            asks=tone.asks(text),
            words_alone=judged.words_alone,
        )

    def explain(self, text: str, language: str | None = None) -> list[Explained]:
        """Every candidate taken apart, best first; the last row is what speaks for none of them."""
        judged = self._judge(text, language)
        return list(explained(judged, self._judging.ranked(judged), self._engine.targets))

    def thresholds(self, max_wrong: float, *, words_alone: bool = False) -> Thresholds:
        """The cuts at which at most this share of the answers given is expected to be wrong."""
        found = self._thresholds.get((max_wrong, words_alone))
        if found is None:
            found = self._thresholds[max_wrong, words_alone] = self._in_force(words_alone).thresholds(
                max_wrong
            )
        return found

    def two_way(self) -> Thresholds:
        """The cut for answering or escalating, without a choice: most decisions are right at it."""
        return self._in_force().two_way()

    def _in_force(self, words_alone: bool = False) -> Calibration:
        outcomes = self._scorer.trust.outcomes if self._scorer is not None and not words_alone else None
        return self._calibration if outcomes is None else Calibration(self._calibration.calibrator, outcomes)

    def _sensed(self, store: VectorStore, previous: "WordMatcher | None") -> EmbeddingScorer | None:
        kept = EmbeddingCache(self._cache, VERSION, self._content, self._language, store)
        try:
            if self._patient:
                divided = self._divided
                if divided is None:
                    divided = calibration.parts(self._content, self._engine, self._reader or Reader())
                return kept.learned(self._engine, divided)
            return kept.at_once(previous._scorer if previous is not None else None)
        except EncoderUnavailable as error:
            if self._strict:
                raise
            log.warning("embeddings_unavailable", reason=str(error), next_step="words alone answer meanwhile")
            return None

    def _make(self, previous: "WordMatcher | None") -> None:
        if previous is not None:
            self._engine = previous._engine.edited(previous._content, self._content)
            self._calibration = previous._calibration
            return
        self._reader = reader = Reader()
        self._engine = Engine.of(self._content, self._language, reader)
        if self.provisional:
            self._calibration = calibration.start(self._engine)
            return
        self._engine.extractor.train()
        divided: Iterable[Part] = calibration.parts(self._content, self._engine, reader)
        if self._store is not None:
            divided = self._divided = list(divided)
        self._calibration = calibration.learn(self._content, self._engine, divided)
        if self._cache is not None:
            arrays = ArrayFile()
            self._engine.save(arrays.inside("engine"))
            self._calibration.save(arrays.inside("calibration"))
            self._cache.save(self._file(self._cache), arrays)

    def _compact(self) -> None:
        # What reading a content left behind lies everywhere between what stays: twice the memory, for good.
        if self._reader is None:
            return
        arrays = ArrayFile()
        self._engine.save(arrays)
        self._reader = self._divided = None
        del self._engine
        forget_words()
        self._engine = Engine.load(arrays, self._language)
        give_back()

    def _from_cache(self) -> bool:
        arrays = self._cache.load(self._file(self._cache)) if self._cache is not None else None
        if arrays is None:
            return False
        try:
            self._engine = Engine.load(arrays.inside("engine"), self._language)
            self._calibration = Calibration.load(arrays.inside("calibration"))
        except (KeyError, ValueError, IndexError, TypeError) as error:
            log.warning("matcher_cache_unusable", kind=type(error).__name__)
            return False
        self.provisional = False
        return True

    def _file(self, cache: Cache) -> Path:
        return cache.path(VERSION, self._content.hash, self._language)

    def _judge(self, text: str, language: str | None, *, here: bool = False) -> Ranked:
        reading = self._engine.read(text, language)
        weighed, words_alone = None, False
        if self._scorer is not None:
            # Who measures waits; others wait for a model in the process at most, and only in a command.
            patient = self._strict or (self._patient and not self._scorer.remote)
            try:
                weighed = self._scorer.judge(self._engine, reading, patient=patient, here=here)
            except EncoderUnavailable:
                if self._strict:
                    raise
                words_alone = True  # at the confidences of words alone, which were learned as well
        if weighed is None:
            weighed = [(self._engine.weigh(one), self._calibration.calibrator) for one in reading]
        return self._judging.best(weighed, words_alone=words_alone)

    def _matches(self, judged: Ranked, places: list[int]) -> Iterator[Match]:
        candidates, confidence = judged.seen.candidates, judged.confidence.tolist()
        related = self._related if judged.weighs_meaning else None
        language = judged.seen.language or self._language
        shown = MatchedWords(judged.seen.text, judged.seen.repaired, language, related)
        for rank, place in enumerate(places):
            target = int(candidates.targets[place])
            name = self._engine.targets[target]
            yield Match(name, confidence[place], shown.why(candidates.hits[target], name, rank))

    def _vague(self, text: str, seen: ScoredReading) -> bool:
        if not tone.says_nothing(seen.text):
            return False
        if max(seen.candidates.features[:, LETTERS], default=0.0) >= SAME:
            return False  # somebody wrote just this as an example
        whole = words_of(text[:LONGEST]).text
        return not any(fuzz.ratio(whole, example) >= 100 * SAME for example in self._engine.actions)
