"""Times single questions, by the clock and by processor time."""

import time
from collections.abc import Callable, Sequence

import numpy as np


def ask_all(
    find: Callable[[str], str | None], questions: Sequence[tuple[str, str]]
) -> tuple[dict[str, float], float]:
    """Ask each question, given with its right answer, one after the other.

    Returns percentiles of the times in milliseconds, and the share of questions whose right answer was found.
    """
    took, worked, hits = [], [], 0
    for text, expected in questions:
        started, at_work = time.perf_counter(), time.process_time()
        found = find(text)
        took.append(time.perf_counter() - started)
        worked.append(time.process_time() - at_work)
        hits += found == expected
    half, slow = np.percentile(took, [50, 99]) * 1e3
    half_worked, slow_worked = np.percentile(worked, [50, 99]) * 1e3
    times = {"p50_ms": half, "p99_ms": slow, "cpu_p50_ms": half_worked, "cpu_p99_ms": slow_worked}
    return times, hits / len(took)
