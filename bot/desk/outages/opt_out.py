"""Takes a ticket out of an outage when its requester wants a person instead of waiting."""

from bot.desk.cards.card_locations import CardLocations
from bot.desk.cards.stale_buttons import StaleButtons
from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.desk.outages.posts import OutagePosts
from bot.domain.tickets.ticket import Ticket


class OutageOptOut:
    """Opt-out of an outage: takes out the requester's own ticket, never one that it was merged into."""

    def __init__(
        self,
        locations: CardLocations,
        notifications: Notifications,
        stale_buttons: StaleButtons,
        outage_posts: OutagePosts,
    ) -> None:
        self._locations = locations
        self._notifications = notifications
        self._stale_buttons = stale_buttons
        self._outage_posts = outage_posts

    def leave(self, context: RequestContext, ticket: Ticket, active: Ticket) -> bool:
        """Take a ticket out; return False where no outage keeps it waiting, or somebody was faster.

        `active` is the live ticket that stands for it: itself, or the one that it was merged into. Nobody in
        the rooms knows of it before `show`, so that the requester may be told first.
        """
        work = context.work
        if active.outage_id is None:
            return False
        if ticket.merged_into is not None:
            if not work.assignments.split(ticket):
                return False
            self._notifications.record(context, ticket, "split", {"from": active.reference})
        elif not work.outages.ungroup(ticket):
            return False
        if ticket.outage_id is not None:
            self._notifications.record(context, ticket, "ungrouped", {"outage": str(ticket.outage_id)})
        self._stale_buttons.remove(work, work.tickets.current(ticket), context.at)
        return True

    def show(self, context: RequestContext, ticket: Ticket, active: Ticket) -> None:
        """Show the ticket, the active one and the outage in the rooms; both tickets are given as before."""
        work = context.work
        alone = work.tickets.current(ticket)
        self._locations.put_own_cards(work, alone, context.at)
        self._notifications.tell_rooms(work, alone, "room.alone", context.at, {"name": alone.requester.name})
        if active.id != ticket.id:
            self._notifications.refresh_cards(work, active, context.at)
        outage = work.outages.get(ticket.outage_id) if ticket.outage_id is not None else None
        if outage is not None:
            self._outage_posts.refresh(work, outage, context.at)
