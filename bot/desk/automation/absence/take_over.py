"""Offers the tickets of an engineer who is away to the room, and lets somebody take one over."""

from dataclasses import replace

from bot.desk.cards.stale_buttons import StaleButtons
from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.desk.ports.button_actions import TAKE_OVER
from bot.desk.ports.wording import Wording
from bot.desk.tickets.action_responses import ActionResponses
from bot.desk.tickets.merging import Merging
from bot.domain.conversations.messages import Button, Click, Line, Outcome, OutcomeKind, Reply, ShowPost
from bot.domain.people import Absence
from bot.domain.tickets.ticket import Ticket, TicketAction


def offer_of(wording: Wording, language: str, ticket: Ticket, absence: Absence, until: str) -> Reply:
    """Build the post that offers a ticket to the room, with one click to take it over."""
    text = wording.say(
        language, "absence.offer", ticket=ticket.reference, name=absence.person.name, until=until
    )
    label = wording.say(language, "button.take_over")
    button = Button(
        TAKE_OVER, label, ticket.token, str(ticket.assignee.id if ticket.assignee else 0), "primary"
    )
    return Reply((Line(text),), (button,), summary=text, language=language)


class TakeOver:
    """Takes a ticket over from an engineer who is away; of several clicks exactly one wins."""

    def __init__(
        self,
        notifications: Notifications,
        merging: Merging,
        responses: ActionResponses,
        stale_buttons: StaleButtons,
    ) -> None:
        self._notifications = notifications
        self._merging = merging
        self._responses = responses
        self._stale_buttons = stale_buttons

    def click(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Make whoever clicked the assignee, unless it is no longer the one who is away."""
        work, before = context.work, ticket.assignee
        if before is None or str(before.id) != click.argument or before.is_same(context.person):
            return self._conflict(context, ticket)
        if work.absences.of(before, context.at) is None:  # an old offer: they are back
            return self._conflict(context, ticket)
        if not work.assignments.assign(ticket, context.person, context.at):
            return self._conflict(context, ticket)
        names = {"from": str(before.id), "to": str(context.person.id), "why": "absence"}
        self._notifications.record(context, ticket, "assigned", names)
        name = context.person.name
        self._notifications.tell_requester(work, ticket, "told.assigned", context.at, {"name": name})
        self._merging.tell_claimed(work, ticket, context.at, name)
        shown = self._offer(context, ticket)
        self._stale_buttons.remove(work, work.tickets.current(ticket), context.at)
        self._notifications.refresh_cards(work, ticket, context.at)
        told = {"by": before.name, "name": name}
        self._notifications.tell_rooms(work, ticket, "room.taken_over", context.at, told)
        return Outcome(OutcomeKind.DONE, ticket.reference, shows=shown)

    def _conflict(self, context: RequestContext, ticket: Ticket) -> Outcome:
        # Without the card: it would take the offer's place.
        return replace(self._responses.conflict(context, ticket, TicketAction.ASSIGN), shows=None)

    @staticmethod
    def _offer(context: RequestContext, ticket: Ticket) -> ShowPost | None:
        for _, post_id in context.work.outbox.with_buttons(ticket.id):
            if any(button.action == TAKE_OVER for button in context.work.outbox.read(post_id).buttons):
                return ShowPost(post_id)
        return None
