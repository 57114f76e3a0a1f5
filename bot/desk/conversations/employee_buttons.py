"""Buttons that an employee presses."""

from collections.abc import Callable
from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.conversations.answers import Answers
from bot.desk.conversations.outage_notice import OTHER, OutageNotice
from bot.desk.ports.button_actions import CANCEL, PERSON
from bot.desk.ports.channels import Wording
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Click, Outcome, OutcomeKind, Utterance
from bot.domain.knowledge.content import Match


class EmployeeButtons:
    """Solved, a person, one of a choice, none of it, cancel; only the asker may press them."""

    def __init__(
        self,
        answers: Answers,
        lifecycle: TicketLifecycle,
        outages: OutageNotice,
        wording: Wording,
        language_of: Callable[[Utterance], str],
    ) -> None:
        self._answers = answers
        self._lifecycle = lifecycle
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

    def click(self, work: UnitOfWork, utterance: Utterance, click: Click) -> Outcome:
        """Do what was pressed, if it is still there and the presser's own."""
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        context = RequestContext(work, self._wording, utterance, person, self._language_of(utterance))
        if utterance.stranger:
            return context.refuse("refused.stranger")
        if click.action == CANCEL:
            return self._cancel(context, click.token)
        handler = self._handlers.get(click.action)
        if handler is None:
            return context.refuse("press.unknown")
        episode = work.episodes.by_token(click.token)
        if episode is None:
            return context.refuse("press.gone")
        if episode.person_id != person.id:
            return context.refuse("refused.not_yours")
        return handler(replace(context, language=episode.language), episode, click)

    def _solved(self, context: RequestContext, episode: Episode, _press: Click) -> Outcome:
        if episode.state is not EpisodeState.ANSWERED:
            return self._late(context, episode)
        return self._answers.solved(context, episode)

    def _joined(self, context: RequestContext, episode: Episode, click: Click) -> Outcome:
        if episode.state is not EpisodeState.ANSWERED:
            return self._late(context, episode)
        return self._outages.joined(context, episode, click)

    def _other(self, context: RequestContext, episode: Episode, _press: Click) -> Outcome:
        if episode.state is not EpisodeState.ANSWERED or OTHER in episode.clicks:
            return self._late(context, episode)
        return self._outages.other(context, episode)

    def _person(self, context: RequestContext, episode: Episode, _press: Click) -> Outcome:
        live = self._answers.live_ticket(context, episode)
        if live is not None and live.outage_id is not None:
            return self._answers.escalate(context, episode)
        if episode.state not in (EpisodeState.ANSWERED, EpisodeState.ASKED, EpisodeState.CHOICE):
            return self._late(context, episode)
        return self._escalate(context, episode, "person")

    def _none(self, context: RequestContext, episode: Episode, _press: Click) -> Outcome:
        if episode.state is not EpisodeState.CHOICE:
            return self._late(context, episode)
        return self._escalate(context, episode, "none")

    def _choose(self, context: RequestContext, episode: Episode, click: Click) -> Outcome:
        index = int(click.argument) if click.argument.isdecimal() and len(click.argument) < 3 else -1
        if episode.state is not EpisodeState.CHOICE or not 0 <= index < len(episode.offered):
            return self._late(context, episode)
        chosen = Match(*episode.offered[index])
        title = self._answers.snapshot.content.title(chosen.target, context.language)
        self._answers.mark(context, episode, context.say("choice.chosen", title=title))
        pressed = replace(episode, clicks=(*episode.clicks, "choose"))
        outcome = self._answers.answer(context, pressed, chosen)
        return replace(outcome, card=self._answers.shown(context, episode))

    def _escalate(self, context: RequestContext, episode: Episode, pressed: str) -> Outcome:
        self._answers.mark(context, episode, context.say(f"press.{pressed}"))
        outcome = self._answers.escalate(context, episode, key="ticket.opened_person", pressed=pressed)
        return replace(outcome, card=self._answers.shown(context, episode))

    def _late(self, context: RequestContext, episode: Episode) -> Outcome:
        live = self._answers.live_ticket(context, episode)
        card = self._answers.shown(context, episode)
        if live is not None:
            return context.refuse("ticket.already", card=card, ticket=live.reference)
        return context.refuse("press.late", card=card)

    def _cancel(self, context: RequestContext, token: str) -> Outcome:
        ticket = context.work.tickets.by_token(token)
        if ticket is None or ticket.requester.id != context.person.id:
            return context.refuse("ticket.unknown" if ticket is None else "refused.not_yours")
        context = replace(context, language=ticket.language)
        episode = context.work.episodes.get(ticket.episode_id)
        text = context.say("told.withdrawn", ticket=ticket.reference)

        def answer() -> None:
            self._answers.say(context, episode, context.reply(text), ticket)

        if not self._lifecycle.withdraw(context, ticket, answer):
            return context.refuse("ticket.closed", ticket=ticket.reference)
        here = (
            context.utterance.conversation.place
            == context.work.conversations.ref(episode.conversation_id).place
        )
        notice = None if here else context.reply(text)
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, notice=notice)
