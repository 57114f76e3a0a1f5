"""An episode: what somebody wants in one place, and how far it has come."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class EpisodeState(StrEnum):
    """Where an episode stands."""

    ASKED = "asked"  # we put a question back
    CHOICE = "choice"  # we offered a choice
    ANSWERED = "answered"  # we answered; only assumed to have helped
    SOLVED = "solved"  # the person said that it helped
    TICKET = "ticket"  # a ticket was opened
    CLOSED = "closed"  # nothing is expected (a greeting, a refusal)


@dataclass(frozen=True, slots=True)
class Episode:
    """One person, one conversation, one thread or short window: at most one question back, one ticket."""

    id: int
    token: str
    person_id: int
    conversation_id: int
    state: EpisodeState
    language: str
    last_at: datetime
    asked: bool = False
    angry: bool = False
    question: str = ""
    offered: tuple[tuple[str, float], ...] = ()
    tried: tuple[tuple[str, float], ...] = ()
    clicks: tuple[str, ...] = ()
    ticket_id: int | None = None
    post_id: int | None = None  # our last post with buttons
    link: str = ""

    def with_state(self, state: EpisodeState, at: datetime, **changes: object) -> "Episode":
        """Return this episode in another state; what was said earlier and comes later turns no time back."""
        return replace(self, state=state, last_at=max(at, self.last_at), **changes)  # type: ignore[arg-type]  # checked by replace
