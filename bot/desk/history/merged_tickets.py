"""Finds the ticket that is worked on for a merged one, and the ones that end with it."""

from bot.desk.history.timeline import follow_up_reference
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.domain.tickets.rating import Rating
from bot.domain.tickets.ticket import Status, Ticket


def active_ticket(work: UnitOfWork, ticket: Ticket) -> Ticket:
    """The ticket that is worked on for this one: the one that it was merged into, else itself.

    Where another ticket goes on with a merged one, what it was merged into is no longer its employee's.
    """
    if ticket.merged_into is None or follow_up_reference(work, ticket):
        return ticket
    return work.tickets.get(ticket.merged_into) or ticket


def merged_with(work: UnitOfWork, *tickets: Ticket) -> tuple[Ticket, ...]:
    """The tickets whose employees wait for these, because theirs were merged into them."""
    merged = work.assignments.merged_into(*(ticket.id for ticket in tickets))
    return tuple(one for one in merged if not follow_up_reference(work, one))


def lock_ticket(work: UnitOfWork, ticket: Ticket) -> Ticket:
    """The ticket as it is now; neither it nor the one that it was merged into changes before we are done."""
    into = () if ticket.merged_into is None else (ticket.merged_into,)
    return {one.id: one for one in work.assignments.lock(ticket.id, *into)}[ticket.id]


def current_rating(work: UnitOfWork, ticket: Ticket) -> Rating | None:
    """What was asked after the last end, where that end still holds and asked anything."""
    end, rating = active_ticket(work, ticket), work.ratings.newest(ticket.id)
    if rating is None or end.status is not Status.RESOLVED or end.closed_at is None:
        return None
    return rating if rating.asked_at >= end.closed_at else None
