"""The cache of embedding scorers: what was learned is in one file, the vectors are in the store's."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.domain.knowledge.content import Content
from bot.matching.array_file import ArrayFile, Cache
from bot.matching.calibration.calibration import Fold
from bot.matching.embeddings.chunks import content_texts
from bot.matching.embeddings.features import VERSION
from bot.matching.embeddings.model import EmbeddingScorer, embedding_features
from bot.matching.embeddings.trust import learn
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.scoring.engine import Engine

log = structlog.get_logger()


@dataclass(frozen=True)
class EmbeddingCache:
    """Loads and learns the embedding scorer of one content; `version` is that of the words' features."""

    cache: Cache | None
    version: str
    content: Content
    language: str
    store: VectorStore

    def load_or_adapt(self, before: EmbeddingScorer | None) -> EmbeddingScorer | None:
        """The scorer that learned from this content, else the one before adapted to it; None for neither.

        Raises `EncoderUnavailable`.
        """
        found = self._load(patient=False)
        return found or (before.adapted(self.content) if before is not None else None)

    def load_or_learn(self, engine: Engine, folds: Iterable[Fold]) -> EmbeddingScorer:
        """The scorer that learned from this content, now if not before. Raises `EncoderUnavailable`."""
        return self._load(patient=True) or self._learn(engine, folds)

    def _load(self, *, patient: bool) -> EmbeddingScorer | None:
        if self.cache is None:
            return None
        cache = Cache(self.cache.folder / "meaning")
        arrays = cache.load(self._file(cache))
        if arrays is None:
            return None
        try:
            return EmbeddingScorer.load(arrays, self.content, self.store, patient=patient)
        except (KeyError, ValueError, IndexError, TypeError) as error:
            log.warning(
                "meaning_cache_unusable", kind=type(error).__name__, next_step="none: it is learned anew"
            )
            return None

    def _learn(self, engine: Engine, folds: Iterable[Fold]) -> EmbeddingScorer:
        texts = content_texts(self.content)
        try:
            features = embedding_features(texts, self.store)
            if engine.extractor.has_classifier:
                features.train()
            trust = learn(self.content, engine, folds, self.store, features)
        finally:
            self.store.save(texts.all)
        made = EmbeddingScorer(self.store, features, trust)
        if self.cache is not None:
            cache, arrays = Cache(self.cache.folder / "meaning"), ArrayFile()
            made.save(arrays)
            cache.save(self._file(cache), arrays)
        return made

    def _file(self, cache: Cache) -> Path:
        identity = self.store.encoder.identity
        return cache.path(self.version, VERSION, self.content.hash, self.language, identity)
