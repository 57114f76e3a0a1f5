"""A circuit breaker, which spares what fails again and again for a while."""

import threading
from collections.abc import Callable


class CircuitBreaker:
    """Opens after some failures in a row; once the pause is over, one call is let through to see.

    It is our own because the libraries that there are either hold a lock during the call, so that messages
    would wait for one another, or let everything through at once when the pause is over.
    """

    def __init__(self, failures: int, pause: float, clock: Callable[[], float]) -> None:
        """`pause` in seconds of the `clock`."""
        self._most, self._pause, self._clock = failures, pause, clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_from = 0.0
        self._probing = False

    def allows(self) -> bool:
        """Whether to call now; who is allowed to reports afterwards by `succeeded` or `failed`."""
        with self._lock:
            if self._failures < self._most:
                return True
            if self._probing or self._clock() < self._closed_from:
                return False
            self._probing = True
            return True

    def succeeded(self) -> bool:
        """Note that the call went well; return whether that closes the circuit."""
        with self._lock:
            before, self._failures, self._probing = self._failures, 0, False
            return before >= self._most

    def failed(self) -> bool:
        """Note that the call failed; return whether that opens the circuit."""
        with self._lock:
            self._failures += 1
            self._probing = False
            if self._failures >= self._most:
                self._closed_from = self._clock() + self._pause
            return self._failures == self._most
