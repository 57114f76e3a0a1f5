"""Handles the buttons on a ticket's card: claim, release, resolve, notes only, and back to the card."""

from functools import partial

from bot.desk.cards.shadow_mode import ShadowMode
from bot.desk.cards.ticket_card import TicketCards
from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.desk.tickets.responses import ActionResponses
from bot.domain.conversations.masking import clean, mask, visible
from bot.domain.conversations.messages import Click, Outcome, OutcomeKind, Reply, ShowTicket
from bot.domain.tickets.relay import is_note
from bot.domain.tickets.ticket import Ticket, TicketAction


class TicketButtons:
    """Buttons that engineers click on a card; the guards have checked that they may."""

    def __init__(
        self,
        lifecycle: TicketLifecycle,
        cards: TicketCards,
        shadow: ShadowMode,
        responses: ActionResponses,
        notifications: Notifications,
    ) -> None:
        self._lifecycle = lifecycle
        self._cards = cards
        self._shadow = shadow
        self._responses = responses
        self._notifications = notifications

    def back(self, _context: RequestContext, ticket: Ticket, _click: Click) -> Outcome:
        """Show the card again, from a form that took its place."""
        return Outcome(OutcomeKind.DONE, ticket.reference, shows=ShowTicket(ticket.id))

    def claim(self, context: RequestContext, ticket: Ticket, _click: Click) -> Outcome:
        """Make the engineer the assignee, unless somebody was faster."""
        return self._act(context, ticket, TicketAction.CLAIM)

    def release(self, context: RequestContext, ticket: Ticket, _click: Click) -> Outcome:
        """Give the assignee's ticket back to the team."""
        return self._act(context, ticket, TicketAction.RELEASE)

    def _act(self, context: RequestContext, ticket: Ticket, action: TicketAction) -> Outcome:
        if not self._lifecycle.apply(context, ticket, action):
            return self._responses.conflict(context, ticket, action)
        return self._responses.success(context, ticket)

    def resolve(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Ask for the note to the employee, or resolve the ticket with it."""
        work, action = context.work, TicketAction.RESOLVE
        if not ticket.allows(action) or not ticket.is_assigned_to(context.person):
            return self._responses.conflict(context, ticket, action)
        if click.inputs is None:
            return self._form(context, ticket, click)
        note, masked = mask(clean(click.inputs.get("note", "")))
        if not visible(note):
            return self._responses.invalid(context, ticket, "refused.note_missing")
        if is_note(click.inputs.get("note", "")):  # notes reach no employee, here neither
            return self._responses.invalid(context, ticket, "refused.note_marked")
        named = self._shadow.read_named(work, ticket, click.inputs)
        if named.unknown:
            notice = context.reply(self._shadow.explain_unknown(context, named))
            return self._form(context, ticket, click, notice)
        verdict = partial(self._shadow.keep_named, work, ticket, named, context)
        if not self._lifecycle.apply(context, ticket, action, note=note, detail=verdict):
            return self._responses.conflict(context, ticket, action)
        return self._responses.success(context, ticket, "masked.note" if masked else "")

    def _form(
        self, context: RequestContext, ticket: Ticket, click: Click, notice: Reply | None = None
    ) -> Outcome:
        """Show the form with what was typed, and with why it could not be accepted."""
        form = self._cards.note_form(context.work, ticket, context.language, click.inputs)
        return Outcome(OutcomeKind.FORM, ticket.reference, notice=notice, card=form)

    def notes_only(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Keep the engineers' messages in the rooms, or send them to the employee again."""
        work, on = context.work, click.argument == "on"
        if ticket.live and work.tickets.notes_only(ticket, on):
            self._notifications.record(context, ticket, "notes_only", {"on": str(on).lower()})
            self._notifications.refresh_cards(work, ticket, context.at)
            values = {"name": context.person.name, "requester": ticket.requester.name}
            self._notifications.tell_rooms(
                work, ticket, f"room.notes_{'on' if on else 'off'}", context.at, values
            )
        return self._responses.success(context, ticket)
