"""Lets what people wait for go first, before long work on other threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

LONGEST = 0.02  # seconds that each step of long work waits at most


class Precedence:
    """Counts what is being taken in; long work asks before each of its steps."""

    def __init__(self) -> None:
        self._taken = 0
        self._free = Event()
        self._free.set()

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Go first for as long as the block lasts; for the thread of the event loop alone."""
        self._taken += 1
        self._free.clear()
        try:
            yield
        finally:
            self._taken -= 1
            if not self._taken:
                self._free.set()

    def give_way(self) -> None:
        """Wait until nothing is being taken in, a short while at most; on a thread of the long work."""
        self._free.wait(LONGEST)
