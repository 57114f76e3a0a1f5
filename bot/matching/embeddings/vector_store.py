"""The vectors of the content's texts, each encoded once and kept in a file for each model."""

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import structlog

from bot.domain.errors import EncoderUnavailable
from bot.domain.knowledge.content import Content
from bot.matching.array_file import ArrayFile, Cache
from bot.matching.encoders.base import Encoder, Vectors, clipped

BATCH = 256  # texts between two looks at what is done
PROBE = "How do I reset my password?"
ALIKE = 0.98  # of the probe then and now: below, another model answers under the same name
SPARE = 20_000  # vectors of texts that the content no longer has, kept for the day that it has them again
log = structlog.get_logger()


class VectorStore:
    """Texts -> vectors; an edit encodes only what is new. Safe in any thread."""

    def __init__(self, encoder: Encoder, folder: Path | None) -> None:
        """`folder`: of caches; None keeps nothing beyond the process."""
        self.encoder = encoder
        self._cache = Cache(folder / "vectors") if folder is not None else None
        self._lock = threading.RLock()
        self._place: dict[bytes, int] = {}
        self._kept: npt.NDArray[np.float16] | None = None
        self._seen = 0  # when the file was last written, as far as it was read
        self._proved = False
        self._unsaved = 0

    def suits(self, content: Content) -> bool:
        """Whether the encoder is worth its time with so large a content."""
        articles = sum(
            1 + len(one.questions) for versions in content.articles.values() for one in versions.values()
        )
        examples = sum(
            len(texts) for intent in content.intents.values() for texts in intent.examples.values()
        )
        return self.encoder.most is None or articles + examples <= self.encoder.most

    def missing(self, texts: Sequence[str]) -> int:
        """How many of the texts would have to be encoded."""
        with self._lock:
            return len(self._new(texts))

    def of(self, texts: Sequence[str], *, patient: bool = True) -> Vectors:
        """Vectors (texts, dimension); raises `EncoderUnavailable`, and keeps what was encoded before that."""
        with self._lock:
            self._encode(texts, patient)
            if self._kept is None:
                return np.zeros((0, 1), np.float32)
            places = np.array([self._place[_key(text)] for text in texts], np.int64)
            found = self._kept[places].astype(np.float32)
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        return found

    def save(self, texts: Sequence[str]) -> None:
        """Keep the vectors in the file: those of these texts, and some others."""
        with self._lock:
            if self._cache is None or self._kept is None or not self._unsaved:
                return
            wanted = {_key(text) for text in (*texts, PROBE)}
            others = [key for key in self._place if key not in wanted]
            keys = [key for key in self._place if key in wanted] + others[-SPARE:]
            arrays = ArrayFile()
            arrays["keys"] = np.frombuffer(b"".join(keys), np.uint8).reshape(-1, 16)
            arrays["vectors"] = self._kept[[self._place[key] for key in keys]]
            if self._cache.save(self._cache.path(self.encoder.identity), arrays):
                self._unsaved = 0

    def _new(self, texts: Sequence[str]) -> dict[bytes, str]:
        wanted = {_key(text): text for text in texts}
        if wanted.keys() - self._place.keys():
            self._load()
        return {key: text for key, text in wanted.items() if key not in self._place}

    def _load(self) -> None:
        # Another process, the learner, may have written it since.
        if self._cache is None:
            return
        path = self._cache.path(self.encoder.identity)
        written = path.stat().st_mtime_ns if path.is_file() else 0
        if written == self._seen:
            return
        self._seen = written
        arrays = self._cache.load(path)
        if arrays is None or "keys" not in arrays or "vectors" not in arrays:
            return
        keys, vectors = arrays["keys"], arrays["vectors"].astype(np.float16)
        if keys.ndim != 2 or vectors.ndim != 2 or len(keys) != len(vectors) or not np.isfinite(vectors).all():
            log.warning("vectors_unusable")
            return
        named = [bytes(key) for key in keys]
        if self._kept is None or self._kept.shape[1] != vectors.shape[1]:
            self._place, self._kept, self._proved = {}, vectors[:0], False
        fresh = [index for index, key in enumerate(named) if key not in self._place]
        first = len(self._kept)
        self._kept = np.concatenate([self._kept, vectors[fresh]])
        self._place.update({named[index]: first + place for place, index in enumerate(fresh)})

    def _encode(self, texts: Sequence[str], patient: bool) -> None:
        if self._new(texts) and not self._proved:
            self._prove(patient)
        new = self._new(texts)
        keys = list(new)
        for first in range(0, len(keys), BATCH):
            part = keys[first : first + BATCH]
            self._add(part, self.encoder.encode([clipped(new[key]) for key in part], patient=patient))

    def _prove(self, patient: bool) -> None:
        # A service may have changed its model under the old name: then all that is kept is worth nothing.
        vector = self.encoder.encode([PROBE], patient=patient)
        place = self._place.get(_key(PROBE))
        if self._kept is not None and place is not None:
            kept = self._kept[place].astype(np.float32)
            if kept.shape != vector[0].shape or float(kept @ vector[0]) < ALIKE:
                log.warning("vectors_of_another_model", next_step="everything is encoded anew")
                self._place, self._kept = {}, None
        if _key(PROBE) not in self._place:
            self._add([_key(PROBE)], vector)
        self._proved = True

    def _add(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        if self._kept is not None and self._kept.shape[1] != vectors.shape[1]:
            raise EncoderUnavailable(
                f"The model gave vectors of {vectors.shape[1]} numbers, and {self._kept.shape[1]} before."
            )
        first = 0 if self._kept is None else len(self._kept)
        half = vectors.astype(np.float16)
        self._kept = half if self._kept is None else np.concatenate([self._kept, half])
        self._place.update({key: first + index for index, key in enumerate(keys)})
        self._unsaved += len(keys)


def _key(text: str) -> bytes:
    return hashlib.blake2b(clipped(text).encode("utf-8", "surrogatepass"), digest_size=16).digest()
