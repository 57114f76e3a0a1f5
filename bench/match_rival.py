"""One measurement of another engine in a process of its own: prints one line of JSON."""

import json
import sys
import time

import numpy as np
import psutil

from bench.rivals import RIVALS
from bench.synthetic import sample

EXAMPLES = 5


def measure(name: str, texts: int, questions: int) -> dict[str, float]:
    """Load, then single questions on one core."""
    made = sample(texts // EXAMPLES, examples=EXAMPLES, questions=questions)
    process = psutil.Process()
    before = process.memory_info().rss
    started = time.perf_counter()
    search = RIVALS[name][1](made.texts)
    load = time.perf_counter() - started
    took, worked, hits = [], [], 0
    for text, expected in made.questions:
        started, at_work = time.perf_counter(), time.process_time()
        place = search(text)
        took.append(time.perf_counter() - started)
        worked.append(time.process_time() - at_work)
        hits += place >= 0 and f"article-{place // EXAMPLES}" == expected
    half, slow = np.percentile(took, [50, 99]) * 1e3
    half_worked, slow_worked = np.percentile(worked, [50, 99]) * 1e3
    return {
        "first": hits / len(took),
        "p50_ms": half,
        "p99_ms": slow,
        "cpu_p50_ms": half_worked,
        "cpu_p99_ms": slow_worked,
        "load_s": load,
        "content_mb": before / 1e6,
        "rss_mb": process.memory_info().rss / 1e6,
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
