"""Keeps lengths of time in fine logarithmic buckets, so that those of many days can be added up."""

from collections.abc import Mapping
from math import ceil, floor, log

GROWTH = 1.1  # of one bucket to the next: what is told is off by 5 % at most
SHORTEST = 60.0  # seconds; what is shorter is told as "under a minute"
NO_LENGTH = -1  # the bucket of what counts, and has no length
ERROR = GROWTH**0.5 - 1  # the most that a told length is off, as a share of it

Histogram = Mapping[int, int]  # how many by bucket


def bucket_of(seconds: float) -> int:
    """Return the bucket of a length; 0 for less than a minute."""
    if seconds < SHORTEST:
        return 0
    return 1 + floor(log(seconds / SHORTEST) / log(GROWTH) + 1e-9)


def seconds_of(bucket: int) -> float:
    """Return the length that stands for a bucket, in its middle; 0 for less than a minute."""
    return SHORTEST * GROWTH ** (bucket - 0.5) if bucket > 0 else 0.0


def percentile(histogram: Histogram, share: float) -> float | None:
    """Return within how many seconds this share was done, by the nearest rank; None where nothing was."""
    known = sorted(pair for pair in histogram.items() if pair[0] != NO_LENGTH and pair[1] > 0)
    rank = ceil(share * sum(count for _, count in known) - 1e-9)
    reached = 0
    for bucket, count in known:
        reached += count
        if reached >= max(rank, 1):
            return seconds_of(bucket)
    return None
