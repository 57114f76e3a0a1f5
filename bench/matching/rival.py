"""Measures another search engine; prints one line of JSON."""

import json
import sys
import time

import psutil

from bench.matching.rivals import RIVALS
from bench.matching.synthetic import sample
from bench.matching.timing import ask_all

EXAMPLES = 5


def measure(name: str, texts: int, questions: int) -> dict[str, float]:
    """Load the texts, then ask single questions on one core; times in seconds and milliseconds."""
    made = sample(texts // EXAMPLES, examples=EXAMPLES, questions=questions)
    process = psutil.Process()
    before = process.memory_info().rss
    started = time.perf_counter()
    search = RIVALS[name][1](made.texts)
    load = time.perf_counter() - started

    def best(text: str) -> str | None:
        place = search(text)
        return f"article-{place // EXAMPLES}" if place >= 0 else None

    times, hits = ask_all(best, made.questions)
    return {
        "first": hits,
        **times,
        "load_s": load,
        "content_mb": before / 1e6,
        "rss_mb": process.memory_info().rss / 1e6,
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
