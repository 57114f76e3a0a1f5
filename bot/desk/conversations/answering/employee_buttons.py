"""Handles the buttons that an employee clicks: solved, a person, one of a choice, none of it, cancel."""

from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.conversations.answering.answers import Answers
from bot.desk.conversations.answering.episode_posts import EpisodePosts
from bot.desk.conversations.answering.outage_notice import OutageNotice
from bot.desk.conversations.answering.replies import whole_article
from bot.desk.ports.button_actions import CHOOSE, NO_TICKET, NONE, NOT_HELPFUL, OTHER, PERSON
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.domain.conversations.episode import OFFERED, Episode, EpisodeState
from bot.domain.conversations.messages import Click, Outcome, OutcomeKind
from bot.domain.conversations.outcome import NotHelpfulReason
from bot.domain.knowledge.decision import Match
from bot.domain.tickets.ticket import Ticket


class EmployeeButtons:
    """Buttons under an answer or a ticket; the guards have checked that they are the person's own."""

    def __init__(self, answers: Answers, lifecycle: TicketLifecycle, outages: OutageNotice) -> None:
        self._answers = answers
        self._lifecycle = lifecycle
        self._outages = outages

    def solved(self, context: RequestContext, episode: Episode, _click: Click) -> Outcome:
        """Record that the answer helped."""
        if episode.state is not EpisodeState.ANSWERED:
            return self._late(context, episode)
        return self._answers.solved(context, episode)

    def not_helpful(self, context: RequestContext, episode: Episode, _click: Click) -> Outcome:
        """Record that the answer did not help; the last word counts, after “solved” too."""
        if episode.state not in (EpisodeState.ANSWERED, EpisodeState.SOLVED) or not episode.tried:
            return self._late(context, episode)
        return self._answers.not_helpful(context, episode)

    def reason(self, context: RequestContext, episode: Episode, click: Click) -> Outcome:
        """Record why the answer did not help."""
        if episode.state is not EpisodeState.ANSWERED or NOT_HELPFUL not in episode.clicks:
            return self._late(context, episode)
        try:
            reason = NotHelpfulReason(click.argument)
        except ValueError:
            return context.refuse("press.unknown")
        return self._answers.say_why(context, episode, reason)

    def joined(self, context: RequestContext, episode: Episode, click: Click) -> Outcome:
        """Join the known outage whose notice was shown."""
        if episode.state is not EpisodeState.ANSWERED:
            return self._late(context, episode)
        return self._outages.join(context, episode, click)

    def other(self, context: RequestContext, episode: Episode, _click: Click) -> Outcome:
        """Go on as usual: the question is about something else than the known outage."""
        if episode.state is not EpisodeState.ANSWERED or OTHER in episode.clicks:
            return self._late(context, episode)
        return self._outages.decline(context, episode)

    def person(self, context: RequestContext, episode: Episode, _click: Click) -> Outcome:
        """Open a ticket, or take the one that waits for an outage out of it."""
        live = EpisodePosts(context, episode).live_ticket()
        if live is not None and live.outage_id is not None:
            return self._answers.escalate(context, episode)
        if episode.state not in (EpisodeState.ANSWERED, EpisodeState.ASKED, EpisodeState.CHOICE):
            return self._late(context, episode)
        return self._escalate(context, episode, PERSON)

    def none(self, context: RequestContext, episode: Episode, _click: Click) -> Outcome:
        """Open a ticket: none of the choices fits."""
        if episode.state is not EpisodeState.CHOICE:
            return self._late(context, episode)
        return self._escalate(context, episode, NONE)

    def want_ticket(self, context: RequestContext, episode: Episode, _click: Click) -> Outcome:
        """Open the ticket that was offered in a help channel, or show the notice of a known outage."""
        if OFFERED not in episode.clicks or NO_TICKET in episode.clicks or episode.post_id is not None:
            return self._late(context, episode)
        if episode.ticket_id is not None:
            return self._late(context, episode)
        result = context.match(episode.question, context.language)
        outage = self._outages.find_outage(context, episode, result)
        if outage is not None:
            return self._outages.show_notice(context, episode, outage, result)
        return self._answers.escalate(context, episode, result, key="ticket.opened_person")

    def no_ticket(self, context: RequestContext, episode: Episode, _click: Click) -> Outcome:
        """Leave a message in a help channel alone, and forget it."""
        if OFFERED not in episode.clicks or NO_TICKET in episode.clicks or episode.ticket_id is not None:
            return self._late(context, episode)
        context.work.episodes.forget_question(episode.id)
        clicked = replace(episode, clicks=(*episode.clicks, NO_TICKET))
        context.work.episodes.save(clicked.with_state(EpisodeState.CLOSED, context.at))
        return Outcome(OutcomeKind.DONE, notice=context.reply(context.say("offer.declined")))

    def choose(self, context: RequestContext, episode: Episode, click: Click) -> Outcome:
        """Show the chosen target."""
        index = int(click.argument) if click.argument.isdecimal() and len(click.argument) < 3 else -1
        if episode.state is not EpisodeState.CHOICE or not 0 <= index < len(episode.offered):
            return self._late(context, episode)
        chosen = Match(*episode.offered[index])
        title = self._answers.snapshot.content.title(chosen.target, context.language)
        posts = EpisodePosts(context, episode)
        posts.close_buttons(context.say("choice.chosen", title=title))
        clicked = replace(episode, clicks=(*episode.clicks, CHOOSE))
        return replace(self._answers.answer_choice(context, clicked, chosen), shows=posts.last_post())

    def more(self, context: RequestContext, _episode: Episode, click: Click) -> Outcome:
        """Show a whole article, as it is now, to whoever clicked."""
        article = self._answers.snapshot.content.article(click.argument, context.language)
        if article is None:
            return context.refuse("press.gone")
        return Outcome(OutcomeKind.DONE, notice=whole_article(article))

    def _escalate(self, context: RequestContext, episode: Episode, clicked: str) -> Outcome:
        posts = EpisodePosts(context, episode)
        posts.close_buttons(context.say(f"press.{clicked}"))
        outcome = self._answers.escalate(context, episode, key="ticket.opened_person", clicked=clicked)
        return replace(outcome, shows=posts.last_post())

    def _late(self, context: RequestContext, episode: Episode) -> Outcome:
        posts = EpisodePosts(context, episode)
        live = posts.live_ticket()
        if live is not None:
            return context.refuse("ticket.already", shows=posts.last_post(), ticket=live.reference)
        return context.refuse("press.late", shows=posts.last_post())

    def cancel(self, context: RequestContext, ticket: Ticket, _click: Click) -> Outcome:
        """Withdraw the requester's own ticket."""
        context = replace(context, language=ticket.language)
        episode = context.work.episodes.get(ticket.episode_id)
        reply = context.reply(context.say("told.withdrawn", ticket=ticket.reference))

        def answer() -> None:
            EpisodePosts(context, episode).say(reply, ticket)

        if not self._lifecycle.withdraw(context, ticket, answer):
            return context.refuse("ticket.closed", ticket=ticket.reference)
        theirs = context.work.conversations.ref(episode.conversation_id)
        here = context.utterance.conversation.place == theirs.place
        return Outcome(OutcomeKind.DONE, ticket.reference, notice=None if here else reply)
