"""Stores assignments, transfers, merges and links of tickets, and clusters of like ones."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)

from bot.desk.ports.tickets import Cluster, Followers, LikeTicket
from bot.domain.conversations.messages import ConversationRef
from bot.domain.people import Person
from bot.domain.tickets.ticket import Priority, Ticket, TicketAction
from bot.storage.rows.prepared_statements import Prepared, entries, given, upsert
from bot.storage.rows.tickets import QUERY, guarded, leads_to, ticket_of
from bot.storage.schema.outages import ticket_links
from bot.storage.schema.tables import SHOWN, cards, clusters, texts, tickets

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
_LIMIT = bindparam("p_limit", type_=Integer)
_LIKE = (
    select(tickets.c.id, tickets.c.priority, tickets.c.why, texts.c.body)
    .join(texts, texts.c.id == tickets.c.question_id)
    .limit(_LIMIT)
)
_SHOWN = Prepared(
    _LIKE.where(
        tickets.c.queue == given(tickets.c.queue),
        tickets.c.target == given(tickets.c.target),
        tickets.c.opened_at >= given(tickets.c.opened_at),
        text(" AND ".join(f"tickets.{condition}" for condition in SHOWN.split(" AND "))),
    ).order_by(tickets.c.opened_at.desc(), tickets.c.id.desc())
)
_LEADS = Prepared(
    _LIKE.add_columns(clusters.c.id.label("cluster_id"))
    .join(clusters, clusters.c.lead_id == tickets.c.id)
    .where(
        clusters.c.queue == given(clusters.c.queue),
        clusters.c.target == given(clusters.c.target),
        clusters.c.last_at >= given(clusters.c.last_at),
        clusters.c.spread.is_(False),
    )
    .order_by(clusters.c.last_at.desc())
)
_START = Prepared({name: entry.on_conflict_do_nothing() for name, entry in entries(clusters).items()})
_LED_BY = Prepared(select(clusters.c.id).where(clusters.c.lead_id == given(clusters.c.lead_id)))
_LEAD_OF = Prepared(select(clusters.c.lead_id).where(clusters.c.id == given(clusters.c.id)))
# The conditions of the index, and the order of its columns.
_FOLLOWS = and_(
    tickets.c.cluster_id.is_not(None),
    tickets.c.cluster_id == given(tickets.c.cluster_id),
    tickets.c.outage_id.is_(None),
)
_COUNT = Prepared(select(func.count().label("size")).select_from(tickets).where(_FOLLOWS))
_NEWEST = Prepared(
    QUERY.add_columns(texts.c.body)
    .join(texts, texts.c.id == tickets.c.question_id)
    .where(_FOLLOWS)
    .order_by(tickets.c.id.desc())
    .limit(_LIMIT)
)
_lead, _member = tickets.alias("lead"), tickets.alias("member")
_led = and_(_lead.c.status == "open", _lead.c.outage_id.is_(None), _lead.c.queue == clusters.c.queue)
_member_of = and_(_member.c.cluster_id.is_not(None), _member.c.cluster_id == clusters.c.id)
_empty = ~exists().where(_member_of)
_waits = exists().where(_member_of, _member.c.outage_id.is_(None))
_UNSETTLED = (
    select(
        clusters.c.id,
        clusters.c.lead_id,
        clusters.c.spread,
        clusters.c.raise_to,
        _led.label("led"),
        _empty.label("empty"),
    )
    .join(_lead, _lead.c.id == clusters.c.lead_id)
    .where(or_(and_(or_(~_led, clusters.c.spread), _waits), clusters.c.raise_to > 0, _empty))
    .order_by(clusters.c.id)
    .limit(1)
    .with_for_update(of=clusters, skip_locked=True, key_share=True)
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


class Clusters:
    """Stores clusters of like tickets, for which the card of one stands."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def shown(self, queue: str, target: str, since: datetime, limit: int) -> tuple[LikeTicket, ...]:
        """The newest unclaimed tickets of this queue and target that have a card of their own."""
        values = {"p_queue": queue, "p_target": target, "p_opened_at": since, "p_limit": limit}
        return tuple(_like(row) for row in _SHOWN.all(self._db, values))

    def leads(self, queue: str, target: str, since: datetime, limit: int) -> tuple[LikeTicket, ...]:
        """The leads of the clusters of this queue and target that somebody has joined since then."""
        values = {"p_queue": queue, "p_target": target, "p_last_at": since, "p_limit": limit}
        return tuple(_like(row, row.cluster_id) for row in _LEADS.all(self._db, values))

    def start(self, lead_id: int, queue: str, target: str, at: datetime) -> int:
        """Start a cluster behind this lead; where it leads one already, that one."""
        _START.run(self._db, {"lead_id": lead_id, "queue": queue, "target": target, "last_at": at})
        # A statement of its own: in PostgreSQL it sees what was committed while we waited.
        return _LED_BY.number(self._db, {"p_lead_id": lead_id})

    def join(self, cluster_id: int, at: datetime, raise_to: int) -> bool:
        """Hold a cluster for a new ticket until the transaction ends; False when it is gone."""
        raised = case((clusters.c.raise_to < raise_to, raise_to), else_=clusters.c.raise_to)
        joined = self._db.execute(
            update(clusters).where(clusters.c.id == cluster_id).values(last_at=at, raise_to=raised)
        )
        return joined.rowcount == 1

    def followers(self, lead_id: int, limit: int) -> Followers:
        """The tickets for which this lead's card stands."""
        cluster = _LED_BY.first(self._db, {"p_lead_id": lead_id})
        if cluster is None:
            return Followers()
        of = {"p_cluster_id": cluster[0]}
        newest = _NEWEST.all(self._db, {**of, "p_limit": limit})
        return Followers(_COUNT.number(self._db, of), tuple((ticket_of(row), row.body) for row in newest))

    def lead_of(self, cluster_id: int) -> int | None:
        """The lead of a cluster."""
        row = _LEAD_OF.first(self._db, {"p_id": cluster_id})
        return row[0] if row else None

    def leave(self, ticket: Ticket) -> bool:
        """Take a ticket out of its cluster; False when it is in none."""
        left = self._db.execute(
            update(tickets)
            .where(tickets.c.id == ticket.id, tickets.c.cluster_id.is_not(None))
            .values(cluster_id=None)
        )
        return left.rowcount == 1

    def spread(self, lead_id: int) -> bool:
        """Let each of a lead's cluster get its card; False when it leads none."""
        done = self._db.execute(update(clusters).where(clusters.c.lead_id == lead_id).values(spread=True))
        return done.rowcount == 1

    def join_outage(self, lead: Ticket, outage_id: int) -> int:
        """Put all tickets for which the lead's card stands under an outage; how many."""
        cluster = select(clusters.c.id).where(clusters.c.lead_id == lead.id).scalar_subquery()
        grouped = self._db.execute(
            update(tickets)
            .where(tickets.c.cluster_id == cluster, tickets.c.outage_id.is_(None))
            .values(outage_id=outage_id)
        )
        return grouped.rowcount

    def lock_in_outage(self, limit: int) -> tuple[Ticket, ...]:
        """Tickets of clusters that were put under an outage, held until the transaction ends."""
        grouped = (
            select(tickets.c.id)
            .join(clusters, and_(tickets.c.cluster_id.is_not(None), tickets.c.cluster_id == clusters.c.id))
            .where(tickets.c.outage_id.is_not(None))
        )
        return self._held(grouped.limit(limit))

    def lock_unsettled(self) -> Cluster | None:
        """A cluster whose lead cannot stand for it, is to be raised, or stands for none; held."""
        row = self._db.execute(_UNSETTLED).first()
        return Cluster(row.id, row.lead_id, row.led, row.spread, row.raise_to, row.empty) if row else None

    def lock_followers(self, cluster_id: int, limit: int) -> tuple[Ticket, ...]:
        """The oldest tickets that wait behind a lead's card, held until the transaction ends."""
        oldest = select(tickets.c.id).where(
            tickets.c.cluster_id.is_not(None),
            tickets.c.cluster_id == cluster_id,
            tickets.c.outage_id.is_(None),
        )
        return self._held(oldest.order_by(tickets.c.id).limit(limit))

    def lead(self, cluster_id: int, ticket: Ticket) -> None:
        """Make a ticket the lead of a cluster."""
        self._db.execute(
            update(clusters).where(clusters.c.id == cluster_id).values(lead_id=ticket.id, raise_to=0)
        )

    def raised(self, cluster_id: int) -> None:
        """Note that the lead was raised."""
        self._db.execute(update(clusters).where(clusters.c.id == cluster_id).values(raise_to=0))

    def dissolve(self, cluster_id: int) -> None:
        """Drop a cluster without tickets; it is held, so that none can join meanwhile."""
        member = exists().where(tickets.c.cluster_id.is_not(None), tickets.c.cluster_id == cluster_id)
        self._db.execute(delete(clusters).where(clusters.c.id == cluster_id, ~member))

    def _held(self, ids: Select[tuple[int]]) -> tuple[Ticket, ...]:
        """Hold tickets, without those that somebody else holds: nobody waits for them with a cluster held."""
        locked = self._db.execute(ids.with_for_update(of=tickets, skip_locked=True, key_share=True))
        held = list(locked.scalars())
        rows = self._db.execute(QUERY.where(tickets.c.id.in_(held)).order_by(tickets.c.id))
        return tuple(ticket_of(row) for row in rows)


def _like(row: Any, cluster_id: int | None = None) -> LikeTicket:
    why = tuple(filter(None, row.why.split(",")))
    return LikeTicket(row.id, Priority(row.priority), why, row.body, cluster_id)
