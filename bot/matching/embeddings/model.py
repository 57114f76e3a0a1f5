"""What one content taught about meaning: the vectors, and for each language how far to trust them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.domain.errors import EncoderUnavailable
from bot.domain.knowledge.content import Content
from bot.matching.array_file import Box
from bot.matching.calibration.calibration import Calibration, Outcomes
from bot.matching.embeddings.chunks import Speech, speech
from bot.matching.embeddings.features import Meaning
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.encoders.base import Vectors, clipped
from bot.matching.scoring.calibrator import Layer
from bot.matching.scoring.engine import Engine, Heard, Seen
from bot.matching.scoring.features import Evidence
from bot.matching.text.normalise import Words, words_of


@dataclass(frozen=True)
class Trust:
    """The layer of each language whose own questions said that it helps; and what the cuts follow from."""

    layers: Mapping[str, Layer]
    tried: tuple[str, ...] = ()  # the languages that had questions at all
    outcomes: Outcomes | None = None

    def layer(self, heard: Heard) -> Layer | None:
        """The layer for a text; None: words alone are better in its language, or nothing is known of it."""
        only = self.tried[0] if len(self.tried) == 1 else None
        if only is not None and heard.guessed is None:  # all of the content is in one language
            return self.layers.get(only)
        return self.layers.get(heard.language)

    def save(self, box: Box) -> None:
        """Put everything into a box."""
        box.put_texts("languages", list(self.layers))
        box.put_texts("tried", self.tried)
        for number, layer in enumerate(self.layers.values()):
            # Every box of a calibration has outcomes or none; they are of all languages together.
            Calibration(layer, None if number else self.outcomes).save(box.inside(str(number)))

    @classmethod
    def load(cls, box: Box) -> "Trust":
        """From a box."""
        languages = box.texts("languages")
        kept = [Calibration.load(box.inside(str(number))) for number in range(len(languages))]
        layers = {language: one.layer for language, one in zip(languages, kept, strict=True)}
        return cls(layers, tuple(box.texts("tried")), kept[0].outcomes if kept else None)


class Sense:
    """The meaning of a content's texts, with the trust in it; safe in any thread."""

    def __init__(self, store: VectorStore, meaning: Meaning, trust: Trust) -> None:
        self._store, self._meaning, self.trust = store, meaning, trust
        self.remote = store.encoder.remote

    def judge(
        self, engine: Engine, heard: Sequence[Heard], *, patient: bool, here: bool
    ) -> list[tuple[Seen, Layer]] | None:
        """Every reading with what it means, and its layer; None: in this language words alone are better.

        `here`: without a network call. Raises `EncoderUnavailable`.
        """
        layers = [self.trust.layer(one) for one in heard]
        if layers[0] is None or _named(engine, heard[0].text):
            return None
        if here and self.remote:
            raise EncoderUnavailable("No network call may be made here.")
        texts = [clipped(one.spoken) for one in heard]
        vectors = self._store.encoder.encode(texts, patient=patient)
        return [
            (look(engine, self._meaning, one, vector), layer)
            for one, vector, layer in zip(heard, vectors, layers, strict=True)
            if layer is not None
        ]

    def for_edit(self, content: Content) -> "Sense":
        """The same trust for an edited content, made at once; raises `EncoderUnavailable`."""
        said = speech(content)
        _must_be_few(self._store, said)
        weights = self._meaning.weights_for(said.targets)
        return Sense(self._store, meaning_of(said, self._store, weights, patient=False), self.trust)

    def save(self, box: Box) -> None:
        """Put everything into a box but the vectors, which the store keeps."""
        self.trust.save(box.inside("trust"))
        if self._meaning.weights is not None:
            box["weights"] = self._meaning.weights.astype(np.float16)

    @classmethod
    def load(cls, box: Box, content: Content, store: VectorStore, *, patient: bool) -> "Sense":
        """From a box; raises `EncoderUnavailable` where the store lacks vectors and cannot get them.

        Without patience only a few are encoded anew.
        """
        weights = box["weights"].astype(np.float32) if "weights" in box else None
        said = speech(content)
        if not patient:
            _must_be_few(store, said)
        made = meaning_of(said, store, weights, patient=patient)
        store.save(said.texts)
        return cls(store, made, Trust.load(box.inside("trust")))


def _must_be_few(store: VectorStore, said: Speech) -> None:
    # Answers wait for what is encoded now; the learner encodes the rest, where that takes long.
    if store.missing(said.texts) > store.encoder.at_once:
        raise EncoderUnavailable("There are too many new texts to be encoded at once.")


def _named(engine: Engine, text: Words) -> bool:
    # A code is matched as a whole, and means nothing besides: one that the content has, or that is all.
    parts = {word for code in text.codes for word in words_of(code).words}
    typed = words_of(text.source or text.text).words
    return any(engine.has_code(code) for code in text.codes) or (bool(parts) and parts.issuperset(typed))


def meaning_of(
    said: Speech, store: VectorStore, weights: Vectors | None = None, *, patient: bool = True
) -> Meaning:
    """The meaning of a content's texts; raises `EncoderUnavailable`."""
    return Meaning(said, store.of(said.texts, patient=patient), weights)


def look(engine: Engine, meaning: Meaning, heard: Heard, vector: Vectors) -> Seen:
    """What speaks for each target, the meaning included."""
    meant = meaning.of(vector)
    seen = engine.weigh(heard, meant.proposed)
    evidence = seen.evidence
    columns = meaning.columns(meant, evidence.targets)
    wider = Evidence(
        evidence.targets,
        np.hstack([evidence.features, columns]),
        np.append(evidence.none, meaning.none(columns)),
        evidence.hits,
    )
    return Seen(seen.text, seen.language, seen.repaired, wider)
