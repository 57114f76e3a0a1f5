"""Measures matching with an embedding model beside the words; prints one line of JSON.

    python -m bench.matching.meaning MODEL_FOLDER ARTICLES QUESTIONS

Questions are encoded by the model. The content's vectors are random, because how long a question takes does
not depend on them, and encoding the content of 10,000 articles takes some minutes.
"""

import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil

from bench.matching.ours import best_of
from bench.matching.synthetic import sample
from bench.matching.timing import ask_all
from bot.matching.embeddings.chunks import content_texts
from bot.matching.embeddings.features import NAMES, NONE_NAMES
from bot.matching.embeddings.model import EmbeddingScorer, Trust, embedding_features
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.encoders.base import Vectors, checked
from bot.matching.encoders.local_model import LocalModelEncoder
from bot.matching.matcher import WordMatcher
from bot.matching.scoring.calibrator import START, Calibrator


class RandomEncoder:
    """Gives random vectors from a seed; only with `use_model` it asks the model."""

    remote = False
    identity = "invented"
    max_examples = None
    max_edit_texts = 100
    min_standard_errors = 1.0

    def __init__(self, folder: Path) -> None:
        self._model = LocalModelEncoder(folder)
        self.size = self._model.encode(["one"], patient=True).shape[1]
        self.use_model = False

    def encode(self, texts: Sequence[str], *, patient: bool = False) -> Vectors:
        """The vectors of the texts, of length one."""
        if self.use_model:
            return self._model.encode(texts, patient=patient)
        rng = np.random.default_rng(len(texts))
        return checked(rng.normal(size=(len(texts), self.size)), len(texts))


def measure(model: Path, articles: int, questions: int) -> dict[str, float]:
    """Ask single questions on one core."""
    made = sample(articles, questions=questions)
    process = psutil.Process()
    before = process.memory_info().rss
    encoder = RandomEncoder(model)
    library = process.memory_info().rss
    store = VectorStore(encoder, None)
    matcher = WordMatcher(made.content, at_once=True)
    calibrator = Calibrator(
        np.append(START.candidate_weights, np.ones(len(NAMES))),
        np.append(START.none_weights, np.ones(len(NONE_NAMES))),
    )
    started = time.perf_counter()
    features = embedding_features(content_texts(made.content), store)
    built = time.perf_counter() - started
    matcher._scorer = EmbeddingScorer(store, features, Trust({"en": calibrator}, ("en",)))
    encoder.use_model = True  # it was loaded for its size
    times, _ = ask_all(lambda text: best_of(matcher, text), made.questions)
    return {
        "articles": articles,
        **times,
        "built_s": built,
        "library_mb": (library - before) / 1e6,
        "rss_mb": process.memory_info().rss / 1e6,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
