"""Who is on call in a queue: week by week, with overrides."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.people import Identity

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Override:
    """Engineer who is on call instead, from one local time to another."""

    start: datetime
    end: datetime
    engineer: Identity


@dataclass(frozen=True, slots=True)
class Rota:
    """Rota of engineers on call: each of `turns` for a week in turn, counted from the local time `starts`."""

    starts: datetime
    turns: tuple[Identity, ...]
    overrides: tuple[Override, ...] = ()

    def order(self, local: datetime) -> tuple[Identity, ...]:
        """Return who is on call at a local time, then the others of the rota, by whose turn is next."""
        first = self.on_call(local)
        if first is None:
            return ()
        turn = (local.replace(tzinfo=None) - self.starts) // WEEK % len(self.turns) if self.turns else 0
        following = (*self.turns[turn:], *self.turns[:turn])
        return tuple(dict.fromkeys((first, *following)))

    def on_call(self, local: datetime) -> Identity | None:
        """Return who is on call at a local time; of two overrides the later one in the list counts."""
        shown = local.replace(tzinfo=None)
        for override in reversed(self.overrides):
            if override.start <= shown < override.end:
                return override.engineer
        if shown < self.starts or not self.turns:
            return None
        return self.turns[(shown - self.starts) // WEEK % len(self.turns)]
