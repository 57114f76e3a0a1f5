"""Who may act on tickets."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk.stores import UnitOfWork
from bot.domain.people import Identity


@dataclass(frozen=True, slots=True)
class Colleague:
    """An engineer whom a ticket may be given to; `label` tells apart those who share a name."""

    identity: Identity
    name: str
    label: str


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

    def colleagues(self, work: UnitOfWork, now: datetime) -> tuple[Colleague, ...]:
        """All engineers, by name; listed ones whom nobody has met, and no roster names, by their id."""
        present = work.rosters.members(now - self._fresh)
        found = self._listed_ones(work, present) if self._listed else dict(present)
        named = {identity: name or identity.external_id for identity, name in found.items()}
        shared = Counter(named.values())
        return tuple(
            Colleague(identity, name, f"{name} ({identity.channel})" if shared[name] > 1 else name)
            for identity, name in sorted(named.items(), key=lambda pair: (pair[1].casefold(), str(pair[0])))
        )

    def colleague(self, work: UnitOfWork, written: str, now: datetime) -> Colleague | None:
        """The engineer of this identity, or the only one of this name."""
        everybody = self.colleagues(work, now)
        for colleague in everybody:
            if str(colleague.identity) == written:
                return colleague
        name = written.strip().casefold()
        alike = [one for one in everybody if name in (one.name.casefold(), one.label.casefold())]
        return alike[0] if len(alike) == 1 else None

    def _listed_ones(
        self, work: UnitOfWork, present: tuple[tuple[Identity, str], ...]
    ) -> dict[Identity, str]:
        found: dict[Identity, str] = {}
        for entry in self._listed:
            known = (*present, *work.people.called(entry.external_id))
            meant = {identity: name for identity, name in known if entry.same_as(identity)}
            # An entry that leaves out its workspace names nobody until somebody with that id was met.
            whole = entry.tenant or entry.channel == "web"
            found |= meant or ({entry: ""} if whole else {})
        return found
