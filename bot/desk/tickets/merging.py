"""Tickets that are one matter, or belong together."""

from collections.abc import Mapping

from bot.desk.context import Turn
from bot.desk.merged_tickets import going_along
from bot.desk.notifications import Telling
from bot.desk.staff.permissions import Engineers
from bot.desk.tickets.menu import Losing, again
from bot.domain.conversations.messages import Outcome
from bot.domain.tickets.ticket import Move, Ticket, ticket_id_of


class Merges:
    """Merges a duplicate into another ticket, and links two."""

    def __init__(self, engineers: Engineers, telling: Telling, losing: Losing) -> None:
        self._engineers = engineers
        self._telling = telling
        self._losing = losing

    def merge(self, turn: Turn, ticket: Ticket, inputs: Mapping[str, str], _seen: str) -> Outcome:
        """Let another ticket go on for this one; what was merged into this one goes along."""
        work, at = turn.work, turn.at
        other = self._other(turn, inputs)
        if other is None or other.id == ticket.id:
            return self._losing.wrong(turn, ticket, "refused.no_such_ticket")
        if not self._may_touch(turn, other):
            return self._not_theirs(turn, ticket, other, Move.MERGE)
        # Before the look at what is merged into this one, and at who has the other one.
        other = {held.id: held for held in work.handovers.lock(ticket.id, other.id)}[other.id]
        taken_along = going_along(work, ticket)
        if not work.handovers.merge(ticket, other, at):
            return self._not_merged(turn, ticket, other)
        self._telling.record(turn, ticket, "merged", {"into": other.reference})
        self._telling.record(turn, other, "absorbed", {"ticket": ticket.reference})
        name = other.assignee.name if other.assignee is not None else ""
        for merged in (ticket, *taken_along):
            values = {"target": other.reference, "name": name}
            self._telling.requester(
                work, merged, "told.merged_claimed" if name else "told.merged", at, values
            )
        for merged in (ticket, *taken_along, other):
            self._telling.refresh(work, merged, at)
        values = {"by": turn.person.name, "duplicate": ticket.reference}
        question = work.texts.get(ticket.question_id)
        self._telling.rooms(work, other, "room.absorbed", at, values, quote=question)
        return self._losing.done(turn, ticket)

    def link(self, turn: Turn, ticket: Ticket, inputs: Mapping[str, str], _seen: str) -> Outcome:
        """Let two tickets show each other on their cards."""
        work, at = turn.work, turn.at
        other = self._other(turn, inputs)
        if other is None or other.id == ticket.id:
            return self._losing.wrong(turn, ticket, "refused.no_such_ticket")
        if not self._may_touch(turn, other):
            return self._not_theirs(turn, ticket, other, Move.LINK)
        if not work.handovers.link(ticket.id, other.id, at):
            return self._losing.wrong(turn, ticket, "refused.linked", other=other.reference)
        for one, two in ((ticket, other), (other, ticket)):
            self._telling.record(turn, one, "linked", {"ticket": two.reference})
            self._telling.refresh(work, one, at)
        return self._losing.done(turn, ticket)

    def _other(self, turn: Turn, inputs: Mapping[str, str]) -> Ticket | None:
        number = ticket_id_of(inputs.get("ticket", ""))
        return turn.work.tickets.get(number) if number is not None else None

    def _may_touch(self, turn: Turn, other: Ticket) -> bool:
        """Whether the presser works on the other ticket, too; that they work on theirs is settled."""
        return self._engineers.allows(turn.work, turn.utterance.sender, turn.at, other.queue)

    def _not_theirs(self, turn: Turn, ticket: Ticket, other: Ticket, move: Move) -> Outcome:
        self._telling.record(turn, ticket, "refused", {"move": move.value})
        return self._losing.wrong(turn, ticket, "refused.other_queue", other=other.reference)

    def _not_merged(self, turn: Turn, ticket: Ticket, other: Ticket) -> Outcome:
        if not again(turn.work, ticket).live:
            return self._losing.late(turn, ticket, Move.MERGE)
        self._telling.record(turn, ticket, "refused", {"move": Move.MERGE.value})
        return self._losing.wrong(turn, ticket, "refused.merge_closed", target=other.reference)
