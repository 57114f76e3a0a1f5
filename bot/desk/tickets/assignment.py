"""To somebody else, to another queue, to another priority."""

from collections.abc import Callable, Mapping

from bot.desk.cards.card_locations import CardLocations
from bot.desk.cards.forms import GENERAL, Queues, TicketForms, seen
from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.staff.permissions import Colleague, Permissions
from bot.desk.tickets.menu import ActionResponses, again
from bot.desk.tickets.merged_notifications import MergedNotifications
from bot.domain.conversations.messages import ConversationRef, Outcome
from bot.domain.people import Person
from bot.domain.tickets.priority import Reason
from bot.domain.tickets.ticket import Priority, Ticket, TicketAction

RoomsOf = Callable[[str], tuple[ConversationRef, ...]]


class Assignment:
    """Assigns, transfers and sets priorities; `rooms_of` says which rooms a queue has."""

    def __init__(
        self,
        engineers: Permissions,
        places: CardLocations,
        notifications: Notifications,
        duplicates: MergedNotifications,
        responses: ActionResponses,
        forms: TicketForms,
        rooms_of: RoomsOf,
        queues: Queues,
    ) -> None:
        self._engineers = engineers
        self._places = places
        self._notifications = notifications
        self._duplicates = duplicates
        self._responses = responses
        self._forms = forms
        self._rooms_of = rooms_of
        self._queues = queues

    def assign(
        self, context: RequestContext, ticket: Ticket, inputs: Mapping[str, str], seen_then: str
    ) -> Outcome:
        """Give a ticket to an engineer, whoever has it now."""
        work = context.work
        colleague = self._engineers.colleague(work, inputs.get("engineer", ""), context.at, ticket.queue)
        if colleague is None:
            return self._responses.wrong(context, ticket, "refused.no_such_engineer")
        if _stale(ticket, TicketAction.ASSIGN, seen_then):
            return self._responses.late(context, ticket, TicketAction.ASSIGN)
        to = _met(context, colleague)
        if ticket.assignee is not None and ticket.assignee.id == to.id:
            return self._responses.wrong(context, ticket, "refused.claimed", name=to.name)
        if not work.assignments.assign(ticket, to, context.at):
            return self._responses.late(context, ticket, TicketAction.ASSIGN)
        before = str(ticket.assignee.id) if ticket.assignee else ""
        self._notifications.record(context, ticket, "assigned", {"from": before, "to": str(to.id)})
        self._notifications.requester(work, ticket, "told.assigned", context.at, {"name": to.name})
        self._duplicates.claimed(work, ticket, context.at, to.name)
        self._notifications.refresh(work, ticket, context.at)
        values = {"by": context.person.name, "name": to.name}
        self._notifications.rooms(work, ticket, "room.assigned", context.at, values)
        return self._responses.done(context, ticket)

    def transfer(
        self, context: RequestContext, ticket: Ticket, inputs: Mapping[str, str], seen_then: str
    ) -> Outcome:
        """Put a ticket in another queue, where it is open again; its cards go to the rooms of that queue."""
        work, written = context.work, inputs.get("queue", "")
        queue = "" if written == GENERAL else written
        if not written or queue not in self._queues():
            return self._responses.wrong(context, ticket, "refused.no_such_queue")
        if _stale(ticket, TicketAction.TRANSFER, seen_then) or queue == ticket.queue:
            return self._responses.late(context, ticket, TicketAction.TRANSFER)
        if not work.assignments.transfer(ticket, queue):
            return self._responses.late(context, ticket, TicketAction.TRANSFER)
        self._notifications.record(context, ticket, "transferred", {"from": ticket.queue, "to": queue})
        language = work.episodes.get(ticket.episode_id).language
        name = self._forms.queue_name(language, queue)
        self._notifications.requester(work, ticket, "told.transferred", context.at, {"queue": name})
        self._duplicates.freed(work, ticket, context.at)
        self._move_cards(work, again(work, ticket), context)
        name = self._forms.queue_name(self._notifications.language, queue)
        values = {"by": context.person.name, "queue": name}
        self._notifications.rooms(work, ticket, "room.transferred", context.at, values)
        return self._responses.done(context, ticket)

    def prioritize(
        self, context: RequestContext, ticket: Ticket, inputs: Mapping[str, str], seen_then: str
    ) -> Outcome:
        """Set a ticket's priority."""
        work, written = context.work, inputs.get("priority", "")
        if written not in {str(int(priority)) for priority in Priority}:
            return self._responses.wrong(context, ticket, "refused.no_such_priority")
        priority = Priority(int(written))
        if _stale(ticket, TicketAction.PRIORITIZE, seen_then) or priority == ticket.priority:
            return self._responses.late(context, ticket, TicketAction.PRIORITIZE)
        if not work.assignments.prioritize(ticket, priority, Reason.ENGINEER):
            return self._responses.late(context, ticket, TicketAction.PRIORITIZE)
        names = {"from": ticket.priority.name.lower(), "to": priority.name.lower()}
        self._notifications.record(context, ticket, "prioritized", {**names, "why": Reason.ENGINEER.value})
        self._notifications.refresh(work, ticket, context.at)
        return self._responses.done(context, ticket)

    def _move_cards(self, work: UnitOfWork, ticket: Ticket, context: RequestContext) -> None:
        rooms = self._rooms_of(ticket.queue)
        staying = (*rooms, *self._places.mirrors)
        if rooms:  # without any there is nowhere to go: the cards stay where somebody sees them
            for conversation_id in work.assignments.leave(ticket.id, staying, context.at):
                work.outbox.show_card(ticket.id, conversation_id, context.at)
        self._notifications.refresh(work, ticket, context.at)
        self._places.put_cards(work, ticket, rooms, context.at)


def _stale(ticket: Ticket, move: TicketAction, seen_then: str) -> bool:
    """Whether the ticket is no longer as it was when the form was opened."""
    return seen_then not in ("", seen(ticket, move))


def _met(context: RequestContext, colleague: Colleague) -> Person:
    # Whom we know is not locked: two engineers who hand over to each other must not wait for each other.
    known = context.work.people.known(colleague.identity)
    return known or context.work.people.meet(colleague.identity, colleague.name, None, context.at)
