"""One measurement of our matcher in a process of its own: prints one line of JSON."""

import json
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil

from bench.synthetic import sample
from bot.domain.knowledge.content import Content
from bot.matching.embeddings.factory import store_of
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.encoders.builtin import BuiltinEncoder
from bot.matching.matcher import WordMatcher


def edited(content: Content) -> Content:
    """The same with one article that says something else."""
    name = next(iter(content.articles))
    article = content.articles[name]["en"]
    new = replace(article, title=f"{article.title} renewed", body=f"{article.body} and something new")
    return replace(content, articles={**content.articles, name: {"en": new}}, hash="edited")


def measure(articles: int, questions: int) -> dict[str, float]:
    """Load from nothing, from the cache, an edit; then single questions on one core."""
    made = sample(articles, questions=questions)
    process = psutil.Process()
    before = process.memory_info().rss
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        started = time.perf_counter()
        meaning = store_of("", "", "", 1.0, cache)
        first = WordMatcher(made.content, cache=cache, embeddings=meaning)
        load = time.perf_counter() - started
        took, worked, hits = [], [], 0
        for text, expected in made.questions:
            started, at_work = time.perf_counter(), time.process_time()
            best = first.find(text).best
            took.append(time.perf_counter() - started)
            worked.append(time.process_time() - at_work)
            hits += best is not None and best.target == expected
        after = process.memory_info().rss
        started = time.perf_counter()
        WordMatcher(edited(made.content), previous=first, embeddings=meaning)
        edit = time.perf_counter() - started
        started = time.perf_counter()
        WordMatcher(made.content, cache=cache, embeddings=VectorStore(BuiltinEncoder(), cache))
        warm = time.perf_counter() - started
        size = sum(file.stat().st_size for file in cache.rglob("*") if file.is_file()) / 1e6
    half, slow = np.percentile(took, [50, 99]) * 1e3
    half_worked, slow_worked = np.percentile(worked, [50, 99]) * 1e3
    return {
        "articles": articles,
        "first": hits / len(took),
        "p50_ms": half,
        "p99_ms": slow,
        "cpu_p50_ms": half_worked,
        "cpu_p99_ms": slow_worked,
        "load_s": load,
        "cached_s": warm,
        "edit_s": edit,
        "cache_mb": size,
        "content_mb": before / 1e6,
        "rss_mb": after / 1e6,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
