"""What the work on tickets and the outages need of the storage, within the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.conversations.messages import ConversationRef
from bot.domain.people import Person
from bot.domain.tickets.outage import Alert, Outage
from bot.domain.tickets.ticket import Priority, Ticket


class Assignments(Protocol):
    """Moves that end somewhere else than with the presser.

    Each is one guarded update that asks for what the presser saw, so that of several at once one wins.
    """

    def lock(self, *ticket_ids: int) -> tuple[Ticket, ...]:
        """Hold these tickets until the transaction ends, always in the same order; as they are then."""

    def assign(self, ticket: Ticket, to: Person, at: datetime) -> bool: ...
    def transfer(self, ticket: Ticket, queue: str) -> bool: ...
    def prioritize(self, ticket: Ticket, priority: Priority, why: str) -> bool: ...
    def merge(self, ticket: Ticket, into: Ticket, at: datetime) -> bool:
        """Merge a ticket, and what was merged into it, into another; False when either is no longer live."""

    def merged_into(self, *ticket_ids: int) -> tuple[Ticket, ...]:
        """The tickets that were merged into these."""

    def split(self, ticket: Ticket) -> bool:
        """Give a merged ticket back to the team."""

    def link(self, ticket_id: int, other_id: int, at: datetime) -> bool:
        """Note that two tickets belong together; False when it is noted already."""

    def links(self, ticket_id: int, limit: int) -> tuple[int, ...]: ...
    def count_alike(self, target: str, since: datetime, limit: int) -> int:
        """How many tickets about this target were opened since then, at most `limit`."""

    def leave_cards(
        self, ticket_id: int, staying: Sequence[ConversationRef], at: datetime
    ) -> tuple[int, ...]:
        """Leave the ticket's cards outside these rooms behind; their conversations."""

    def rooms_of(self, ticket_id: int) -> Mapping[str, int]:
        """The places where the ticket had a card, and how many it left behind there; -1 where it has one."""


@dataclass(frozen=True, slots=True)
class NewOutage:
    """What an outage starts with."""

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
    """An alert as it is kept."""

    id: int
    token: str
    source: str
    title: str
    url: str
    began_at: datetime
    ended_at: datetime | None = None
    outage_id: int | None = None


class Outages(Protocol):
    def add(self, new: NewOutage) -> Outage | None:
        """Start an outage; None when one with this key lasts already."""

    def get(self, outage_id: int) -> Outage | None: ...
    def current(self, outage: Outage) -> Outage:
        """The outage as it is now; raise `LookupError` where it is gone."""

    def by_token(self, token: str) -> Outage | None: ...
    def by_key(self, key: str) -> Outage | None:
        """The outage with this key that lasts."""

    def live(self, limit: int) -> tuple[Outage, ...]:
        """The outages that last, the newest first."""

    def size(self, outage_id: int) -> int:
        """How many live tickets it holds, or ended with."""

    def reword(self, outage: Outage, title: str, notices: Mapping[str, str]) -> bool: ...
    def lock(self, outage_id: int) -> bool:
        """Let nobody end it until the transaction ends; False when it has ended."""

    def group(self, ticket: Ticket, outage_id: int) -> bool:
        """Put a live ticket under an outage; False when it is under one, or no longer live."""

    def adopt_question(self, outage_id: int, ticket: Ticket) -> None:
        """Let an outage that knows no ticket's target and question have this one's."""

    def ungroup(self, ticket: Ticket) -> bool: ...
    def end(self, outage: Outage, by: Person | None, closing: str, at: datetime) -> bool: ...
    def lock_live_tickets(self, outage_id: int, limit: int) -> tuple[Ticket, ...]:
        """The first live tickets of an outage, held until the transaction ends."""

    def unsettled(self) -> Outage | None:
        """An outage that has ended and still holds tickets; no other replica looks at it meanwhile."""

    def settle(self, outage_id: int, at: datetime) -> None: ...
    def add_post(self, subject: str, conversation_id: int, post_id: int) -> None:
        """Note that this post stands for this outage or alert."""

    def posts(self, subject: str) -> tuple[tuple[int, int], ...]:
        """The conversations and posts that stand for it."""

    def alert_began(self, source: str, alert: Alert, token: str) -> KnownAlert | None:
        """Note that an alert began; None when it lasts already, or is older than what is known."""

    def alert_ended(self, source: str, alert: Alert) -> KnownAlert | None:
        """Note that an alert has ended; None when none lasts that began before."""

    def alert_by_token(self, token: str) -> KnownAlert | None: ...
    def lasting_alerts(self, limit: int) -> tuple[KnownAlert, ...]:
        """The alerts that last and have begun no outage, the newest first."""

    def link_alert(self, alert: KnownAlert, outage: Outage) -> bool:
        """Note which outage an alert has begun; False when it has begun one."""
