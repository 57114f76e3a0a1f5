"""Takes an assignee's answer to the question whether they are still working on a ticket."""

from dataclasses import replace

from bot.desk.automation.reminders import without_buttons
from bot.desk.context import RequestContext
from bot.desk.history.timeline import KEPT
from bot.desk.ports.button_actions import KEEP
from bot.desk.ports.tickets import TicketEvent
from bot.desk.ports.wording import Wording
from bot.desk.tickets.action_responses import ActionResponses
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.domain.conversations.messages import Click, Outcome, OutcomeKind, ShowPost
from bot.domain.tickets.ticket import Status, Ticket, TicketAction


class StillWorking:
    """Answers to the question whether the assignee is still working; only the assignee may answer."""

    def __init__(self, lifecycle: TicketLifecycle, responses: ActionResponses, wording: Wording) -> None:
        self._lifecycle = lifecycle
        self._responses = responses
        self._wording = wording

    def keep(self, context: RequestContext, ticket: Ticket, _click: Click) -> Outcome:
        """Record that the assignee is still working on the ticket, and check it again."""
        if not _is_asked(context, ticket):
            return context.refuse("nudge.not_yours", ticket=ticket.reference)
        work, channel = context.work, context.utterance.conversation.channel
        work.tickets.record(TicketEvent(ticket.id, context.at, KEPT, context.person, channel))
        work.schedule.set_next_check(ticket.id, context.at)
        return Outcome(
            OutcomeKind.DONE, ticket.reference, shows=self._answered(context, ticket, "nudge.kept")
        )

    def let_go(self, context: RequestContext, ticket: Ticket, _click: Click) -> Outcome:
        """Give the ticket back to the team."""
        if not _is_asked(context, ticket):
            return context.refuse("nudge.not_yours", ticket=ticket.reference)
        if not self._lifecycle.apply(context, ticket, TicketAction.RELEASE):
            # Without the card: it would take the question's place.
            return replace(self._responses.conflict(context, ticket, TicketAction.RELEASE), shows=None)
        return Outcome(
            OutcomeKind.DONE, ticket.reference, shows=self._answered(context, ticket, "nudge.let_go")
        )

    def _answered(self, context: RequestContext, ticket: Ticket, key: str) -> ShowPost | None:
        """Remove the buttons from the question, and add the answer under it."""
        shown = None
        for _, post_id in context.work.outbox.with_buttons(ticket.id):
            post = context.work.outbox.read(post_id)
            if any(button.action == KEEP for button in post.buttons):
                text = self._wording.say(post.language, key, name=context.person.name)
                context.work.outbox.revise(post_id, without_buttons(post, text), context.at)
                shown = ShowPost(post_id)
        return shown


def _is_asked(context: RequestContext, ticket: Ticket) -> bool:
    return ticket.status is Status.CLAIMED and ticket.is_assigned_to(context.person)
