"""Random histories of questions, the same for a seed."""

import random
from datetime import UTC, datetime, timedelta

from bot.domain.conversations.outcome import Contact, EpisodeEvent, EpisodeHistory, Step

HISTORIES = 10_000
BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
TARGETS = ("a", "b", "c")
STEPS = tuple(Step)


def random_history(chance: random.Random) -> tuple[EpisodeHistory, EpisodeHistory]:
    """A history of up to eight events in two weeks, and what may come on top of it in the next weeks."""
    return _history(chance, 0, 14), _history(chance, 1, 60)


def _history(chance: random.Random, first: float, last: float) -> EpisodeHistory:
    def moment() -> datetime:
        return BEGIN + timedelta(days=chance.uniform(first, last) * chance.random())

    events = tuple(
        EpisodeEvent(moment(), chance.choice(STEPS), chance.choice(TARGETS), chosen=chance.random() < 0.2)
        for _ in range(chance.randrange(9))
    )
    contacts = tuple(
        Contact(moment(), frozenset(chance.sample(TARGETS, chance.randrange(3))), chance.random() < 0.3)
        for _ in range(chance.randrange(3))
    )
    return EpisodeHistory(BEGIN, events, contacts)
