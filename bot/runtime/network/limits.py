"""Counts what each person or address does, in bounded memory: at a time, how often, how often in vain."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

Value = TypeVar("Value")
MOST_KNOWN = 10_000  # keys that are remembered; the one that was used longest ago is forgotten first


class Book(Generic[Value]):
    """Values by key; what was used longest ago is forgotten where there are too many."""

    def __init__(self, make: Callable[[], Value], most: int = MOST_KNOWN) -> None:
        self._make = make
        self._most = most
        self._values: OrderedDict[Hashable, Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def find(self, key: Hashable) -> Value | None:
        """The value of a key; None where nothing is known of it."""
        return self._values.get(key)

    def of(self, key: Hashable) -> Value:
        """The value of a key, made where there is none."""
        value = self._values.get(key)
        if value is None:
            value = self._values[key] = self._make()
            if len(self._values) > self._most:
                self._values.popitem(last=False)
        self._values.move_to_end(key)
        return value


@dataclass(slots=True)
class _Taken:
    count: float = 0.0
    since: float = 0.0


class Rate:
    """So many at once for each key, and so many a second after these."""

    def __init__(
        self,
        at_once: float,
        a_second: float,
        clock: Callable[[], float] = monotonic,
        most_known: int = MOST_KNOWN,
    ) -> None:
        self._at_once = at_once
        self._a_second = a_second
        self._clock = clock
        self._book = Book(_Taken, most_known)

    def wait(self, key: Hashable) -> float:
        """Seconds until there is one more for a key, 0 where there is one."""
        taken = self._book.find(key)
        return self._wait(taken) if taken is not None else 0.0

    def take(self, key: Hashable) -> float:
        """Take one; return the seconds until there is one where there is none, else 0."""
        taken = self._book.of(key)
        wait = self._wait(taken)
        if not wait:
            taken.count += 1
        return wait

    def _wait(self, taken: _Taken) -> float:
        now = self._clock()
        taken.count = max(taken.count - (now - taken.since) * self._a_second, 0.0)
        taken.since = now
        return max((taken.count + 1 - self._at_once) / self._a_second, 0.0)


@dataclass(slots=True)
class _Failed:
    count: float = 0.0
    since: float = 0.0
    until: float = 0.0


class GrowingWait:
    """A wait that doubles with each failure of a key, once some were free; a quiet time forgives one."""

    def __init__(
        self,
        free: int,
        longest: float = 60.0,
        forgiven_after: float = 30.0,
        clock: Callable[[], float] = monotonic,
        most_known: int = MOST_KNOWN,
    ) -> None:
        """`free`: failures that cost nothing; `longest`, `forgiven_after`: seconds."""
        self._free = free
        self._longest = longest
        self._forgiven_after = forgiven_after
        self._clock = clock
        self._book = Book(_Failed, most_known)

    def wait(self, key: Hashable) -> float:
        """Seconds until a key may try again."""
        failed = self._book.find(key)
        return max(failed.until - self._clock(), 0.0) if failed is not None else 0.0

    def knows(self, key: Hashable) -> bool:
        """Whether a key has failed lately."""
        return self._book.find(key) is not None

    def forgive(self, key: Hashable) -> None:
        """Take one failure back; a wait that has begun goes on."""
        failed = self._book.find(key)
        if failed is not None:
            failed.count = max(failed.count - 1, 0.0)

    def failed(self, key: Hashable) -> None:
        """Note a failure."""
        failed, now = self._book.of(key), self._clock()
        failed.count = max(failed.count - max(now - failed.since, 0.0) / self._forgiven_after, 0.0) + 1
        over = failed.count - self._free
        if over > 0:
            # Bounded before it is doubled: a count of thousands is no number of seconds.
            failed.until = now + min(2.0 ** min(over - 1, 30.0), self._longest)
        failed.since = max(now, failed.until)  # who has to wait is not quiet by choice


class Held:
    """So many at a time for each key, and in all."""

    def __init__(self, each: int, in_all: int) -> None:
        self._each = each
        self._in_all = in_all
        self._held: Counter[Hashable] = Counter()
        self._all = 0

    @contextmanager
    def holding(self, key: Hashable) -> Iterator[str]:
        """Hold one while the block lasts; say what is full where there is none: "each", "all" or ""."""
        full = "each" if self._held[key] >= self._each else "all" if self._all >= self._in_all else ""
        if full:
            self._drop(key)
            yield full
            return
        self._held[key] += 1
        self._all += 1
        try:
            yield ""
        finally:
            self._held[key] -= 1
            self._all -= 1
            self._drop(key)

    def _drop(self, key: Hashable) -> None:
        if not self._held[key]:
            del self._held[key]
