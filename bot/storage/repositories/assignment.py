"""Stores assignments, transfers, merges and links of tickets."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Integer, and_, bindparam, func, select, text, update

from bot.domain.conversations.messages import ConversationRef
from bot.domain.people import Person
from bot.domain.tickets.ticket import Priority, Ticket, TicketAction
from bot.storage.rows.prepared_statements import Prepared, given, upsert
from bot.storage.rows.tickets import QUERY, guarded, leads_to, ticket_of
from bot.storage.schema.outages import ticket_links
from bot.storage.schema.tables import cards, tickets

_ALIKE = Prepared(
    select(tickets.c.id)
    .where(tickets.c.target == given(tickets.c.target))
    # Said as the index says it, else SQLite does not know that it may use it.
    .where(text("tickets.target <> ''"))
    .where(tickets.c.opened_at >= given(tickets.c.opened_at))
    .limit(bindparam("p_limit", type_=Integer))
)
_MERGED = QUERY.where(tickets.c.merged_into_id.in_(bindparam("p_ids", expanding=True))).order_by(tickets.c.id)
_MERGED_INTO = Prepared(QUERY.where(tickets.c.merged_into_id == given(tickets.c.id)).order_by(tickets.c.id))
_LATER, _EARLIER = (
    Prepared(
        select(theirs)
        .where(ours == given(tickets.c.id))
        .order_by(theirs)
        .limit(bindparam("p_limit", type_=Integer))
    )
    for ours, theirs in (
        (ticket_links.c.ticket_id, ticket_links.c.other_id),
        (ticket_links.c.other_id, ticket_links.c.ticket_id),
    )
)


class Assignments:
    """Assigns, transfers, prioritizes, merges and links tickets, each in one guarded update."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def lock(self, *ticket_ids: int) -> tuple[Ticket, ...]:
        """Lock these tickets until the transaction ends, always in the same order, and return them."""
        ids = sorted(set(ticket_ids))
        self._db.execute(
            select(tickets.c.id)
            .where(tickets.c.id.in_(ids))
            .order_by(tickets.c.id)
            .with_for_update(key_share=True)
        ).all()
        # A statement of its own: in PostgreSQL it sees what was committed while we waited.
        rows = self._db.execute(QUERY.where(tickets.c.id.in_(ids)).order_by(tickets.c.id))
        return tuple(ticket_of(row) for row in rows)

    def assign(self, ticket: Ticket, to: Person, at: datetime) -> bool:
        """Make somebody the assignee, unless the assignee is no longer the one who was seen."""
        seen = ticket.assignee.id if ticket.assignee else None
        same = tickets.c.assignee_id.is_(None) if seen is None else tickets.c.assignee_id == seen
        responded = func.coalesce(tickets.c.responded_at, at)
        return self._apply(
            ticket, TicketAction.ASSIGN, same, assignee_id=to.id, claimed_at=at, responded_at=responded
        )

    def transfer(self, ticket: Ticket, queue: str) -> bool:
        """Put a ticket in another queue, unless it is no longer in the one that was seen."""
        same = tickets.c.queue == ticket.queue
        return self._apply(
            ticket, TicketAction.TRANSFER, same, queue=queue, assignee_id=None, claimed_at=None
        )

    def prioritize(self, ticket: Ticket, priority: Priority, why: str) -> bool:
        """Set the priority, unless it is no longer the one that was seen."""
        same = tickets.c.priority == int(ticket.priority)
        return self._apply(ticket, TicketAction.PRIORITIZE, same, priority=int(priority), why=why)

    def merge(self, ticket: Ticket, into: Ticket, at: datetime) -> bool:
        """Merge a ticket, and what was merged into it, into another; False when either is no longer live.

        What was merged before is handed on, so that a merged ticket always leads to one that is not merged.
        """
        now = {held.id: held for held in self.lock(ticket.id, into.id)}
        if not now[ticket.id].may_merge_into(now[into.id]):
            return False
        done = self._apply(ticket, TicketAction.MERGE, merged_into_id=into.id, closed_at=at, assignee_id=None)
        if done:
            self._db.execute(
                update(tickets).where(tickets.c.merged_into_id == ticket.id).values(merged_into_id=into.id)
            )
        return done

    def merged_into(self, *ticket_ids: int) -> tuple[Ticket, ...]:
        """The tickets that were merged into these."""
        if len(ticket_ids) == 1:
            rows = _MERGED_INTO.all(self._db, {"p_id": ticket_ids[0]})
        else:
            rows = list(self._db.execute(_MERGED, {"p_ids": list(ticket_ids)}))
        return tuple(ticket_of(row) for row in rows)

    def split(self, ticket: Ticket) -> bool:
        """Give a merged ticket back to the team; an outage that it was under may be over by now."""
        changes = dict.fromkeys(("merged_into_id", "closed_at", "claimed_at", "outage_id"))
        return self._apply(ticket, TicketAction.SPLIT, **changes)

    def link(self, ticket_id: int, other_id: int, at: datetime) -> bool:
        """Note that two tickets belong together; False when it is noted already."""
        low, high = sorted((ticket_id, other_id))
        entry = upsert(self._db, ticket_links).values(ticket_id=low, other_id=high, linked_at=at)
        added = self._db.execute(entry.on_conflict_do_nothing().returning(ticket_links.c.ticket_id))
        return added.first() is not None

    def links(self, ticket_id: int, limit: int) -> tuple[int, ...]:
        """The tickets that this one is linked with, the first ones."""
        values = {"p_id": ticket_id, "p_limit": limit}
        found = (*_EARLIER.all(self._db, values), *_LATER.all(self._db, values))
        return tuple(row[0] for row in found)[:limit]

    def count_alike(self, target: str, since: datetime, limit: int) -> int:
        """How many tickets about this target were opened since then, at most `limit`."""
        values = {"p_target": target, "p_opened_at": since, "p_limit": limit}
        return len(_ALIKE.all(self._db, values))

    def leave_cards(
        self, ticket_id: int, staying: Sequence[ConversationRef], at: datetime
    ) -> tuple[int, ...]:
        """Leave the ticket's cards outside these rooms behind; their conversations."""
        places = [room.place for room in staying]
        left = self._db.execute(
            update(cards)
            .where(cards.c.ticket_id == ticket_id, cards.c.left_at.is_(None), cards.c.room.not_in(places))
            .values(left_at=at)
            .returning(cards.c.conversation_id)
        )
        return tuple(sorted(left.scalars()))

    def rooms_of(self, ticket_id: int) -> Mapping[str, int]:
        """The places where the ticket had a card, and how many it left behind there; -1 where it has one."""
        rows = self._db.execute(
            select(cards.c.room, cards.c.left_at.is_(None).label("here")).where(
                cards.c.ticket_id == ticket_id
            )
        ).all()
        here = {row.room for row in rows if row.here}
        left = [row.room for row in rows if not row.here]
        return {room: -1 if room in here else left.count(room) for room in {*here, *left}}

    def _apply(
        self, ticket: Ticket, action: TicketAction, *seen: ColumnElement[bool], **changes: object
    ) -> bool:
        guard = and_(guarded(action, ticket.id), *seen)
        return (
            self._db.execute(update(tickets).where(guard).values(**leads_to(action), **changes)).rowcount == 1
        )
