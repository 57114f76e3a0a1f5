"""The clock that is injected wherever the time is asked."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]  # aware, UTC
