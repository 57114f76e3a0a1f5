"""Matching with a model beside the words, in a process of its own: prints one line of JSON.

    python -m bench.match_meaning MODEL_FOLDER ARTICLES QUESTIONS

Questions are encoded by the model. The content's vectors are invented, for how long a question takes does not
hang on what they say, and encoding the content of 10,000 articles takes some minutes.
"""

import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil

from bench.synthetic import sample
from bot.matching.embeddings.chunks import content_texts
from bot.matching.embeddings.features import NAMES, NONE_NAMES
from bot.matching.embeddings.model import EmbeddingScorer, Trust, embedding_features
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.encoders.base import Vectors, checked
from bot.matching.encoders.local_model import LocalModelEncoder
from bot.matching.matcher import WordMatcher
from bot.matching.scoring.calibrator import START, Calibrator


class Invented:
    """The content's vectors from a seed; the model is asked only when `honest`."""

    remote = False
    identity = "invented"
    max_examples = None
    max_edit_texts = 100
    min_standard_errors = 1.0

    def __init__(self, folder: Path) -> None:
        self._model = LocalModelEncoder(folder)
        self.size = self._model.encode(["one"], patient=True).shape[1]
        self.honest = False

    def encode(self, texts: Sequence[str], *, patient: bool = False) -> Vectors:
        """Vectors of length one."""
        if self.honest:
            return self._model.encode(texts, patient=patient)
        dice = np.random.default_rng(len(texts))
        return checked(dice.normal(size=(len(texts), self.size)), len(texts))


def measure(model: Path, articles: int, questions: int) -> dict[str, float]:
    """Ask single questions on one core."""
    made = sample(articles, questions=questions)
    process = psutil.Process()
    before = process.memory_info().rss
    encoder = Invented(model)
    library = process.memory_info().rss
    store = VectorStore(encoder, None)
    matcher = WordMatcher(made.content, at_once=True)
    calibrator = Calibrator(
        np.append(START.candidate_weights, np.ones(len(NAMES))),
        np.append(START.none_weights, np.ones(len(NONE_NAMES))),
    )
    started = time.perf_counter()
    meaning = embedding_features(content_texts(made.content), store)
    built = time.perf_counter() - started
    matcher._scorer = EmbeddingScorer(store, meaning, Trust({"en": calibrator}, ("en",)))
    encoder.honest = True  # it was loaded for its size
    took, worked = [], []
    for text, _ in made.questions:
        started, at_work = time.perf_counter(), time.process_time()
        matcher.find(text)
        took.append(time.perf_counter() - started)
        worked.append(time.process_time() - at_work)
    half, slow = np.percentile(took, [50, 99]) * 1e3
    half_worked, slow_worked = np.percentile(worked, [50, 99]) * 1e3
    return {
        "articles": articles,
        "p50_ms": half,
        "p99_ms": slow,
        "cpu_p50_ms": half_worked,
        "cpu_p99_ms": slow_worked,
        "built_s": built,
        "library_mb": (library - before) / 1e6,
        "rss_mb": process.memory_info().rss / 1e6,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
