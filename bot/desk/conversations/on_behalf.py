"""A ticket that an engineer opens for somebody else."""

from dataclasses import replace

from bot.desk.context import Turn
from bot.desk.conversations.answers import Answering
from bot.desk.conversations.new_episode import begun
from bot.desk.knowledge.understanding import Heard
from bot.desk.staff.permissions import Engineers
from bot.desk.tickets.lifecycle import Beginning, Escalations
from bot.domain.conversations.messages import Outcome, OutcomeKind, Quote
from bot.domain.tickets.priority import Reason, reasons, start
from bot.domain.tickets.relay import is_note


class OnBehalf:
    """Opens it, and tells them what was written; `language` is the desk's."""

    def __init__(
        self, answering: Answering, escalations: Escalations, engineers: Engineers, language: str
    ) -> None:
        self._answering = answering
        self._escalations = escalations
        self._engineers = engineers
        self._language = language

    def open(self, turn: Turn, heard: Heard) -> Outcome:
        """An engineer opens a ticket for somebody else."""
        behalf = turn.utterance.behalf
        if behalf is None:
            raise ValueError("an utterance on behalf of somebody is expected")
        if not self._engineers.allows(turn.work, turn.utterance.sender, turn.at):
            return turn.refuse("refused.engineers_only")
        if heard.empty:
            return turn.refuse("refused.behalf_empty")
        if is_note(turn.utterance.text):
            return turn.refuse("refused.note_marked")
        requester = turn.work.people.meet(behalf.identity, behalf.name, None, turn.at)
        language = heard.finding.language or requester.language or self._language
        utterance = replace(turn.utterance, conversation=behalf.conversation, link="")
        theirs = replace(turn, person=requester, language=language, utterance=utterance)
        episode = begun(theirs, heard)
        turn.work.episodes.said(episode, utterance, turn.person.id, heard.text)
        angry = {Reason.ANGRY} if heard.finding.angry else set()
        priority, why = start(None, reasons(heard.text) | angry, 1)
        ticket = self._escalations.open(theirs, episode, Beginning(priority, opened_by=turn.person, why=why))
        text = theirs.say("ticket.opened_for_you", name=turn.person.name, ticket=ticket.reference)
        self._answering.say(theirs, episode, theirs.reply(text, Quote(heard.text)), ticket)
        notice = turn.reply(turn.say("ticket.opened_for", name=requester.name, ticket=ticket.reference))
        return Outcome(OutcomeKind.TICKET, ticket=ticket.reference, notice=notice)
