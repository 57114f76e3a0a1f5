"""Episodes: one person's matter in one conversation, and its state."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

# What the bot itself did, kept among an episode's clicks.
OFFERED = "offered"  # it offered a ticket in a help channel
DROPPED = "dropped"  # it was told that nothing is needed any more
UNCLEAR = "unclear"  # it asked whether a closed ticket, or which option, is meant


class EpisodeState(StrEnum):
    """State of an episode."""

    ASKED = "asked"  # the bot asked a question back
    CHOICE = "choice"  # the bot offered a choice
    ANSWERED = "answered"  # the bot answered; only assumed to have helped
    SOLVED = "solved"  # the person said that it helped
    TICKET = "ticket"  # a ticket was opened
    CLOSED = "closed"  # nothing is expected (a greeting, a refusal)


@dataclass(frozen=True, slots=True)
class Episode:
    """One person's matter in one conversation: in a thread, or in messages within a short time.

    It has at most one question back and one ticket.
    """

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
    post_id: int | None = None  # the bot's last post with buttons
    link: str = ""

    def with_state(self, state: EpisodeState, at: datetime, **changes: object) -> "Episode":
        """Return this episode in another state; a message that arrives late does not turn `last_at` back."""
        return replace(self, state=state, last_at=max(at, self.last_at), **changes)  # type: ignore[arg-type]  # checked by replace
