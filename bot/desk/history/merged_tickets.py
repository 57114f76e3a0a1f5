"""Finds the active ticket for a merged one, and the tickets that were merged into a ticket."""

from bot.desk.history.timeline import follow_up_reference
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.domain.tickets.rating import Rating
from bot.domain.tickets.ticket import Status, Ticket


def active_ticket(work: UnitOfWork, ticket: Ticket) -> Ticket:
    """Return the ticket that is worked on for this one: the one that it was merged into, else itself.

    Where a later ticket follows a merged one, its requester does not wait for the other one any more.
    """
    if ticket.merged_into is None or follow_up_reference(work, ticket):
        return ticket
    return work.tickets.get(ticket.merged_into) or ticket


def merged_with(work: UnitOfWork, *tickets: Ticket) -> tuple[Ticket, ...]:
    """Return the tickets that were merged into these, and whose requesters wait for them."""
    merged = work.assignments.merged_into(*(ticket.id for ticket in tickets))
    return tuple(one for one in merged if not follow_up_reference(work, one))


def lock_ticket(work: UnitOfWork, ticket: Ticket) -> Ticket:
    """Lock a ticket and the one it was merged into until the transaction ends; return it as it is now."""
    into = () if ticket.merged_into is None else (ticket.merged_into,)
    return {one.id: one for one in work.assignments.lock(ticket.id, *into)}[ticket.id]


def current_rating(work: UnitOfWork, ticket: Ticket) -> Rating | None:
    """Return the rating of the last resolution; None where it no longer holds or none was asked for."""
    end, rating = active_ticket(work, ticket), work.ratings.newest(ticket.id)
    if rating is None or end.status is not Status.RESOLVED or end.closed_at is None:
        return None
    return rating if rating.asked_at >= end.closed_at else None
