"""Scores readings by words and embeddings, with a calibrator for each language where embeddings help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.domain.errors import EncoderUnavailable
from bot.domain.knowledge.content import Content
from bot.matching.array_file import ArrayFile
from bot.matching.calibration.calibration import Calibration
from bot.matching.calibration.certainty import NONE_LABELLED, Labelled
from bot.matching.calibration.outcomes import Outcomes
from bot.matching.embeddings.chunks import ContentTexts, content_texts
from bot.matching.embeddings.features import EmbeddingFeatures
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.encoders.base import Vectors, clipped
from bot.matching.index.inverted_index import Floats
from bot.matching.scoring.calibrator import Calibrator
from bot.matching.scoring.candidates import CandidateFeatures, Candidates
from bot.matching.scoring.engine import Engine, Reading, ScoredReading
from bot.matching.text.normalise import Words, words_of


@dataclass(frozen=True)
class Trust:
    """The calibrator of each language whose own questions showed that embeddings help."""

    calibrators: Mapping[str, Calibrator]
    languages: tuple[str, ...] = ()  # all that had questions
    outcomes: Outcomes | None = None  # what the thresholds follow from; of all languages together
    labelled: Labelled = NONE_LABELLED

    def calibrator(self, reading: Reading) -> Calibrator | None:
        """The calibrator for a text; None: words alone are better in its language, or it is not known."""
        only = self.languages[0] if len(self.languages) == 1 else None
        if only is not None and reading.guessed_language is None:  # all of the content is in one language
            return self.calibrators.get(only)
        return self.calibrators.get(reading.language)

    def save(self, arrays: ArrayFile) -> None:
        """Put everything into `arrays`."""
        arrays.put_texts("languages", list(self.calibrators))
        arrays.put_texts("tried", self.languages)
        for number, calibrator in enumerate(self.calibrators.values()):
            # A calibration is saved with outcomes or without; those of all languages go with the first.
            saved = (
                Calibration(calibrator)
                if number
                else Calibration(calibrator, self.outcomes, labelled=self.labelled)
            )
            saved.save(arrays.section(str(number)))

    @classmethod
    def load(cls, arrays: ArrayFile) -> "Trust":
        """Read what was saved from `arrays`."""
        languages = arrays.texts("languages")
        kept = [Calibration.load(arrays.section(str(number))) for number in range(len(languages))]
        calibrators = {language: one.calibrator for language, one in zip(languages, kept, strict=True)}
        tried = tuple(arrays.texts("tried"))
        return (
            cls(calibrators, tried, kept[0].outcomes, kept[0].labelled) if kept else cls(calibrators, tried)
        )


class EmbeddingScorer:
    """Scores the readings of a text by the embeddings of one content; safe in any thread."""

    def __init__(self, store: VectorStore, features: EmbeddingFeatures, trust: Trust) -> None:
        self._store, self._features, self.trust = store, features, trust
        self.remote = store.encoder.remote

    def score(
        self, engine: Engine, readings: Sequence[Reading], *, patient: bool, here: bool
    ) -> list[tuple[ScoredReading, Calibrator]] | None:
        """Every reading of a text scored, with its calibrator; None: for this text words alone are better.

        `here`: without a network call. Raises `EncoderUnavailable`.
        """
        calibrator = self.trust.calibrator(readings[0])
        if calibrator is None or _matches_by_code(engine, readings[0].text):
            return None
        if here and self.remote:
            raise EncoderUnavailable("No network call may be made here.")
        texts = [clipped(one.corrected_text) for one in readings]
        vectors = self._store.encoder.encode(texts, patient=patient)
        scored = score(engine, self._features, readings, vectors)
        return [(one, calibrator) for one in scored]

    def adapted(self, content: Content) -> "EmbeddingScorer":
        """The scorer for an edited content, with the same trust; raises `EncoderUnavailable`."""
        texts = content_texts(content)
        _require_few_new(self._store, texts)
        weights = self._features.weights_for(texts.targets)
        features = embedding_features(texts, self._store, weights, patient=False)
        return EmbeddingScorer(self._store, features, self.trust)

    def save(self, arrays: ArrayFile) -> None:
        """Put everything into `arrays` but the vectors, which the store keeps."""
        self.trust.save(arrays.section("trust"))
        if self._features.weights is not None:
            arrays["weights"] = self._features.weights.astype(np.float16)

    @classmethod
    def load(
        cls, arrays: ArrayFile, content: Content, store: VectorStore, *, patient: bool
    ) -> "EmbeddingScorer":
        """Read a scorer from `arrays`; raises `EncoderUnavailable` where missing vectors cannot be had.

        Without patience only a few are encoded anew.
        """
        weights = arrays["weights"].astype(np.float32) if "weights" in arrays else None
        texts = content_texts(content)
        if not patient:
            _require_few_new(store, texts)
        features = embedding_features(texts, store, weights, patient=patient)
        store.save(texts.all)
        return cls(store, features, Trust.load(arrays.section("trust")))


def _require_few_new(store: VectorStore, texts: ContentTexts) -> None:
    # Answers wait for what is encoded now; the learner encodes the rest, where that takes long.
    if store.missing(texts.all) > store.encoder.max_edit_texts:
        raise EncoderUnavailable("There are too many new texts to be encoded at once.")


def _matches_by_code(engine: Engine, text: Words) -> bool:
    # A code is matched as a whole, and means nothing besides: one that the content has, or that is all.
    parts = {word for code in text.codes for word in words_of(code).words}
    typed = words_of(text.source or text.text).words
    return any(engine.has_code(code) for code in text.codes) or (bool(parts) and parts.issuperset(typed))


def embedding_features(
    texts: ContentTexts, store: VectorStore, weights: Vectors | None = None, *, patient: bool = True
) -> EmbeddingFeatures:
    """The embedding features of a content; raises `EncoderUnavailable`."""
    return EmbeddingFeatures(texts, store.vectors(texts.all, patient=patient), weights)


def score(
    engine: Engine, features: EmbeddingFeatures, readings: Sequence[Reading], vectors: Vectors
) -> list[ScoredReading]:
    """Score the readings of one text by words and embeddings; `vectors` are those of their texts."""
    query = features.similarities(vectors)
    by_words = engine.score(readings, query.proposed)
    candidates = Candidates.of([one.candidates.targets for one in by_words])
    columns = features.features(query, candidates)
    return [
        replace(one, candidates=_with(one.candidates, columns[part], features))
        for one, part in zip(by_words, candidates.parts, strict=True)
    ]


def _with(candidates: CandidateFeatures, columns: Floats, features: EmbeddingFeatures) -> CandidateFeatures:
    none_features = np.append(candidates.none_features, features.none_features(columns))
    both = np.hstack([candidates.features, columns])
    return replace(candidates, features=both, none_features=none_features)
