"""Where the meaning of a content is kept: what was learned in one file, the vectors in the store's."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.domain.knowledge.content import Content
from bot.matching.array_file import Box, Cache
from bot.matching.calibration.calibration import Part
from bot.matching.embeddings import calibration
from bot.matching.embeddings.chunks import speech
from bot.matching.embeddings.features import VERSION
from bot.matching.embeddings.model import Sense, meaning_of
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.scoring.engine import Engine

log = structlog.get_logger()


@dataclass(frozen=True)
class Kept:
    """The cache of one content's meaning; `words` is the version of the words' evidence."""

    cache: Cache | None
    words: str
    content: Content
    language: str
    store: VectorStore

    def at_once(self, before: Sense | None) -> Sense | None:
        """What was learned from this content, else from the one before; None where there is neither.

        Raises `EncoderUnavailable`.
        """
        found = self._load(patient=False)
        return found or (before.for_edit(self.content) if before is not None else None)

    def learned(self, engine: Engine, divided: Iterable[Part]) -> Sense:
        """What was learned from this content, now if not before. Raises `EncoderUnavailable`."""
        return self._load(patient=True) or self._learn(engine, divided)

    def _load(self, *, patient: bool) -> Sense | None:
        if self.cache is None:
            return None
        cache = Cache(self.cache.folder / "meaning")
        box = cache.load(self._file(cache))
        if box is None:
            return None
        try:
            return Sense.load(box, self.content, self.store, patient=patient)
        except (KeyError, ValueError, IndexError, TypeError) as error:
            log.warning("meaning_cache_unusable", kind=type(error).__name__)
            return None

    def _learn(self, engine: Engine, divided: Iterable[Part]) -> Sense:
        said = speech(self.content)
        try:
            meaning = meaning_of(said, self.store)
            if engine.gatherer.classifies:
                meaning.train()
            trust = calibration.learn(self.content, engine, divided, self.store, meaning)
        finally:
            self.store.save(said.texts)
        made = Sense(self.store, meaning, trust)
        if self.cache is not None:
            cache, box = Cache(self.cache.folder / "meaning"), Box()
            made.save(box)
            cache.save(self._file(cache), box)
        return made

    def _file(self, cache: Cache) -> Path:
        identity = self.store.encoder.identity
        return cache.path(self.words, VERSION, self.content.hash, self.language, identity)
