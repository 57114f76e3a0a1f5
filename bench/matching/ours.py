"""Measures our matcher; prints one line of JSON."""

import json
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import psutil

from bench.matching.synthetic import sample
from bench.matching.timing import ask_all
from bot.domain.knowledge.content import Content
from bot.matching.embeddings.factory import store_of
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.encoders.builtin import BuiltinEncoder
from bot.matching.matcher import WordMatcher


def edited(content: Content) -> Content:
    """The content with one article edited."""
    name = next(iter(content.articles))
    article = content.articles[name]["en"]
    new = replace(article, title=f"{article.title} renewed", body=f"{article.body} and something new")
    return replace(content, articles={**content.articles, name: {"en": new}}, hash="edited")


def measure(articles: int, questions: int) -> dict[str, float]:
    """Load from nothing, ask single questions, edit, load from the cache; on one core, in seconds and MB."""
    made = sample(articles, questions=questions)
    process = psutil.Process()
    before = process.memory_info().rss
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        started = time.perf_counter()
        store = store_of("", "", "", 1.0, cache)
        first = WordMatcher(made.content, cache=cache, embeddings=store)
        load = time.perf_counter() - started
        times, hits = ask_all(lambda text: best_of(first, text), made.questions)
        after = process.memory_info().rss
        started = time.perf_counter()
        WordMatcher(edited(made.content), previous=first, embeddings=store)
        edit = time.perf_counter() - started
        started = time.perf_counter()
        WordMatcher(made.content, cache=cache, embeddings=VectorStore(BuiltinEncoder(), cache))
        warm = time.perf_counter() - started
        size = sum(file.stat().st_size for file in cache.rglob("*") if file.is_file()) / 1e6
    return {
        "articles": articles,
        "first": hits,
        **times,
        "load_s": load,
        "cached_s": warm,
        "edit_s": edit,
        "cache_mb": size,
        "content_mb": before / 1e6,
        "rss_mb": after / 1e6,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


def best_of(matcher: WordMatcher, text: str) -> str | None:
    """The target of the best match."""
    best = matcher.find(text).best
    return best.target if best is not None else None


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
