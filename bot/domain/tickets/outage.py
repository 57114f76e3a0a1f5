"""A known outage: what is down for many at once, from its notice to its end."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.people import Person

LONGEST_TITLE = 150
LONGEST_NOTICE = 1500


@dataclass(frozen=True, slots=True)
class Outage:
    """One known outage; `target` and `question` say which questions are like it.

    `notices` are by language and may lack some. `started_by` is None where an alert began it.
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
        """Whether it lasts."""
        return self.ended_at is None

    def notice(self, language: str) -> str:
        """Its notice in this language, else in English, else in any; empty where there is none."""
        return self.notices.get(language) or self.notices.get("en") or next(iter(self.notices.values()), "")


def make_outage_key(title: str, target: str = "") -> str:
    """What two outages may not share while they last: the target, else the title as people would read it."""
    if target:
        return f"target:{target}"
    folded = " ".join(title.casefold().split())
    return f"title:{hashlib.sha256(folded.encode()).hexdigest()[:32]}"


class AlertState(StrEnum):
    """What a monitoring system says."""

    BEGAN = "began"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Alert:
    """Word of a monitoring system; `key` is its own name of what is wrong, the same at the end of it."""

    key: str
    title: str
    state: AlertState
    at: datetime
    url: str = ""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an alert needs an aware time")
