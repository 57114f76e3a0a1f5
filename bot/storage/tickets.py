"""The repository of tickets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, insert, select, update
from sqlalchemy.sql import Select

from bot.desk.stores import NewTicket, TicketEvent
from bot.domain.conversation import ConversationRef
from bot.domain.people import Person
from bot.domain.queues import Filed
from bot.domain.ticket import RULES, Move, Priority, Status, Ticket
from bot.storage.statements import Prepared, entries, given
from bot.storage.tables import cards, conversations, people, ticket_events, tickets

_requester = people.alias("requester")
_opener = people.alias("opener")
_assignee = people.alias("assignee")

QUERY: Select[Any] = (
    select(
        tickets,
        *(
            person.c[column].label(f"{role}_{column}")
            for role, person in (("requester", _requester), ("opener", _opener), ("assignee", _assignee))
            for column in ("name", "language")
        ),
    )
    .join(_requester, _requester.c.id == tickets.c.requester_id)
    .outerjoin(_opener, _opener.c.id == tickets.c.opened_by_id)
    .outerjoin(_assignee, _assignee.c.id == tickets.c.assignee_id)
)
LIVE_FIRST = case((tickets.c.status.in_(("open", "claimed")), 0), else_=1)


_BY_ID = Prepared(QUERY.where(tickets.c.id == given(tickets.c.id)))
_BY_TOKEN = Prepared(QUERY.where(tickets.c.token == given(tickets.c.token)))
_BY_CARD = Prepared(
    QUERY.join(cards, cards.c.ticket_id == tickets.c.id).where(
        cards.c.conversation_id == given(cards.c.conversation_id)
    )
)
_LAST_CLOSED = Prepared(
    QUERY.where(
        tickets.c.requester_id == given(tickets.c.requester_id),
        tickets.c.closed_at.is_not(None),
        tickets.c.merged_into_id.is_(None),
    )
    .order_by(tickets.c.closed_at.desc(), tickets.c.id.desc())
    .limit(1)
)
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


def in_queue(filed: Filed) -> ColumnElement[bool]:
    """Whether a ticket's stored name means this queue."""
    return tickets.c.queue.not_in(filed.names) if filed.others else tickets.c.queue.in_(filed.names)


def ticket_of(row: Any) -> Ticket:
    """A ticket from a row of `QUERY`."""
    return Ticket(
        id=row.id,
        token=row.token,
        status=Status(row.status),
        priority=Priority(row.priority),
        queue=row.queue,
        language=row.language,
        requester=Person(row.requester_id, row.requester_name, row.requester_language),
        episode_id=row.episode_id,
        question_id=row.question_id,
        opened_at=row.opened_at,
        opened_by=Person(row.opened_by_id, row.opener_name, row.opener_language) if row.opener_name else None,
        assignee=(
            Person(row.assignee_id, row.assignee_name, row.assignee_language) if row.assignee_name else None
        ),
        claimed_at=row.claimed_at,
        closed_at=row.closed_at,
        note_id=row.note_id,
        channel=row.channel,
        link=row.link,
        notes_only=row.notes_only,
        target=row.target,
        why=tuple(filter(None, row.why.split(","))),
        merged_into=row.merged_into_id,
        outage_id=row.outage_id,
        first_response_due=row.first_response_due,
        resolution_due=row.resolution_due,
        responded_at=row.responded_at,
        timed_for=row.timed_for,
    )


def guarded(move: Move, ticket_id: int) -> ColumnElement[bool]:
    """Where a move may start: what an update of it must ask for, so that one of several is the winner."""
    rule = RULES[move]
    merged = tickets.c.merged_into_id.is_not(None) if rule.merged else tickets.c.merged_into_id.is_(None)
    sources = [status.value for status in rule.sources]
    return and_(tickets.c.id == ticket_id, tickets.c.status.in_(sources), merged)


def leads_to(move: Move) -> dict[str, object]:
    """The status that a move leads to, for an update."""
    target = RULES[move].target
    return {"status": target.value} if target is not None else {}


class Tickets:
    """Tickets, their history and their cards."""

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
                "first_response_due": new.dues.first_response,
                "resolution_due": new.dues.resolution,
                "timed_for": new.timed_for,
                "look_at": new.look_at,
            },
        )
        return Ticket(
            id=ticket_id,
            token=new.token,
            status=Status.OPEN,
            priority=new.priority,
            queue=new.queue,
            language=new.language,
            requester=new.requester,
            episode_id=new.episode.id,
            question_id=new.question_id,
            opened_at=new.at,
            opened_by=new.opened_by,
            channel=new.channel,
            link=new.link,
            target=new.target,
            why=new.why,
            outage_id=new.outage_id,
            first_response_due=new.dues.first_response,
            resolution_due=new.dues.resolution,
            timed_for=new.timed_for,
        )

    def get(self, ticket_id: int) -> Ticket | None:
        """The ticket under this id."""
        return self._one(_BY_ID, {"p_id": ticket_id})

    def by_token(self, token: str) -> Ticket | None:
        """The ticket that a button names."""
        return self._one(_BY_TOKEN, {"p_token": token})

    def move(self, ticket: Ticket, move: Move, by: Person | None, at: datetime) -> bool:
        """Make a move in one guarded update; False when somebody was faster."""
        guard = guarded(move, ticket.id)
        if RULES[move].assignee_only and by is not None:
            guard = and_(guard, tickets.c.assignee_id == by.id)
        done = self._db.execute(
            update(tickets).where(guard).values(**leads_to(move), **_changes(move, by, at))
        )
        return done.rowcount == 1

    def reword(self, ticket: Ticket, text_id: int) -> None:
        """Let this text be the ticket's question."""
        self._db.execute(update(tickets).where(tickets.c.id == ticket.id).values(question_id=text_id))

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

    def events(self, ticket_id: int) -> tuple[TicketEvent, ...]:
        """A ticket's history, oldest first."""
        rows = self._db.execute(
            select(ticket_events, people.c.name, people.c.language)
            .outerjoin(people, people.c.id == ticket_events.c.actor_id)
            .where(ticket_events.c.ticket_id == ticket_id)
            .order_by(ticket_events.c.id)
        )
        return tuple(
            TicketEvent(
                ticket_id=row.ticket_id,
                at=row.at,
                kind=row.kind,
                actor=Person(row.actor_id, row.name, row.language) if row.actor_id else None,
                channel=row.channel,
                detail=row.detail,
            )
            for row in rows
        )

    def of(self, person_id: int, limit: int) -> tuple[Ticket, ...]:
        """A person's tickets, the live ones first, newest first."""
        query = QUERY.where(tickets.c.requester_id == person_id)
        return self._all(query.order_by(LIVE_FIRST, tickets.c.id.desc()).limit(limit))

    def last_closed(self, person_id: int) -> Ticket | None:
        """The ticket of a person that was closed last."""
        return self._one(_LAST_CLOSED, {"p_requester_id": person_id})

    def listed(self, statuses: Sequence[Status], limit: int) -> tuple[Ticket, ...]:
        """Tickets by priority and age."""
        query = QUERY.where(tickets.c.status.in_([status.value for status in statuses]))
        return self._all(query.order_by(tickets.c.priority.desc(), tickets.c.id).limit(limit))

    def count(self, statuses: Sequence[Status]) -> dict[Status, int]:
        """How many tickets have each of these statuses."""
        rows = self._db.execute(
            select(tickets.c.status, func.count())
            .where(tickets.c.status.in_([status.value for status in statuses]))
            .group_by(tickets.c.status)
        )
        found = {Status(status): count for status, count in rows}
        return {status: found.get(status, 0) for status in statuses}

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

    def without_card(self, room: ConversationRef, filed: Filed, limit: int) -> tuple[Ticket, ...]:
        """Live tickets of this queue that have no card in this room; those of an outage need none."""
        shown = select(cards.c.ticket_id).where(
            cards.c.ticket_id == tickets.c.id, cards.c.room == room.place, cards.c.left_at.is_(None)
        )
        live = QUERY.where(
            tickets.c.status.in_(("open", "claimed")),
            tickets.c.outage_id.is_(None),
            ~shown.exists(),
            in_queue(filed),
        )
        return self._all(live.order_by(tickets.c.id).limit(limit))

    def _one(self, query: Prepared, values: Mapping[str, object]) -> Ticket | None:
        row = query.first(self._db, values)
        return ticket_of(row) if row else None

    def _all(self, query: Select[Any]) -> tuple[Ticket, ...]:
        return tuple(ticket_of(row) for row in self._db.execute(query))


def _changes(move: Move, by: Person | None, at: datetime) -> Mapping[str, object]:
    match move:
        case Move.CLAIM:
            responded = func.coalesce(tickets.c.responded_at, at)
            return {"assignee_id": by.id if by else None, "claimed_at": at, "responded_at": responded}
        case Move.RELEASE:
            return {"assignee_id": None, "claimed_at": None}
        case Move.RESOLVE | Move.END:  # the note of an earlier resolution is not this one's
            return {"closed_at": at, "note_id": None}
        case Move.WITHDRAW:
            return {"closed_at": at}
        case Move.REOPEN:
            return {"assignee_id": None, "claimed_at": None, "closed_at": None, "responded_at": None}
        case _:
            raise ValueError(f"{move} has an update of its own")
