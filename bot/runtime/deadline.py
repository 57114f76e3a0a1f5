"""The moment until which somebody waits for what this thread does."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

_until: ContextVar[float] = ContextVar("until", default=math.inf)


def seconds_left() -> float:
    """Seconds until nobody waits any more: none or fewer when they have gone, infinite without a deadline."""
    return _until.get() - monotonic()


@contextmanager
def ending_at(moment: float) -> Iterator[None]:
    """Do what is done in here for somebody who waits until this moment of the monotonic clock."""
    token = _until.set(moment)
    try:
        yield
    finally:
        _until.reset(token)
