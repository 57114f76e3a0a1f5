"""Where the meaning of a content is kept: what was learned in one file, the vectors in the store's."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.domain.knowledge.content import Content
from bot.matching.array_file import ArrayFile, Cache
from bot.matching.calibration.calibration import Part
from bot.matching.embeddings import calibration
from bot.matching.embeddings.chunks import content_texts
from bot.matching.embeddings.features import VERSION
from bot.matching.embeddings.model import EmbeddingScorer, embedding_features
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.scoring.engine import Engine

log = structlog.get_logger()


@dataclass(frozen=True)
class EmbeddingCache:
    """The cache of one content's meaning; `words` is the version of the words' evidence."""

    cache: Cache | None
    words: str
    content: Content
    language: str
    store: VectorStore

    def at_once(self, before: EmbeddingScorer | None) -> EmbeddingScorer | None:
        """What was learned from this content, else from the one before; None where there is neither.

        Raises `EncoderUnavailable`.
        """
        found = self._load(patient=False)
        return found or (before.for_edit(self.content) if before is not None else None)

    def learned(self, engine: Engine, divided: Iterable[Part]) -> EmbeddingScorer:
        """What was learned from this content, now if not before. Raises `EncoderUnavailable`."""
        return self._load(patient=True) or self._learn(engine, divided)

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
            log.warning("meaning_cache_unusable", kind=type(error).__name__)
            return None

    def _learn(self, engine: Engine, divided: Iterable[Part]) -> EmbeddingScorer:
        said = content_texts(self.content)
        try:
            meaning = embedding_features(said, self.store)
            if engine.extractor.classifies:
                meaning.train()
            trust = calibration.learn(self.content, engine, divided, self.store, meaning)
        finally:
            self.store.save(said.texts)
        made = EmbeddingScorer(self.store, meaning, trust)
        if self.cache is not None:
            cache, arrays = Cache(self.cache.folder / "meaning"), ArrayFile()
            made.save(arrays)
            cache.save(self._file(cache), arrays)
        return made

    def _file(self, cache: Cache) -> Path:
        identity = self.store.encoder.identity
        return cache.path(self.words, VERSION, self.content.hash, self.language, identity)
