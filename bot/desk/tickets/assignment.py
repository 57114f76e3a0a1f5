"""Assigns a ticket to an engineer, transfers it to another queue, or sets its priority."""

from collections.abc import Mapping
from datetime import datetime

from bot.desk.cards.card_locations import CardLocations
from bot.desk.cards.forms import GENERAL, TicketForms, encode_seen_state
from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.staff.permissions import Colleague, Permissions
from bot.desk.staff.queue_rooms import QueueRooms
from bot.desk.tickets.action_responses import ActionResponses
from bot.desk.tickets.merging import Merging
from bot.domain.conversations.messages import Outcome
from bot.domain.people import Person
from bot.domain.tickets.priority import Reason
from bot.domain.tickets.ticket import Priority, Ticket, TicketAction


class Assignment:
    """Assignment of tickets to engineers and queues, and their priority, from the menu of a card."""

    def __init__(
        self,
        permissions: Permissions,
        locations: CardLocations,
        rooms: QueueRooms,
        notifications: Notifications,
        merging: Merging,
        responses: ActionResponses,
        forms: TicketForms,
    ) -> None:
        self._permissions = permissions
        self._locations = locations
        self._rooms = rooms
        self._notifications = notifications
        self._merging = merging
        self._responses = responses
        self._forms = forms

    def assign(
        self, context: RequestContext, ticket: Ticket, inputs: Mapping[str, str], seen_state: str
    ) -> Outcome:
        """Assign a ticket to an engineer, whoever has it now."""
        work = context.work
        colleague = self._permissions.colleague(work, inputs.get("engineer", ""), context.at, ticket.queue)
        if colleague is None:
            return self._responses.invalid(context, ticket, "refused.no_such_engineer")
        if _stale(ticket, TicketAction.ASSIGN, seen_state):
            return self._responses.conflict(context, ticket, TicketAction.ASSIGN)
        to = _person_of(context, colleague)
        if ticket.is_assigned_to(to):
            return self._responses.invalid(context, ticket, "refused.claimed", name=to.name)
        absence = work.absences.of(to, context.at)
        if absence is not None:  # nothing is given to somebody who is away
            until = context.wording.day(context.language, self._local(ticket, absence.until), context.at)
            return self._responses.invalid(context, ticket, "refused.away", name=to.name, until=until)
        if not self.give(context, ticket, to):
            return self._responses.conflict(context, ticket, TicketAction.ASSIGN)
        return self._responses.success(context, ticket)

    def give(self, context: RequestContext, ticket: Ticket, to: Person) -> bool:
        """Make somebody the assignee and tell everybody; return False where it is not as it was seen."""
        work = context.work
        if not work.assignments.assign(ticket, to, context.at):
            return False
        before = str(ticket.assignee.id) if ticket.assignee else ""
        self._notifications.record(context, ticket, "assigned", {"from": before, "to": str(to.id)})
        self._notifications.tell_requester(work, ticket, "told.assigned", context.at, {"name": to.name})
        self._merging.tell_claimed(work, ticket, context.at, to.name)
        self._notifications.refresh_cards(work, ticket, context.at)
        self._tell_assigned(context, ticket, to)
        return True

    def _tell_assigned(self, context: RequestContext, ticket: Ticket, to: Person) -> None:
        """Tell the rooms; who takes an open ticket for themselves is on its card, as after a claim."""
        if to.id != context.person.id:
            key, by = "room.assigned", context.person
        elif ticket.assignee is not None:
            key, by = "room.taken_over", ticket.assignee
        else:
            return
        names = {"by": by.name, "name": to.name}
        self._notifications.tell_rooms(context.work, ticket, key, context.at, names)

    def _local(self, ticket: Ticket, at: datetime) -> datetime:
        return self._rooms.queues.of(ticket.queue).hours.local(at)

    def transfer(
        self, context: RequestContext, ticket: Ticket, inputs: Mapping[str, str], seen_state: str
    ) -> Outcome:
        """Transfer a ticket to another queue, where it is open again; its cards go to that queue's rooms."""
        work, written = context.work, inputs.get("queue", "")
        queue = "" if written == GENERAL else written
        if not written or queue not in self._forms.queue_names():
            return self._responses.invalid(context, ticket, "refused.no_such_queue")
        if _stale(ticket, TicketAction.TRANSFER, seen_state) or queue == ticket.queue:
            return self._responses.conflict(context, ticket, TicketAction.TRANSFER)
        if not work.assignments.transfer(ticket, queue):
            return self._responses.conflict(context, ticket, TicketAction.TRANSFER)
        self._notifications.record(context, ticket, "transferred", {"from": ticket.queue, "to": queue})
        language = work.episodes.get(ticket.episode_id).language
        name = self._forms.queue_name(language, queue)
        self._notifications.tell_requester(work, ticket, "told.transferred", context.at, {"queue": name})
        self._merging.tell_released(work, ticket, context.at)
        self._move_cards(work, work.tickets.current(ticket), context)
        name = self._forms.queue_name(self._notifications.language, queue)
        values = {"by": context.person.name, "queue": name}
        self._notifications.tell_rooms(work, ticket, "room.transferred", context.at, values)
        return self._responses.success(context, ticket)

    def prioritize(
        self, context: RequestContext, ticket: Ticket, inputs: Mapping[str, str], seen_state: str
    ) -> Outcome:
        """Set a ticket's priority."""
        written = inputs.get("priority", "")
        if written not in {str(int(priority)) for priority in Priority}:
            return self._responses.invalid(context, ticket, "refused.no_such_priority")
        priority = Priority(int(written))
        if _stale(ticket, TicketAction.PRIORITIZE, seen_state) or priority == ticket.priority:
            return self._responses.conflict(context, ticket, TicketAction.PRIORITIZE)
        if not self.set_priority(context, ticket, priority):
            return self._responses.conflict(context, ticket, TicketAction.PRIORITIZE)
        return self._responses.success(context, ticket)

    def set_priority(self, context: RequestContext, ticket: Ticket, priority: Priority) -> bool:
        """Set the priority and show it; return False where it is no longer the one that was seen."""
        if not context.work.assignments.prioritize(ticket, priority, Reason.ENGINEER):
            return False
        names = {"from": ticket.priority.name.lower(), "to": priority.name.lower()}
        self._notifications.record(context, ticket, "prioritized", {**names, "why": Reason.ENGINEER.value})
        self._notifications.refresh_cards(context.work, ticket, context.at)
        return True

    def _move_cards(self, work: UnitOfWork, ticket: Ticket, context: RequestContext) -> None:
        rooms = self._rooms.of_named(ticket.queue)
        staying = (*rooms, *self._locations.mirrors)
        if rooms:  # without any, the cards stay where somebody sees them
            for conversation_id in work.assignments.leave_cards(ticket.id, staying, context.at):
                work.outbox.show_card(ticket.id, conversation_id, context.at)
        self._notifications.refresh_cards(work, ticket, context.at)
        self._locations.put_cards(work, ticket, rooms, context.at)


def _stale(ticket: Ticket, action: TicketAction, seen_state: str) -> bool:
    """Tell whether the ticket is no longer as it was when the form opened."""
    return seen_state not in ("", encode_seen_state(ticket, action))


def _person_of(context: RequestContext, colleague: Colleague) -> Person:
    # A known person is not locked: two engineers who assign to each other must not wait for each other.
    known = context.work.people.known(colleague.identity)
    return known or context.work.people.meet(colleague.identity, colleague.name, None, context.at)
