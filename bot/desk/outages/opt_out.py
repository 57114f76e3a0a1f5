"""A ticket that an outage keeps waiting: its requester wants a person all the same."""

from bot.desk.cards.card_locations import CardPlaces
from bot.desk.cards.stale_buttons import Pressables
from bot.desk.context import Turn
from bot.desk.notifications import Telling
from bot.desk.outages.posts import Signs
from bot.desk.tickets.menu import again
from bot.domain.tickets.ticket import Ticket


class Leaving:
    """Takes the requester's own ticket out, never the one that it was joined with."""

    def __init__(self, places: CardPlaces, telling: Telling, pressables: Pressables, signs: Signs) -> None:
        self._places = places
        self._telling = telling
        self._pressables = pressables
        self._signs = signs

    def leave(self, turn: Turn, ticket: Ticket, goes_on: Ticket) -> bool:
        """Let a ticket go on by itself; False where no outage keeps it waiting, or somebody was faster.

        `goes_on` is the live ticket that stands for it: itself, or the one that it was merged into. Nobody in
        the rooms knows of it before `show`, so that the requester may be told first.
        """
        work = turn.work
        if goes_on.outage_id is None:
            return False
        if ticket.merged_into is not None:
            if not work.handovers.split(ticket):
                return False
            self._telling.record(turn, ticket, "split", {"from": goes_on.reference})
        elif not work.outages.ungroup(ticket):
            return False
        if ticket.outage_id is not None:
            self._telling.record(turn, ticket, "ungrouped", {"outage": str(ticket.outage_id)})
        self._pressables.settle(work, again(work, ticket), turn.at)
        return True

    def show(self, turn: Turn, ticket: Ticket, goes_on: Ticket) -> None:
        """Show the rooms what left, and what it left, each as it is now; given as they were before."""
        work, alone = turn.work, again(turn.work, ticket)
        self._places.show_alone(work, alone, turn.at)
        self._telling.rooms(work, alone, "room.alone", turn.at, {"name": alone.requester.name})
        if goes_on.id != ticket.id:
            self._telling.refresh(work, goes_on, turn.at)
        outage = work.outages.get(ticket.outage_id) if ticket.outage_id is not None else None
        if outage is not None:
            self._signs.show(work, outage, turn.at)
