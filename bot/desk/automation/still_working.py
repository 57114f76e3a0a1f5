"""What an assignee answers to the question whether they go on."""

from dataclasses import replace

from bot.desk.automation.reminders import without_buttons
from bot.desk.context import Turn
from bot.desk.history import KEPT
from bot.desk.notifications import Telling
from bot.desk.ports.button_actions import KEEP, LET_GO
from bot.desk.ports.channels import Wording
from bot.desk.ports.unit_of_work import TicketEvent, UnitOfWork
from bot.desk.staff.permissions import Engineers
from bot.desk.tickets.lifecycle import Escalations
from bot.domain.conversations.messages import Outcome, OutcomeKind, Press, Reply, Utterance
from bot.domain.tickets.ticket import Move, Status, Ticket

NUDGES = frozenset((KEEP, LET_GO))


class Nudges:
    """Still on it, or back to the team; only the assignee is asked."""

    def __init__(
        self, escalations: Escalations, engineers: Engineers, telling: Telling, wording: Wording
    ) -> None:
        self._escalations = escalations
        self._telling = telling
        self._engineers = engineers
        self._wording = wording

    def press(self, work: UnitOfWork, utterance: Utterance, press: Press) -> Outcome:
        """Do what the assignee pressed under the question."""
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        turn = Turn(work, self._wording, utterance, person, self._telling.reader(utterance))
        ticket = work.tickets.by_token(press.token)
        if ticket is None:
            return turn.refuse("ticket.unknown")
        if utterance.stranger or not self._engineers.allows(work, utterance.sender, turn.at, ticket.queue):
            return turn.refuse("refused.engineers_only")
        if ticket.status is not Status.CLAIMED or ticket.assignee is None or ticket.assignee.id != person.id:
            return turn.refuse("nudge.not_yours", ticket=ticket.reference)
        if press.action == LET_GO:
            return self._let_go(turn, ticket, press)
        channel = utterance.conversation.channel
        work.tickets.record(TicketEvent(ticket.id, turn.at, KEPT, person, channel))
        work.schedule.look(ticket.id, turn.at)
        card = self._settle(turn, ticket, "nudge.kept")
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=card)

    def _let_go(self, turn: Turn, ticket: Ticket, press: Press) -> Outcome:
        release = replace(press, action=Move.RELEASE.value)
        outcome = self._escalations.press(turn.work, turn.utterance, release)
        if outcome.kind is not OutcomeKind.DONE:
            return replace(outcome, card=None)  # it would take the question's place
        return replace(outcome, card=self._settle(turn, ticket, "nudge.let_go"))

    def _settle(self, turn: Turn, ticket: Ticket, key: str) -> Reply | None:
        """Take the buttons off, and say what was answered; the question as it is then."""
        shown = None
        for _, post_id in turn.work.outbox.pressables(ticket.id):
            post = turn.work.outbox.read(post_id)
            if any(button.action == KEEP for button in post.buttons):
                shown = without_buttons(post, self._wording.say(post.language, key, name=turn.person.name))
                turn.work.outbox.revise(post_id, shown, turn.at)
        return shown
