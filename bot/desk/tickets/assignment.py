"""To somebody else, to another queue, to another priority."""

from collections.abc import Callable, Mapping

from bot.desk.cards.card_locations import CardPlaces
from bot.desk.cards.forms import GENERAL, Forms, Queues, seen
from bot.desk.context import Turn
from bot.desk.notifications import Telling
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.staff.permissions import Colleague, Engineers
from bot.desk.tickets.menu import Losing, again
from bot.desk.tickets.merged_notifications import Duplicates
from bot.domain.conversations.messages import ConversationRef, Outcome
from bot.domain.people import Person
from bot.domain.tickets.priority import Reason
from bot.domain.tickets.ticket import Move, Priority, Ticket

RoomsOf = Callable[[str], tuple[ConversationRef, ...]]


class Handovers:
    """Assigns, transfers and sets priorities; `rooms_of` says which rooms a queue has."""

    def __init__(
        self,
        engineers: Engineers,
        places: CardPlaces,
        telling: Telling,
        duplicates: Duplicates,
        losing: Losing,
        forms: Forms,
        rooms_of: RoomsOf,
        queues: Queues,
    ) -> None:
        self._engineers = engineers
        self._places = places
        self._telling = telling
        self._duplicates = duplicates
        self._losing = losing
        self._forms = forms
        self._rooms_of = rooms_of
        self._queues = queues

    def assign(self, turn: Turn, ticket: Ticket, inputs: Mapping[str, str], seen_then: str) -> Outcome:
        """Give a ticket to an engineer, whoever has it now."""
        work = turn.work
        colleague = self._engineers.colleague(work, inputs.get("engineer", ""), turn.at, ticket.queue)
        if colleague is None:
            return self._losing.wrong(turn, ticket, "refused.no_such_engineer")
        if _stale(ticket, Move.ASSIGN, seen_then):
            return self._losing.late(turn, ticket, Move.ASSIGN)
        to = _met(turn, colleague)
        if ticket.assignee is not None and ticket.assignee.id == to.id:
            return self._losing.wrong(turn, ticket, "refused.claimed", name=to.name)
        if not work.handovers.assign(ticket, to, turn.at):
            return self._losing.late(turn, ticket, Move.ASSIGN)
        before = str(ticket.assignee.id) if ticket.assignee else ""
        self._telling.record(turn, ticket, "assigned", {"from": before, "to": str(to.id)})
        self._telling.requester(work, ticket, "told.assigned", turn.at, {"name": to.name})
        self._duplicates.claimed(work, ticket, turn.at, to.name)
        self._telling.refresh(work, ticket, turn.at)
        values = {"by": turn.person.name, "name": to.name}
        self._telling.rooms(work, ticket, "room.assigned", turn.at, values)
        return self._losing.done(turn, ticket)

    def transfer(self, turn: Turn, ticket: Ticket, inputs: Mapping[str, str], seen_then: str) -> Outcome:
        """Put a ticket in another queue, where it is open again; its cards go to the rooms of that queue."""
        work, written = turn.work, inputs.get("queue", "")
        queue = "" if written == GENERAL else written
        if not written or queue not in self._queues():
            return self._losing.wrong(turn, ticket, "refused.no_such_queue")
        if _stale(ticket, Move.TRANSFER, seen_then) or queue == ticket.queue:
            return self._losing.late(turn, ticket, Move.TRANSFER)
        if not work.handovers.transfer(ticket, queue):
            return self._losing.late(turn, ticket, Move.TRANSFER)
        self._telling.record(turn, ticket, "transferred", {"from": ticket.queue, "to": queue})
        language = work.episodes.get(ticket.episode_id).language
        name = self._forms.queue_name(language, queue)
        self._telling.requester(work, ticket, "told.transferred", turn.at, {"queue": name})
        self._duplicates.freed(work, ticket, turn.at)
        self._move_cards(work, again(work, ticket), turn)
        name = self._forms.queue_name(self._telling.language, queue)
        values = {"by": turn.person.name, "queue": name}
        self._telling.rooms(work, ticket, "room.transferred", turn.at, values)
        return self._losing.done(turn, ticket)

    def prioritize(self, turn: Turn, ticket: Ticket, inputs: Mapping[str, str], seen_then: str) -> Outcome:
        """Set a ticket's priority."""
        work, written = turn.work, inputs.get("priority", "")
        if written not in {str(int(priority)) for priority in Priority}:
            return self._losing.wrong(turn, ticket, "refused.no_such_priority")
        priority = Priority(int(written))
        if _stale(ticket, Move.PRIORITIZE, seen_then) or priority == ticket.priority:
            return self._losing.late(turn, ticket, Move.PRIORITIZE)
        if not work.handovers.prioritize(ticket, priority, Reason.ENGINEER):
            return self._losing.late(turn, ticket, Move.PRIORITIZE)
        names = {"from": ticket.priority.name.lower(), "to": priority.name.lower()}
        self._telling.record(turn, ticket, "prioritized", {**names, "why": Reason.ENGINEER.value})
        self._telling.refresh(work, ticket, turn.at)
        return self._losing.done(turn, ticket)

    def _move_cards(self, work: UnitOfWork, ticket: Ticket, turn: Turn) -> None:
        rooms = self._rooms_of(ticket.queue)
        staying = (*rooms, *self._places.mirrors)
        if rooms:  # without any there is nowhere to go: the cards stay where somebody sees them
            for conversation_id in work.handovers.leave(ticket.id, staying, turn.at):
                work.outbox.show_card(ticket.id, conversation_id, turn.at)
        self._telling.refresh(work, ticket, turn.at)
        self._places.put_cards(work, ticket, rooms, turn.at)


def _stale(ticket: Ticket, move: Move, seen_then: str) -> bool:
    """Whether the ticket is no longer as it was when the form was opened."""
    return seen_then not in ("", seen(ticket, move))


def _met(turn: Turn, colleague: Colleague) -> Person:
    # Whom we know is not locked: two engineers who hand over to each other must not wait for each other.
    known = turn.work.people.known(colleague.identity)
    return known or turn.work.people.meet(colleague.identity, colleague.name, None, turn.at)
