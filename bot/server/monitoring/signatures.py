"""Watches whether requests prove who sent them, so that a wrong secret or clock is seen."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from time import monotonic

from bot.server.monitoring.metrics import Metrics

ENOUGH = 3  # refusals in a row that are no accident
RECENT_SECONDS = 15.0  # in which one of them must have come: nobody may be left who sends any
# Anybody can send these, and no setting of ours makes a platform do so; who sent a `payload` that is not
# understood is proved.
FOREIGN = frozenset({"no_signature", "no_token", "malformed", "algorithm", "anonymous", "payload"})
CLOCK = frozenset({"age", "expired"})  # signed with the right key, at a time that is not now


@dataclass(slots=True)
class _Refusals:
    count: int
    last: float
    reason: str


class SignatureWatch:
    """Counts refused requests by channel and reason, and knows which channels accept none any more."""

    def __init__(self, metrics: Metrics, clock: Callable[[], float] = monotonic) -> None:
        self._metrics = metrics
        self._clock = clock
        self._refusals: dict[str, _Refusals] = {}

    def checked(self, channel: str, reason: str) -> None:
        """Note a request that was believed (no reason), or why it was refused."""
        if not reason:
            self._refusals.pop(channel, None)
            return
        self._metrics.refused.labels(channel, reason).inc()
        if reason not in FOREIGN:
            before = self._refusals.get(channel)
            count = before.count + 1 if before is not None else 1
            self._refusals[channel] = _Refusals(count, self._clock(), reason)

    def refusing(self, channels: Container[str]) -> Mapping[str, str]:
        """Why each of these channels has lately believed nobody."""
        since = self._clock() - RECENT_SECONDS
        return {
            _name(channel): _told(refusals)
            for channel, refusals in self._refusals.items()
            if channel in channels and refusals.count >= ENOUGH and refusals.last >= since
        }

    def suspected(self) -> Mapping[str, str]:
        """Why anybody has been believed no more since the first refusals, however long ago; "" elsewhere."""
        return {
            _name(channel): _told(refusals) if refusals.count >= ENOUGH else ""
            for channel, refusals in self._refusals.items()
        }


def _name(channel: str) -> str:
    return f"{channel}.signatures"


def _told(refusals: _Refusals) -> str:
    every = (
        f"The last {refusals.count} requests were refused ({refusals.reason}), and none was believed since"
    )
    if refusals.reason in CLOCK:
        return f"{every}: this machine's clock is wrong. Set it, and keep it set by NTP."
    return f"{every}: compare the secret and the ids in the settings with the platform's."
