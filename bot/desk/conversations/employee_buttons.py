"""Buttons that an employee presses."""

from collections.abc import Callable
from dataclasses import replace

from bot.desk.context import Turn
from bot.desk.conversations.answers import Answering
from bot.desk.conversations.outage_notice import OTHER, OutageAnswers
from bot.desk.ports.button_actions import CANCEL, PERSON
from bot.desk.ports.channels import Wording
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.tickets.lifecycle import Escalations
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Outcome, OutcomeKind, Press, Utterance
from bot.domain.knowledge.content import Match


class Presses:
    """Solved, a person, one of a choice, none of it, cancel; only the asker may press them."""

    def __init__(
        self,
        answering: Answering,
        escalations: Escalations,
        outages: OutageAnswers,
        wording: Wording,
        language_of: Callable[[Utterance], str],
    ) -> None:
        self._answering = answering
        self._escalations = escalations
        self._outages = outages
        self._wording = wording
        self._language_of = language_of
        self._handlers = {
            "solved": self._solved,
            PERSON: self._person,
            "choose": self._choose,
            "none": self._none,
            "joined": self._joined,
            "other": self._other,
        }

    def press(self, work: UnitOfWork, utterance: Utterance, press: Press) -> Outcome:
        """Do what was pressed, if it is still there and the presser's own."""
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        turn = Turn(work, self._wording, utterance, person, self._language_of(utterance))
        if utterance.stranger:
            return turn.refuse("refused.stranger")
        if press.action == CANCEL:
            return self._cancel(turn, press.token)
        handler = self._handlers.get(press.action)
        if handler is None:
            return turn.refuse("press.unknown")
        episode = work.episodes.by_token(press.token)
        if episode is None:
            return turn.refuse("press.gone")
        if episode.person_id != person.id:
            return turn.refuse("refused.not_yours")
        return handler(replace(turn, language=episode.language), episode, press)

    def _solved(self, turn: Turn, episode: Episode, _press: Press) -> Outcome:
        if episode.state is not EpisodeState.ANSWERED:
            return self._late(turn, episode)
        return self._answering.solved(turn, episode)

    def _joined(self, turn: Turn, episode: Episode, press: Press) -> Outcome:
        if episode.state is not EpisodeState.ANSWERED:
            return self._late(turn, episode)
        return self._outages.joined(turn, episode, press)

    def _other(self, turn: Turn, episode: Episode, _press: Press) -> Outcome:
        if episode.state is not EpisodeState.ANSWERED or OTHER in episode.presses:
            return self._late(turn, episode)
        return self._outages.other(turn, episode)

    def _person(self, turn: Turn, episode: Episode, _press: Press) -> Outcome:
        live = self._answering.live_ticket(turn, episode)
        if live is not None and live.outage_id is not None:
            return self._answering.escalate(turn, episode)
        if episode.state not in (EpisodeState.ANSWERED, EpisodeState.ASKED, EpisodeState.CHOICE):
            return self._late(turn, episode)
        return self._escalate(turn, episode, "person")

    def _none(self, turn: Turn, episode: Episode, _press: Press) -> Outcome:
        if episode.state is not EpisodeState.CHOICE:
            return self._late(turn, episode)
        return self._escalate(turn, episode, "none")

    def _choose(self, turn: Turn, episode: Episode, press: Press) -> Outcome:
        index = int(press.argument) if press.argument.isdecimal() and len(press.argument) < 3 else -1
        if episode.state is not EpisodeState.CHOICE or not 0 <= index < len(episode.offered):
            return self._late(turn, episode)
        chosen = Match(*episode.offered[index])
        title = self._answering.shelf.content.title(chosen.target, turn.language)
        self._answering.mark(turn, episode, turn.say("choice.chosen", title=title))
        pressed = replace(episode, presses=(*episode.presses, "choose"))
        outcome = self._answering.answer(turn, pressed, chosen)
        return replace(outcome, card=self._answering.shown(turn, episode))

    def _escalate(self, turn: Turn, episode: Episode, pressed: str) -> Outcome:
        self._answering.mark(turn, episode, turn.say(f"press.{pressed}"))
        outcome = self._answering.escalate(turn, episode, key="ticket.opened_person", pressed=pressed)
        return replace(outcome, card=self._answering.shown(turn, episode))

    def _late(self, turn: Turn, episode: Episode) -> Outcome:
        live = self._answering.live_ticket(turn, episode)
        card = self._answering.shown(turn, episode)
        if live is not None:
            return turn.refuse("ticket.already", card=card, ticket=live.reference)
        return turn.refuse("press.late", card=card)

    def _cancel(self, turn: Turn, token: str) -> Outcome:
        ticket = turn.work.tickets.by_token(token)
        if ticket is None or ticket.requester.id != turn.person.id:
            return turn.refuse("ticket.unknown" if ticket is None else "refused.not_yours")
        turn = replace(turn, language=ticket.language)
        episode = turn.work.episodes.get(ticket.episode_id)
        text = turn.say("told.withdrawn", ticket=ticket.reference)

        def answer() -> None:
            self._answering.say(turn, episode, turn.reply(text), ticket)

        if not self._escalations.withdraw(turn, ticket, answer):
            return turn.refuse("ticket.closed", ticket=ticket.reference)
        here = turn.utterance.conversation.place == turn.work.conversations.ref(episode.conversation_id).place
        notice = None if here else turn.reply(text)
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, notice=notice)
