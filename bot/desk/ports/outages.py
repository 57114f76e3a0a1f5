"""Protocol of the outage repository: known outages, their tickets and posts, and alerts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.people import Person
from bot.domain.tickets.outage import Alert, Outage
from bot.domain.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class NewOutage:
    """Data that a new outage starts with."""

    token: str
    key: str
    title: str
    at: datetime
    started_by: Person | None = None
    notices: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class KnownAlert:
    """Alert as it is stored."""

    id: int
    token: str
    source: str
    title: str
    url: str
    began_at: datetime
    ended_at: datetime | None = None
    outage_id: int | None = None
    severity: str = ""
    heard_at: datetime | None = None

    @property
    def newest_word(self) -> datetime:
        """Return the time of the newest word on it."""
        return max(at for at in (self.began_at, self.ended_at, self.heard_at) if at is not None)


class Outages(Protocol):
    """Repository of outages, their posts, and alerts."""

    def add(self, new: NewOutage) -> Outage | None:
        """Start an outage; return None when there is a live one with this key."""

    def get(self, outage_id: int) -> Outage | None: ...
    def current(self, outage: Outage) -> Outage:
        """Return the outage as it is now; raise `LookupError` where it is gone."""

    def by_token(self, token: str) -> Outage | None: ...
    def by_key(self, key: str) -> Outage | None:
        """Return the live outage with this key."""

    def live(self, limit: int) -> tuple[Outage, ...]:
        """Return live outages, the newest first."""

    def size(self, outage_id: int) -> int:
        """Return how many live tickets an outage has, or had at its end."""

    def reword(self, outage: Outage, title: str, notices: Mapping[str, str]) -> bool: ...
    def lock(self, outage_id: int) -> bool:
        """Lock an outage: nobody ends it before this transaction does; return False when it has ended."""

    def group(self, ticket: Ticket, outage_id: int) -> bool:
        """Put a live ticket under an outage; return False when it is under one, or no longer live."""

    def adopt_question(self, outage_id: int, ticket: Ticket) -> None:
        """Give an outage without a target and question those of this ticket."""

    def ungroup(self, ticket: Ticket) -> bool: ...
    def end(self, outage: Outage, by: Person | None, closing: str, at: datetime) -> bool: ...
    def lock_live_tickets(self, outage_id: int, limit: int) -> tuple[Ticket, ...]:
        """Lock the first live tickets of an outage until the transaction ends."""

    def unsettled(self) -> Outage | None:
        """Return an ended outage with live tickets, locked from other replicas."""

    def settle(self, outage_id: int, at: datetime) -> None: ...
    def add_post(self, subject: str, conversation_id: int, post_id: int) -> None:
        """Record that a post shows an outage or alert."""

    def posts(self, subject: str) -> tuple[tuple[int, int], ...]:
        """Return the conversations and posts that show an outage or alert."""

    def alert_began(self, source: str, alert: Alert, token: str) -> KnownAlert | None:
        """Record that an alert began; return None when it is live already, or older than what is known."""

    def alert_changed(self, source: str, alert: Alert) -> KnownAlert | None:
        """Record what is newly said of a live alert; return None where nothing that people read changes."""

    def alert_ended(self, source: str, alert: Alert) -> KnownAlert | None:
        """Record that an alert has ended; return None when there is no live one that began before.

        An end that overtook its beginning is kept, so that the beginning changes nothing when it comes.
        """

    def alert_expired(self, now: datetime) -> KnownAlert | None:
        """Record the end of a live alert that was to last until now, and return it; None without one."""

    def alert_by_token(self, token: str) -> KnownAlert | None: ...
    def lasting_alerts(self, limit: int) -> tuple[KnownAlert, ...]:
        """Return live alerts that have started no outage, the newest first."""

    def link_alert(self, alert: KnownAlert, outage: Outage) -> bool:
        """Link an alert to the outage that it has started; return False when it is linked already."""
