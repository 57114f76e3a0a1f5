"""The store of texts' vectors: each text is encoded once and kept, in a file for each model."""

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

BATCH = 256  # texts that are encoded and then kept
PROBE = "How do I reset my password?"
SAME_MODEL = 0.98  # cosine of the probe then and now: below, another model answers under the same name
SPARE = 20_000  # vectors of texts that the content no longer has, kept for the day that it has them again
log = structlog.get_logger()


class VectorStore:
    """Gives the vectors of texts, and encodes only those that are new; safe in any thread."""

    def __init__(self, encoder: Encoder, folder: Path | None) -> None:
        """`folder`: of caches; None keeps nothing beyond the process."""
        self.encoder = encoder
        self._cache = Cache(folder / "vectors") if folder is not None else None
        self._lock = threading.RLock()
        self._rows: dict[bytes, int] = {}
        self._vectors: npt.NDArray[np.float16] | None = None
        self._read_at = 0  # the time of the file when it was last read
        self._verified = False
        self._unsaved = 0

    def suits(self, content: Content) -> bool:
        """Whether the encoder is worth its time with so large a content."""
        articles = sum(
            1 + len(one.questions) for versions in content.articles.values() for one in versions.values()
        )
        examples = sum(
            len(texts) for intent in content.intents.values() for texts in intent.examples.values()
        )
        most = self.encoder.max_examples
        return most is None or articles + examples <= most

    def missing(self, texts: Sequence[str]) -> int:
        """How many of the texts would have to be encoded."""
        with self._lock:
            return len(self._new(texts))

    def vectors(self, texts: Sequence[str], *, patient: bool = True) -> Vectors:
        """The vectors (texts, dimension); raises `EncoderUnavailable`, and keeps what it encoded before."""
        with self._lock:
            self._encode(texts, patient)
            if self._vectors is None:
                return np.zeros((0, 1), np.float32)
            rows = np.array([self._rows[_key(text)] for text in texts], np.int64)
            found = self._vectors[rows].astype(np.float32)
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        return found

    def save(self, texts: Sequence[str]) -> None:
        """Write the vectors of these texts, and some others, to the file."""
        with self._lock:
            if self._cache is None or self._vectors is None or not self._unsaved:
                return
            wanted = {_key(text) for text in (*texts, PROBE)}
            others = [key for key in self._rows if key not in wanted]
            keys = [key for key in self._rows if key in wanted] + others[-SPARE:]
            arrays = ArrayFile()
            arrays["keys"] = np.frombuffer(b"".join(keys), np.uint8).reshape(-1, 16)
            arrays["vectors"] = self._vectors[[self._rows[key] for key in keys]]
            if self._cache.save(self._cache.path(self.encoder.identity), arrays):
                self._unsaved = 0

    def release(self) -> None:
        """Let go of vectors that are in the file: they are read again when a content wants them."""
        with self._lock:
            if self._cache is not None and not self._unsaved:
                self._rows, self._vectors, self._read_at = {}, None, 0

    def _new(self, texts: Sequence[str]) -> dict[bytes, str]:
        wanted = {_key(text): text for text in texts}
        if wanted.keys() - self._rows.keys():
            self._load()
        return {key: text for key, text in wanted.items() if key not in self._rows}

    def _load(self) -> None:
        # Another process, the learner, may have written it since.
        if self._cache is None:
            return
        path = self._cache.path(self.encoder.identity)
        written = path.stat().st_mtime_ns if path.is_file() else 0
        if written == self._read_at:
            return
        self._read_at = written
        arrays = self._cache.load(path)
        if arrays is None or "keys" not in arrays or "vectors" not in arrays:
            return
        keys, vectors = arrays["keys"], arrays["vectors"].astype(np.float16)
        if keys.ndim != 2 or vectors.ndim != 2 or len(keys) != len(vectors) or not np.isfinite(vectors).all():
            log.warning("vectors_unusable", next_step="none: they are made anew")
            return
        named = [bytes(key) for key in keys]
        if self._vectors is None or self._vectors.shape[1] != vectors.shape[1]:
            self._rows, self._vectors, self._verified = {}, vectors[:0], False
        fresh = [index for index, key in enumerate(named) if key not in self._rows]
        first = len(self._vectors)
        self._vectors = np.concatenate([self._vectors, vectors[fresh]])
        self._rows.update({named[index]: first + place for place, index in enumerate(fresh)})

    def _encode(self, texts: Sequence[str], patient: bool) -> None:
        if self._new(texts) and not self._verified:
            self._verify(patient)
        new = self._new(texts)
        keys = list(new)
        for first in range(0, len(keys), BATCH):
            part = keys[first : first + BATCH]
            self._add(part, self.encoder.encode([clipped(new[key]) for key in part], patient=patient))

    def _verify(self, patient: bool) -> None:
        # A service may have changed its model under the old name: then all that is kept is worth nothing.
        vector = self.encoder.encode([PROBE], patient=patient)
        row = self._rows.get(_key(PROBE))
        if self._vectors is not None and row is not None:
            kept = self._vectors[row].astype(np.float32)
            if kept.shape != vector[0].shape or float(kept @ vector[0]) < SAME_MODEL:
                log.warning("vectors_of_another_model", next_step="everything is encoded anew")
                self._rows, self._vectors = {}, None
        if _key(PROBE) not in self._rows:
            self._add([_key(PROBE)], vector)
        self._verified = True

    def _add(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        if self._vectors is not None and self._vectors.shape[1] != vectors.shape[1]:
            raise EncoderUnavailable(
                f"The model gave vectors of {vectors.shape[1]} numbers, and {self._vectors.shape[1]} before."
            )
        first = 0 if self._vectors is None else len(self._vectors)
        half = vectors.astype(np.float16)
        self._vectors = half if self._vectors is None else np.concatenate([self._vectors, half])
        self._rows.update({key: first + index for index, key in enumerate(keys)})
        self._unsaved += len(keys)


def _key(text: str) -> bytes:
    return hashlib.blake2b(clipped(text).encode("utf-8", "surrogatepass"), digest_size=16).digest()
