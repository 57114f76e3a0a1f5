"""Who may act on tickets."""

from datetime import datetime, timedelta

from bot.desk.stores import UnitOfWork
from bot.domain.people import Identity


class Engineers:
    """The listed engineers, else the members of the room; a roster that is stale denies."""

    def __init__(self, listed: tuple[Identity, ...], fresh: timedelta) -> None:
        self._listed = listed
        self._fresh = fresh

    def allows(self, work: UnitOfWork, identity: Identity, now: datetime) -> bool:
        """Whether this identity may act on tickets now."""
        if self._listed:
            return any(entry.same_as(identity) for entry in self._listed)
        return work.rosters.holds(identity, now - self._fresh)
