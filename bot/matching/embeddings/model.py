"""What one content taught about meaning: the vectors, and for each language how far to trust them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.domain.errors import EncoderUnavailable
from bot.domain.knowledge.content import Content
from bot.matching.array_file import ArrayFile
from bot.matching.calibration.calibration import Calibration, Outcomes
from bot.matching.embeddings.chunks import ContentTexts, content_texts
from bot.matching.embeddings.features import EmbeddingFeatures
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.encoders.base import Vectors, clipped
from bot.matching.scoring.calibrator import Calibrator
from bot.matching.scoring.engine import Engine, Reading, ScoredReading
from bot.matching.scoring.features import CandidateFeatures
from bot.matching.text.normalise import Words, words_of


@dataclass(frozen=True)
class Trust:
    """The layer of each language whose own questions said that it helps; and what the cuts follow from."""

    calibrators: Mapping[str, Calibrator]
    tried: tuple[str, ...] = ()  # the languages that had questions at all
    outcomes: Outcomes | None = None

    def calibrator(self, reading: Reading) -> Calibrator | None:
        """The layer for a text; None: words alone are better in its language, or nothing is known of it."""
        only = self.tried[0] if len(self.tried) == 1 else None
        if only is not None and reading.guessed is None:  # all of the content is in one language
            return self.calibrators.get(only)
        return self.calibrators.get(reading.language)

    def save(self, arrays: ArrayFile) -> None:
        """Put everything into a box."""
        arrays.put_texts("languages", list(self.calibrators))
        arrays.put_texts("tried", self.tried)
        for number, calibrator in enumerate(self.calibrators.values()):
            # Every box of a calibration has outcomes or none; they are of all languages together.
            Calibration(calibrator, None if number else self.outcomes).save(arrays.inside(str(number)))

    @classmethod
    def load(cls, arrays: ArrayFile) -> "Trust":
        """From a box."""
        languages = arrays.texts("languages")
        kept = [Calibration.load(arrays.inside(str(number))) for number in range(len(languages))]
        calibrators = {language: one.calibrator for language, one in zip(languages, kept, strict=True)}
        return cls(calibrators, tuple(arrays.texts("tried")), kept[0].outcomes if kept else None)


class EmbeddingScorer:
    """The meaning of a content's texts, with the trust in it; safe in any thread."""

    def __init__(self, store: VectorStore, meaning: EmbeddingFeatures, trust: Trust) -> None:
        self._store, self._meaning, self.trust = store, meaning, trust
        self.remote = store.encoder.remote

    def judge(
        self, engine: Engine, reading: Sequence[Reading], *, patient: bool, here: bool
    ) -> list[tuple[ScoredReading, Calibrator]] | None:
        """Every reading with what it means, and its layer; None: in this language words alone are better.

        `here`: without a network call. Raises `EncoderUnavailable`.
        """
        calibrators = [self.trust.calibrator(one) for one in reading]
        if calibrators[0] is None or _named(engine, reading[0].text):
            return None
        if here and self.remote:
            raise EncoderUnavailable("No network call may be made here.")
        texts = [clipped(one.spoken) for one in reading]
        vectors = self._store.encoder.encode(texts, patient=patient)
        return [
            (look(engine, self._meaning, one, vector), calibrator)
            for one, vector, calibrator in zip(reading, vectors, calibrators, strict=True)
            if calibrator is not None
        ]

    def for_edit(self, content: Content) -> "EmbeddingScorer":
        """The same trust for an edited content, made at once; raises `EncoderUnavailable`."""
        said = content_texts(content)
        _must_be_few(self._store, said)
        weights = self._meaning.weights_for(said.targets)
        return EmbeddingScorer(
            self._store, embedding_features(said, self._store, weights, patient=False), self.trust
        )

    def save(self, arrays: ArrayFile) -> None:
        """Put everything into a box but the vectors, which the store keeps."""
        self.trust.save(arrays.inside("trust"))
        if self._meaning.weights is not None:
            arrays["weights"] = self._meaning.weights.astype(np.float16)

    @classmethod
    def load(
        cls, arrays: ArrayFile, content: Content, store: VectorStore, *, patient: bool
    ) -> "EmbeddingScorer":
        """From a box; raises `EncoderUnavailable` where the store lacks vectors and cannot get them.

        Without patience only a few are encoded anew.
        """
        weights = arrays["weights"].astype(np.float32) if "weights" in arrays else None
        said = content_texts(content)
        if not patient:
            _must_be_few(store, said)
        made = embedding_features(said, store, weights, patient=patient)
        store.save(said.texts)
        return cls(store, made, Trust.load(arrays.inside("trust")))


def _must_be_few(store: VectorStore, said: ContentTexts) -> None:
    # Answers wait for what is encoded now; the learner encodes the rest, where that takes long.
    if store.missing(said.texts) > store.encoder.at_once:
        raise EncoderUnavailable("There are too many new texts to be encoded at once.")


def _named(engine: Engine, text: Words) -> bool:
    # A code is matched as a whole, and means nothing besides: one that the content has, or that is all.
    parts = {word for code in text.codes for word in words_of(code).words}
    typed = words_of(text.source or text.text).words
    return any(engine.has_code(code) for code in text.codes) or (bool(parts) and parts.issuperset(typed))


def embedding_features(
    said: ContentTexts, store: VectorStore, weights: Vectors | None = None, *, patient: bool = True
) -> EmbeddingFeatures:
    """The meaning of a content's texts; raises `EncoderUnavailable`."""
    return EmbeddingFeatures(said, store.of(said.texts, patient=patient), weights)


def look(engine: Engine, meaning: EmbeddingFeatures, reading: Reading, vector: Vectors) -> ScoredReading:
    """What speaks for each target, the meaning included."""
    meant = meaning.of(vector)
    seen = engine.weigh(reading, meant.proposed)
    candidates = seen.candidates
    columns = meaning.columns(meant, candidates.targets)
    wider = CandidateFeatures(
        candidates.targets,
        np.hstack([candidates.features, columns]),
        np.append(candidates.none, meaning.none(columns)),
        candidates.hits,
    )
    return ScoredReading(seen.text, seen.language, seen.repaired, wider)
