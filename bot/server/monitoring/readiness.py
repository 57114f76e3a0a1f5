"""Tells whether a question could be taken in now, and what delays the answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from bot.server.monitoring.metrics import Metrics

log = structlog.get_logger()
HELP = "see Health in `firstline docs operations`"

Check = Callable[[], Mapping[str, object]]  # by name what is wrong, empty where nothing is


@dataclass(frozen=True, slots=True)
class Status:
    """What every check says; `broken` names those without which nothing can be taken in."""

    checks: Mapping[str, object]
    broken: tuple[str, ...]
    behind: tuple[str, ...]

    @property
    def word(self) -> str:
        """One word for it all."""
        return "unready" if self.broken else "degraded" if self.behind else "ready"


class Readiness:
    """Puts the checks together; each change is told once, in the log and in the metrics."""

    def __init__(self, metrics: Metrics, needed: Sequence[Check], wanted: Sequence[Check]) -> None:
        """`needed`: without one of them no question could be committed; `wanted`: the others only delay."""
        self._metrics = metrics
        self._needed = needed
        self._wanted = wanted
        self._told: tuple[str, ...] = ()

    def status(self) -> Status:
        """The status now."""
        needed, wanted = _together(self._needed), _together(self._wanted)
        broken = tuple(sorted(name for name, trouble in needed.items() if trouble))
        behind = tuple(sorted(name for name, trouble in wanted.items() if trouble and name not in broken))
        status = Status(
            {**wanted, **{n: t for n, t in needed.items() if t or n not in wanted}}, broken, behind
        )
        self._tell(status)
        return status

    def _tell(self, status: Status) -> None:
        self._metrics.show_readiness(status.broken, status.behind)
        told = (status.word, *status.broken, *status.behind)
        if told == (self._told or ("ready",)):
            return
        self._told = told
        say = log.error if status.broken else log.warning if status.behind else log.info
        say(
            "readiness_changed",
            status=status.word,
            reasons={name: str(status.checks[name])[:300] for name in (*status.broken, *status.behind)},
            next_step="none: it works again" if told == ("ready",) else HELP,
        )


def _together(checks: Sequence[Check]) -> dict[str, object]:
    found: dict[str, object] = {}
    for check in checks:
        found |= check()
    return found
