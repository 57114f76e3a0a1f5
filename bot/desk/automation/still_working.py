"""What an assignee answers to the question whether they go on."""

from dataclasses import replace

from bot.desk.automation.reminders import without_buttons
from bot.desk.context import RequestContext
from bot.desk.history import KEPT
from bot.desk.notifications import Notifications
from bot.desk.ports.button_actions import KEEP, LET_GO
from bot.desk.ports.channels import Wording
from bot.desk.ports.unit_of_work import TicketEvent, UnitOfWork
from bot.desk.staff.permissions import Permissions
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.domain.conversations.messages import Click, Outcome, OutcomeKind, Reply, Utterance
from bot.domain.tickets.ticket import Status, Ticket, TicketAction

NUDGES = frozenset((KEEP, LET_GO))


class StillWorking:
    """Still on it, or back to the team; only the assignee is asked."""

    def __init__(
        self,
        lifecycle: TicketLifecycle,
        engineers: Permissions,
        notifications: Notifications,
        wording: Wording,
    ) -> None:
        self._lifecycle = lifecycle
        self._notifications = notifications
        self._engineers = engineers
        self._wording = wording

    def click(self, work: UnitOfWork, utterance: Utterance, click: Click) -> Outcome:
        """Do what the assignee pressed under the question."""
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        context = RequestContext(
            work, self._wording, utterance, person, self._notifications.reader(utterance)
        )
        ticket = work.tickets.by_token(click.token)
        if ticket is None:
            return context.refuse("ticket.unknown")
        if utterance.stranger or not self._engineers.allows(work, utterance.sender, context.at, ticket.queue):
            return context.refuse("refused.engineers_only")
        if ticket.status is not Status.CLAIMED or ticket.assignee is None or ticket.assignee.id != person.id:
            return context.refuse("nudge.not_yours", ticket=ticket.reference)
        if click.action == LET_GO:
            return self._let_go(context, ticket, click)
        channel = utterance.conversation.channel
        work.tickets.record(TicketEvent(ticket.id, context.at, KEPT, person, channel))
        work.schedule.look(ticket.id, context.at)
        card = self._settle(context, ticket, "nudge.kept")
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=card)

    def _let_go(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        release = replace(click, action=TicketAction.RELEASE.value)
        outcome = self._lifecycle.click(context.work, context.utterance, release)
        if outcome.kind is not OutcomeKind.DONE:
            return replace(outcome, card=None)  # it would take the question's place
        return replace(outcome, card=self._settle(context, ticket, "nudge.let_go"))

    def _settle(self, context: RequestContext, ticket: Ticket, key: str) -> Reply | None:
        """Take the buttons off, and say what was answered; the question as it is then."""
        shown = None
        for _, post_id in context.work.outbox.with_buttons(ticket.id):
            post = context.work.outbox.read(post_id)
            if any(button.action == KEEP for button in post.buttons):
                shown = without_buttons(post, self._wording.say(post.language, key, name=context.person.name))
                context.work.outbox.revise(post_id, shown, context.at)
        return shown
