"""Resolves a ticket with a note to the employee: asks for the note, checks it, and tells everybody."""

from functools import partial

from bot.desk.cards.shadow_mode import ShadowMode
from bot.desk.cards.ticket_card import TicketCards
from bot.desk.context import RequestContext
from bot.desk.knowledge.promise import PromiseWatch
from bot.desk.tickets.action_responses import ActionResponses
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.domain.conversations.messages import Click, Outcome, OutcomeKind, Reply
from bot.domain.secrets.masking import visible
from bot.domain.tickets.relay import is_note
from bot.domain.tickets.ticket import Ticket, TicketAction


class Resolution:
    """Resolve, as the assignee clicks it on a card; in shadow mode with a verdict on the article."""

    def __init__(
        self,
        lifecycle: TicketLifecycle,
        cards: TicketCards,
        shadow: ShadowMode,
        responses: ActionResponses,
        promise: PromiseWatch,
    ) -> None:
        self._promise = promise
        self._lifecycle = lifecycle
        self._cards = cards
        self._shadow = shadow
        self._responses = responses

    def resolve(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Ask for the note to the employee, or resolve the ticket with it."""
        work, action = context.work, TicketAction.RESOLVE
        if not ticket.allows(action) or not ticket.is_assigned_to(context.person):
            return self._responses.conflict(context, ticket, action)
        if click.inputs is None:
            return self._form(context, ticket, click)
        note = click.inputs.get("note", "")
        if not visible(note):
            return self._responses.invalid(context, ticket, "refused.note_missing")
        if is_note(note):  # notes reach no employee, here neither
            return self._responses.invalid(context, ticket, "refused.note_marked")
        named = self._shadow.read_named(work, ticket, click.inputs)
        if named.unknown:
            notice = context.reply(self._shadow.explain_unknown(context, named))
            return self._form(context, ticket, click, notice)
        silent = work.shadow.of(ticket.id) if named.target is not None else None
        verdict = partial(self._shadow.keep_named, work, ticket, named, context)
        if not self._lifecycle.apply(context, ticket, action, note=note, detail=verdict):
            return self._responses.conflict(context, ticket, action)
        self._promise.judge_silent(context, silent, named.target)
        return self._responses.success(context, ticket, "masked.note" if context.utterance.masked else "")

    def _form(
        self, context: RequestContext, ticket: Ticket, click: Click, notice: Reply | None = None
    ) -> Outcome:
        """Show the form with what was typed, and with why it could not be accepted."""
        form = self._cards.note_form(context.work, ticket, context.language, click.inputs)
        return Outcome(OutcomeKind.FORM, ticket.reference, notice=notice, card=form)
