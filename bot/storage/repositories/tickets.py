"""Stores tickets, their history and their cards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, func, insert, select, update
from sqlalchemy.sql import Select

from bot.desk.ports.tickets import EVERY_TICKET, DeskEvent, NewTicket, TicketEvent, TicketFilter
from bot.domain.conversations.messages import ConversationRef
from bot.domain.people import Person
from bot.domain.tickets.queues import QueueFilter
from bot.domain.tickets.ticket import RULES, Priority, Status, Ticket, TicketAction, format_reference
from bot.storage.repositories.people import drop_unnamed
from bot.storage.rows.people import is_theirs, joined_of, of_person
from bot.storage.rows.prepared_statements import Prepared, entries, given
from bot.storage.rows.tickets import (
    LIVE_FIRST,
    QUERY,
    changes_of,
    guarded,
    in_queue,
    leads_to,
    opened,
    passes,
    ticket_of,
)
from bot.storage.schema.tables import cards, conversations, ticket_events, tickets

_BY_ID = Prepared(QUERY.where(tickets.c.id == given(tickets.c.id)))
_BY_TOKEN = Prepared(QUERY.where(tickets.c.token == given(tickets.c.token)))
_BY_CARD = Prepared(
    QUERY.join(cards, cards.c.ticket_id == tickets.c.id).where(
        cards.c.conversation_id == given(cards.c.conversation_id)
    )
)
_INTO = tickets.alias("into_ticket")
# What was merged into another ticket has ended when that one has.
_ENDED_AT = case((tickets.c.merged_into_id.is_(None), tickets.c.closed_at), else_=_INTO.c.closed_at)
_CLOSED = (
    QUERY.outerjoin(_INTO, _INTO.c.id == tickets.c.merged_into_id)
    .where(_ENDED_AT.is_not(None))
    .order_by(_ENDED_AT.desc(), tickets.c.id.desc())
    .limit(1)
)
_LAST_CLOSED = Prepared(_CLOSED.where(tickets.c.requester_id == given(tickets.c.requester_id)))
_ADD, _RECORD = Prepared(insert(tickets).returning(tickets.c.id)), Prepared(insert(ticket_events))
_CARDS = Prepared(
    select(cards.c.conversation_id)
    .where(cards.c.ticket_id == given(cards.c.ticket_id), cards.c.left_at.is_(None))
    .order_by(cards.c.conversation_id)
)
_ADDRESSES = Prepared(
    select(conversations.c.channel, cards.c.url)
    .join(conversations, conversations.c.id == cards.c.conversation_id)
    .where(cards.c.ticket_id == given(cards.c.ticket_id), cards.c.url != "")
    .order_by(cards.c.conversation_id)
)
_PUT_CARD = Prepared({name: entry.on_conflict_do_nothing() for name, entry in entries(cards).items()})


class Tickets:
    """Stores tickets, their history and their cards."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def add(self, new: NewTicket) -> Ticket:
        """Open a ticket."""
        ticket_id = _ADD.number(
            self._db,
            {
                "token": new.token,
                "status": Status.OPEN.value,
                "priority": int(new.priority),
                "queue": new.queue,
                "language": new.language,
                "requester_id": new.requester.id,
                "opened_by_id": new.opened_by.id if new.opened_by else None,
                "episode_id": new.episode.id,
                "question_id": new.question_id,
                "channel": new.channel,
                "link": new.link,
                "opened_at": new.at,
                "target": new.target,
                "why": ",".join(new.why),
                "outage_id": new.outage_id,
                "cluster_id": new.cluster_id,
                "first_response_due": new.deadlines.first_response,
                "resolution_due": new.deadlines.resolution,
                "timed_for": new.timing_key,
                "look_at": new.next_check,
                "expected_by": new.expected_by,
            },
        )
        return opened(ticket_id, new)

    def get(self, ticket_id: int) -> Ticket | None:
        """The ticket under this id."""
        return self._one(_BY_ID, {"p_id": ticket_id})

    def current(self, ticket: Ticket) -> Ticket:
        """The ticket as it is now; raise `LookupError` where it is gone."""
        found = self.get(ticket.id)
        if found is None:
            raise LookupError(f"{ticket.reference} vanished while it was being changed")
        return found

    def by_token(self, token: str) -> Ticket | None:
        """The ticket that a button names."""
        return self._one(_BY_TOKEN, {"p_token": token})

    def apply(self, ticket: Ticket, action: TicketAction, by: Person | None, at: datetime) -> bool:
        """Apply an action in one guarded update; False when somebody was faster."""
        guard = guarded(action, ticket.id)
        if RULES[action].assignee_only and by is not None:
            guard = and_(guard, is_theirs(tickets.c.assignee_id, by))
        done = self._db.execute(
            update(tickets).where(guard).values(**leads_to(action), **changes_of(action, by, at))
        )
        return done.rowcount == 1

    def reword(self, ticket: Ticket, text_id: int) -> None:
        """Make this text the ticket's question."""
        self._db.execute(update(tickets).where(tickets.c.id == ticket.id).values(question_id=text_id))
        drop_unnamed(self._db, ticket.question_id, ticket.episode_id)

    def note(self, ticket: Ticket, text_id: int) -> None:
        """Keep the note to the employee."""
        self._db.execute(update(tickets).where(tickets.c.id == ticket.id).values(note_id=text_id))

    def notes_only(self, ticket: Ticket, on: bool) -> bool:
        """Keep everything that engineers write in the rooms, or no longer; False when it was so already."""
        which = and_(tickets.c.id == ticket.id, tickets.c.notes_only.is_not(on))
        return self._db.execute(update(tickets).where(which).values(notes_only=on)).rowcount == 1

    def with_card_in(self, conversation_id: int) -> Ticket | None:
        """The ticket whose card began this conversation."""
        return self._one(_BY_CARD, {"p_conversation_id": conversation_id})

    def record(self, event: TicketEvent) -> None:
        """Append to a ticket's history."""
        _RECORD.run(
            self._db,
            {
                "ticket_id": event.ticket_id,
                "at": event.at,
                "kind": event.kind,
                "actor_id": event.actor.id if event.actor else None,
                "channel": event.channel,
                "detail": dict(event.detail),
            },
        )

    def newest_event(self) -> int:
        """The id of the newest event of any ticket, 0 where there is none."""
        return self._db.execute(select(func.max(ticket_events.c.id))).scalar() or 0

    def events_after(self, event_id: int, limit: int) -> tuple[DeskEvent, ...]:
        """The next events of all tickets, oldest first."""
        rows = self._db.execute(
            select(ticket_events, tickets.c.queue, tickets.c.priority)
            .join(tickets, tickets.c.id == ticket_events.c.ticket_id)
            .where(ticket_events.c.id > event_id)
            .order_by(ticket_events.c.id)
            .limit(limit)
        )
        return tuple(
            DeskEvent(
                id=row.id,
                at=row.at,
                kind=row.kind,
                ticket=format_reference(row.ticket_id),
                queue=row.queue,
                priority=Priority(row.priority).name.lower(),
                channel=row.channel,
                actor=row.actor_id,
            )
            for row in rows
        )

    def events(self, ticket_id: int) -> tuple[TicketEvent, ...]:
        """A ticket's history, oldest first."""
        rows = self._db.execute(
            select(
                ticket_events,
                *of_person("actor", ticket_events.c.actor_id),
                joined_of("actor", ticket_events.c.actor_id),
            )
            .where(ticket_events.c.ticket_id == ticket_id)
            .order_by(ticket_events.c.id)
        )
        return tuple(
            TicketEvent(
                ticket_id=row.ticket_id,
                at=row.at,
                kind=row.kind,
                actor=(
                    Person(row.actor_id, row.actor_name, row.actor_language, row.actor_joined)
                    if row.actor_id
                    else None
                ),
                channel=row.channel,
                detail=row.detail,
            )
            for row in rows
        )

    def of(self, person: Person, limit: int) -> tuple[Ticket, ...]:
        """A person's tickets, the live ones first, newest first."""
        query = QUERY.where(is_theirs(tickets.c.requester_id, person))
        return self._all(query.order_by(LIVE_FIRST, tickets.c.id.desc()).limit(limit))

    def last_closed(self, person: Person) -> Ticket | None:
        """The ticket of a person that was closed last."""
        if person.joined is None:
            return self._one(_LAST_CLOSED, {"p_requester_id": person.id})
        theirs = _CLOSED.where(is_theirs(tickets.c.requester_id, person))
        return next(iter(self._all(theirs)), None)

    def listed(
        self, statuses: Sequence[Status], limit: int, only: TicketFilter = EVERY_TICKET
    ) -> tuple[Ticket, ...]:
        """Tickets by priority and age."""
        found: list[Ticket] = []
        narrowed = QUERY.where(*passes(only))
        # A look for each priority and status, as the index has them: one sort would go through all tickets.
        for priority in sorted(Priority, reverse=True):
            alike: list[Ticket] = []
            for status in statuses:
                which = and_(tickets.c.status == status.value, tickets.c.priority == int(priority))
                alike += self._all(narrowed.where(which).order_by(tickets.c.id).limit(limit))
            found += sorted(alike, key=lambda ticket: ticket.id)
            if len(found) >= limit:
                break
        return tuple(found[:limit])

    def cards(self, ticket_id: int) -> tuple[int, ...]:
        """The conversations that hold a card of this ticket."""
        return tuple(row[0] for row in _CARDS.all(self._db, {"p_ticket_id": ticket_id}))

    def addresses(self, ticket_id: int) -> tuple[tuple[str, str], ...]:
        """Where this ticket is kept elsewhere: channel, address."""
        rows = _ADDRESSES.all(self._db, {"p_ticket_id": ticket_id})
        return tuple((row.channel, row.url) for row in rows)

    def put_card(self, ticket_id: int, conversation_id: int, room: ConversationRef) -> None:
        """Note that this conversation holds a card of this ticket."""
        entry = {"ticket_id": ticket_id, "conversation_id": conversation_id, "room": room.place}
        _PUT_CARD.run(self._db, entry)

    def without_card(
        self, room: ConversationRef, queue_filter: QueueFilter, limit: int
    ) -> tuple[Ticket, ...]:
        """Live tickets of this queue that lack a card in this room; another card may stand for one."""
        shown = select(cards.c.ticket_id).where(
            cards.c.ticket_id == tickets.c.id, cards.c.room == room.place, cards.c.left_at.is_(None)
        )
        live = QUERY.where(
            tickets.c.status.in_(("open", "claimed")),
            tickets.c.outage_id.is_(None),
            tickets.c.cluster_id.is_(None),
            ~shown.exists(),
            in_queue(queue_filter),
        )
        return self._all(live.order_by(tickets.c.id).limit(limit))

    def _one(self, query: Prepared, values: Mapping[str, object]) -> Ticket | None:
        row = query.first(self._db, values)
        return ticket_of(row) if row else None

    def _all(self, query: Select[Any]) -> tuple[Ticket, ...]:
        return tuple(ticket_of(row) for row in self._db.execute(query))
