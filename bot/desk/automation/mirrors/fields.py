"""Applies what was changed in another system to a ticket: its status, its assignee, its priority."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.desk.automation.mirrors.outside import SYSTEM, Outside
from bot.desk.context import RequestContext
from bot.desk.ports.backends import RemoteField, RemoteTicket
from bot.desk.ports.tickets import TicketEvent
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.tickets.assignment import Assignment
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.desk.tickets.reopening import Reopening
from bot.domain.people import Person
from bot.domain.tickets.mirror import (
    DONE,
    NOBODY,
    MirrorField,
    parse_priority,
    priority_of,
    status_of,
)
from bot.domain.tickets.ticket import Ticket, TicketAction

# What changes each field here, as the history tells it.
_CHANGES: Mapping[MirrorField, frozenset[str]] = {
    MirrorField.STATUS: frozenset({"resolved", "withdrawn", "reopened", "merged", "split", "ended"}),
    MirrorField.ASSIGNEE: frozenset({"claimed", "assigned", "released", "transferred", "reopened", "split"}),
    MirrorField.PRIORITY: frozenset({"prioritized"}),
}


class MirrorFields:
    """Fields of tickets as another system knows them, and what is done here when they change there."""

    def __init__(self, lifecycle: TicketLifecycle, reopening: Reopening, assignment: Assignment) -> None:
        self._lifecycle = lifecycle
        self._reopening = reopening
        self._assignment = assignment

    @staticmethod
    def values(work: UnitOfWork, ticket: Ticket, channel: str) -> dict[MirrorField, str]:
        """Return the fields of a ticket that can be compared now; of a closed one that is its status."""
        if not ticket.live:
            return {MirrorField.STATUS: status_of(ticket)}
        return {
            MirrorField.STATUS: status_of(ticket),
            MirrorField.ASSIGNEE: _account(work, ticket.assignee, channel),
            MirrorField.PRIORITY: priority_of(ticket),
        }

    @staticmethod
    def changed_at(field: MirrorField, ticket: Ticket, events: Sequence[TicketEvent]) -> datetime:
        """Return when a field was last changed here."""
        found = [event.at for event in events if event.kind in _CHANGES[field]]
        return max(found, default=ticket.opened_at)

    def take(
        self, outside: Outside, ticket: Ticket, field: MirrorField, theirs: RemoteField, remote: RemoteTicket
    ) -> bool:
        """Let a field have here the value that it has there; return False where that is not possible."""
        by = outside.meet(theirs.by)
        context = outside.context(by, f"{remote.id}:{field}:{remote.version}")
        if field is MirrorField.PRIORITY:
            priority = parse_priority(theirs.value)
            return priority is not None and self._assignment.set_priority(context, ticket, priority)
        if field is MirrorField.ASSIGNEE:
            return self._assign(context, outside, ticket, theirs, remote)
        if theirs.value == DONE:
            return self._resolve(context, outside, ticket, remote)
        return self._reopening.from_outside(context, ticket)

    def _assign(
        self,
        context: RequestContext,
        outside: Outside,
        ticket: Ticket,
        theirs: RemoteField,
        remote: RemoteTicket,
    ) -> bool:
        if theirs.value == NOBODY:
            return self._lifecycle.release_from_outside(context, ticket)
        to = outside.meet(remote.assignee)
        if to.is_same(context.person) and ticket.allows(TicketAction.CLAIM):
            return self._lifecycle.apply(context, ticket, TicketAction.CLAIM)
        return self._assignment.give(context, ticket, to)

    def _resolve(
        self, context: RequestContext, outside: Outside, ticket: Ticket, remote: RemoteTicket
    ) -> bool:
        """Resolve a ticket for whoever has it there; here it becomes theirs first."""
        if not ticket.live:
            return False
        owner = outside.meet(remote.assignee) if remote.assignee.id else context.person
        if not ticket.is_assigned_to(owner):
            before = str(ticket.assignee.id) if ticket.assignee else ""
            if not context.work.assignments.assign(ticket, owner, context.at):
                return False
            detail = {"from": before, "to": str(owner.id)}
            channel = context.utterance.conversation.channel
            event = TicketEvent(ticket.id, context.at, "assigned", context.person, channel, detail)
            context.work.tickets.record(event)
            ticket = context.work.tickets.current(ticket)
        theirs = outside.context(owner, f"{remote.id}:resolved:{remote.version}")
        return self._lifecycle.apply(theirs, ticket, TicketAction.RESOLVE)


def _account(work: UnitOfWork, person: Person | None, channel: str) -> str:
    """Return the id of somebody's account in another system; nobody's where they have none."""
    if person is None:
        return NOBODY
    accounts = (one.external_id for one in work.people.identities(person) if one.channel == channel)
    return next((one for one in accounts if one != SYSTEM), NOBODY)
