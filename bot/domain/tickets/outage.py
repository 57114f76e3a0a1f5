"""Known outages, and the alerts of monitoring systems."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.people import Person

LONGEST_TITLE = 150  # characters
LONGEST_NOTICE = 1500  # characters


@dataclass(frozen=True, slots=True)
class Outage:
    """Known outage; `target` and `question` decide which questions are like it.

    `notices` are by language, and some may be missing. `started_by` is None where an alert started it.
    """

    id: int
    token: str
    title: str
    started_at: datetime
    notices: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    question: str = ""
    started_by: Person | None = None
    ended_at: datetime | None = None
    ended_by: Person | None = None
    closing: str = ""

    @property
    def live(self) -> bool:
        """Tell whether it has not ended yet."""
        return self.ended_at is None

    def notice(self, language: str) -> str:
        """Return its notice in this language, else in English, else in any; empty where there is none."""
        return self.notices.get(language) or self.notices.get("en") or next(iter(self.notices.values()), "")


def make_outage_key(title: str, target: str = "") -> str:
    """Make the key that only one live outage may have: from the target, else the title as people read it."""
    if target:
        return f"target:{target}"
    folded = " ".join(title.casefold().split()).encode("utf-8", "replace")
    return f"title:{hashlib.sha256(folded).hexdigest()[:32]}"


class AlertState(StrEnum):
    """State that a monitoring system reports."""

    BEGAN = "began"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Alert:
    """Alert of a monitoring system; `key` is the system's own id of the problem, the same when it ends.

    `severity` is the system's own word. At `until` it is over, unless the system speaks of it again before.
    """

    key: str
    title: str
    state: AlertState
    at: datetime
    url: str = ""
    severity: str = ""
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an alert needs an aware time")
