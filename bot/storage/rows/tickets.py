"""Reads rows of tickets, and builds the updates of ticket actions, for the repositories of tickets."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.sql import Select

from bot.desk.ports.tickets import NewTicket, TicketFilter
from bot.domain.people import Person
from bot.domain.tickets.queues import QueueFilter
from bot.domain.tickets.ticket import RULES, Priority, Status, Ticket, TicketAction
from bot.storage.rows.people import is_named, joined_of, of_person
from bot.storage.schema.tables import people, tickets

QUERY: Select[Any] = select(
    tickets,
    *of_person("requester", tickets.c.requester_id),
    *of_person("opener", tickets.c.opened_by_id),
    *of_person("assignee", tickets.c.assignee_id),
    joined_of("requester", tickets.c.requester_id),
    joined_of("assignee", tickets.c.assignee_id),
)


LIVE_FIRST = case((tickets.c.status.in_(("open", "claimed")), 0), else_=1)


def in_queue(queue_filter: QueueFilter) -> ColumnElement[bool]:
    """Whether a ticket's stored name means this queue."""
    return (
        tickets.c.queue.not_in(queue_filter.names)
        if queue_filter.others
        else tickets.c.queue.in_(queue_filter.names)
    )


def passes(only: TicketFilter) -> Iterator[ColumnElement[bool]]:
    """What tickets must fulfil to pass a filter."""
    if only.queues:
        yield tickets.c.queue.in_(only.queues)
    if only.assignee:
        yield tickets.c.assignee_id.in_(select(people.c.id).where(is_named(only.assignee)))
    if only.since is not None:
        yield tickets.c.opened_at >= only.since
    if only.before is not None:
        yield tickets.c.opened_at < only.before


def ticket_of(row: Any) -> Ticket:
    """A ticket from a row of `QUERY`."""
    return Ticket(
        id=row.id,
        token=row.token,
        status=Status(row.status),
        priority=Priority(row.priority),
        queue=row.queue,
        language=row.language,
        requester=Person(row.requester_id, row.requester_name, row.requester_language, row.requester_joined),
        episode_id=row.episode_id,
        question_id=row.question_id,
        opened_at=row.opened_at,
        opened_by=Person(row.opened_by_id, row.opener_name, row.opener_language) if row.opener_name else None,
        assignee=(
            Person(row.assignee_id, row.assignee_name, row.assignee_language, row.assignee_joined)
            if row.assignee_name
            else None
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
        cluster_id=row.cluster_id,
        first_response_due=row.first_response_due,
        resolution_due=row.resolution_due,
        responded_at=row.responded_at,
        timing_key=row.timed_for,
        expected_by=row.expected_by,
    )


def opened(ticket_id: int, new: NewTicket) -> Ticket:
    """A ticket as it is opened."""
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
        cluster_id=new.cluster_id,
        first_response_due=new.deadlines.first_response,
        resolution_due=new.deadlines.resolution,
        timing_key=new.timing_key,
        expected_by=new.expected_by,
    )


def guarded(action: TicketAction, ticket_id: int) -> ColumnElement[bool]:
    """Where an action may start: what an update of it must ask for, so that one of several is the winner."""
    rule = RULES[action]
    merged = tickets.c.merged_into_id.is_not(None) if rule.merged else tickets.c.merged_into_id.is_(None)
    sources = [status.value for status in rule.sources]
    return and_(tickets.c.id == ticket_id, tickets.c.status.in_(sources), merged)


def leads_to(action: TicketAction) -> dict[str, object]:
    """The status that an action leads to, for an update; with it a ticket leaves its cluster."""
    target = RULES[action].target
    return {"status": target.value, "cluster_id": None} if target is not None else {}


def changes_of(action: TicketAction, by: Person | None, at: datetime) -> Mapping[str, object]:
    """What an action changes beside the status, for an update."""
    match action:
        case TicketAction.CLAIM:
            responded = func.coalesce(tickets.c.responded_at, at)
            return {"assignee_id": by.id if by else None, "claimed_at": at, "responded_at": responded}
        case TicketAction.RELEASE:
            return {"assignee_id": None, "claimed_at": None}
        case TicketAction.RESOLVE | TicketAction.END:  # the note of an earlier resolution is not this one's
            return {"closed_at": at, "note_id": None}
        case TicketAction.WITHDRAW:
            return {"closed_at": at}
        case TicketAction.REOPEN:
            gone = ("assignee_id", "claimed_at", "closed_at", "responded_at", "expected_by")
            return dict.fromkeys(gone)
        case _:
            raise ValueError(f"{action} has an update of its own")
