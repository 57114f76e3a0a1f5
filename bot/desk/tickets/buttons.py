"""Buttons that name a ticket: who may press them is settled here, what they do elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.desk.ports.channels import Wording
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.staff.permissions import Permissions
from bot.domain.conversations.messages import Click, Outcome, OutcomeKind, Utterance
from bot.domain.tickets.ticket import Ticket

Control = Callable[[RequestContext, Ticket, Click], Outcome]


class TicketButtons:
    """Two sets of buttons, by action: the engineers' and the requester's own."""

    def __init__(
        self,
        wording: Wording,
        engineers: Permissions,
        notifications: Notifications,
        *,
        for_engineers: Mapping[str, Control],
        for_requesters: Mapping[str, Control],
    ) -> None:
        self._wording = wording
        self._engineers = engineers
        self._notifications = notifications
        self._for_engineers = for_engineers
        self._for_requesters = for_requesters

    def have(self, action: str) -> bool:
        """Whether this action is one of these buttons."""
        return action in self._for_engineers or action in self._for_requesters

    def click(self, work: UnitOfWork, utterance: Utterance, click: Click) -> Outcome:
        """Do what was pressed, if the presser may."""
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        context = RequestContext(
            work, self._wording, utterance, person, self._notifications.reader(utterance)
        )
        ticket = work.tickets.by_token(click.token)
        if ticket is None:
            return context.refuse("ticket.unknown")
        control = self._for_engineers.get(click.action)
        if control is None:
            if utterance.stranger or ticket.requester.id != person.id:
                return context.refuse("refused.not_yours")
            context = replace(context, language=work.episodes.get(ticket.episode_id).language)
            return self._for_requesters[click.action](context, ticket, click)
        if utterance.stranger or not self._engineers.allows(work, utterance.sender, context.at, ticket.queue):
            self._notifications.record(context, ticket, "refused", {"move": click.action})
            return context.refuse("refused.engineers_only")
        return control(context, ticket, click)

    def again(self, work: UnitOfWork, utterance: Utterance, earlier: Outcome) -> Outcome:
        """What a repeated press shows: a form again, for the first one may not have arrived."""
        click = utterance.click
        if click is None or earlier.kind is not OutcomeKind.FORM or not self.have(click.action):
            return earlier
        # A press that asks for a form changes nothing, so it may be carried out again.
        return replace(self.click(work, utterance, click), repeated=True)
