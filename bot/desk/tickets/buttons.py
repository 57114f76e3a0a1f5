"""Buttons that name a ticket: who may press them is settled here, what they do elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.desk.context import Turn
from bot.desk.notifications import Telling
from bot.desk.ports.channels import Wording
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.staff.permissions import Engineers
from bot.domain.conversations.messages import Outcome, OutcomeKind, Press, Utterance
from bot.domain.tickets.ticket import Ticket

Control = Callable[[Turn, Ticket, Press], Outcome]


class Controls:
    """Two sets of buttons, by action: the engineers' and the requester's own."""

    def __init__(
        self,
        wording: Wording,
        engineers: Engineers,
        telling: Telling,
        *,
        for_engineers: Mapping[str, Control],
        for_requesters: Mapping[str, Control],
    ) -> None:
        self._wording = wording
        self._engineers = engineers
        self._telling = telling
        self._for_engineers = for_engineers
        self._for_requesters = for_requesters

    def have(self, action: str) -> bool:
        """Whether this action is one of these buttons."""
        return action in self._for_engineers or action in self._for_requesters

    def press(self, work: UnitOfWork, utterance: Utterance, press: Press) -> Outcome:
        """Do what was pressed, if the presser may."""
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        turn = Turn(work, self._wording, utterance, person, self._telling.reader(utterance))
        ticket = work.tickets.by_token(press.token)
        if ticket is None:
            return turn.refuse("ticket.unknown")
        control = self._for_engineers.get(press.action)
        if control is None:
            if utterance.stranger or ticket.requester.id != person.id:
                return turn.refuse("refused.not_yours")
            turn = replace(turn, language=work.episodes.get(ticket.episode_id).language)
            return self._for_requesters[press.action](turn, ticket, press)
        if utterance.stranger or not self._engineers.allows(work, utterance.sender, turn.at, ticket.queue):
            self._telling.record(turn, ticket, "refused", {"move": press.action})
            return turn.refuse("refused.engineers_only")
        return control(turn, ticket, press)

    def again(self, work: UnitOfWork, utterance: Utterance, earlier: Outcome) -> Outcome:
        """What a repeated press shows: a form again, for the first one may not have arrived."""
        press = utterance.press
        if press is None or earlier.kind is not OutcomeKind.FORM or not self.have(press.action):
            return earlier
        # A press that asks for a form changes nothing, so it may be carried out again.
        return replace(self.press(work, utterance, press), repeated=True)
