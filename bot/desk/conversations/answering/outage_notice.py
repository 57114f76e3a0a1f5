"""Answers a question that is like a known outage with its notice, and lets the employee join it."""

from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.conversations.answering.answers import Answers
from bot.desk.conversations.answering.episode_posts import EpisodePosts
from bot.desk.knowledge.understanding import Understanding
from bot.desk.outages.posts import MOST_LISTED, OutagePosts
from bot.desk.ports.button_actions import JOINED, OTHER, PERSON
from bot.desk.ports.content import Similarity
from bot.desk.tickets.lifecycle import TicketDraft, TicketLifecycle
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Button, Click, Heading, Line, Outcome, OutcomeKind, Reply, When
from bot.domain.knowledge.decision import Escalate, MatchResult
from bot.domain.tickets.outage import Outage
from bot.domain.tickets.ticket import Priority

NEAR = 0.75  # share of the shorter text's words; a wrong notice is worse than a person


class OutageNotice:
    """Notices of known outages, for employees whose question is like one; they may join it."""

    def __init__(
        self,
        answers: Answers,
        understanding: Understanding,
        lifecycle: TicketLifecycle,
        outage_posts: OutagePosts,
        similarity: Similarity,
    ) -> None:
        self._answers = answers
        self._understanding = understanding
        self._lifecycle = lifecycle
        self._outage_posts = outage_posts
        self._similarity = similarity

    def find_outage(self, context: RequestContext, episode: Episode, result: MatchResult) -> Outage | None:
        """Find the live outage that this question is like, the newest one of several.

        It is like one when the matcher finds the same target near, or when most words are those of its title
        or of its ticket.
        """
        if result.needs_person or OTHER in episode.clicks or self._answers.is_silent(context):
            return None
        best = result.best
        near = (
            best.target if best and best.confidence >= self._understanding.thresholds(result).choose else ""
        )
        intent = self._understanding.snapshot.content.intent(near) if near else None
        if intent is not None and intent.always_person:
            return None
        if intent is not None and intent.action:
            near = ""  # that two people ask for a person is nothing that is alike
        for outage in context.work.outages.live(MOST_LISTED):
            if near and near == outage.target:
                return outage
            texts = (outage.title, outage.question)
            if any(text and self._similarity(episode.question, text) >= NEAR for text in texts):
                return outage
        return None

    def show_notice(
        self, context: RequestContext, episode: Episode, outage: Outage, result: MatchResult
    ) -> Outcome:
        """Show the notice; buttons ask the person whether that is it."""
        snapshot = self._understanding.snapshot
        context.work.episodes.add_decision(
            episode.id, context.at, "outage", result, snapshot.content.hash, snapshot.matcher.version
        )
        posts = EpisodePosts(context, episode)
        posts.close_buttons(context.say("press.written"))
        since = context.wording.when(context.language, outage.started_at)
        blocks = (
            Heading(context.say("outage.title", title=outage.title)),
            Line(outage.notice(context.language) or context.say("outage.notice")),
            When(context.say("outage.since"), outage.started_at, f"{since} UTC"),
            Line(context.say("outage.is_it")),
        )
        buttons = (
            Button(JOINED, context.say("button.joined"), episode.token, outage.token, style="primary"),
            Button(OTHER, context.say("button.other"), episode.token, outage.token),
        )
        reply = Reply(blocks, buttons, summary=outage.title, language=context.language)
        post_id = posts.say(reply)
        context.work.episodes.save(episode.with_state(EpisodeState.ANSWERED, context.at, post_id=post_id))
        return Outcome(OutcomeKind.ANSWERED)

    def join(self, context: RequestContext, episode: Episode, click: Click) -> Outcome:
        """Join the outage: the person gets a ticket that closes with it, and is told then."""
        work = context.work
        outage = work.outages.by_token(click.argument)
        # First the outage's row: whoever ends it locks it first, too, and waits for us or we for them.
        if outage is None or not work.outages.lock(outage.id):
            return self._over(context, episode, outage)
        posts = EpisodePosts(context, episode)
        posts.close_buttons(context.say("press.joined"))
        ticket = self._lifecycle.open(
            context,
            replace(episode, clicks=(*episode.clicks, JOINED)),
            TicketDraft(Priority.NORMAL, target=outage.target, outage_id=outage.id),
        )
        text = context.say("outage.joined", title=outage.title, ticket=ticket.reference)
        person = Button(PERSON, context.say("button.person"), episode.token)
        posts.say(Reply((Line(text),), (person,), summary=text, language=context.language), ticket)
        self._outage_posts.refresh(work, outage, context.at)
        return Outcome(OutcomeKind.TICKET, ticket.reference, shows=posts.last_post())

    def decline(self, context: RequestContext, episode: Episode) -> Outcome:
        """Go on as usual: the question is about something else."""
        result = context.match(episode.question, context.language)
        posts = EpisodePosts(context, episode)
        posts.close_buttons(context.say("press.other"))
        decision = self._understanding.decide(result)
        if self._understanding.action_of(decision) is not None:
            decision = Escalate()
        clicked = replace(episode, clicks=(*episode.clicks, OTHER))
        return replace(self._answers.carry_out(context, clicked, decision, result), shows=posts.last_post())

    def _over(self, context: RequestContext, episode: Episode, outage: Outage | None) -> Outcome:
        posts = EpisodePosts(context, episode)
        posts.close_buttons(context.say("press.joined"))
        text = context.say("outage.over", title=outage.title if outage else "")
        person = Button(PERSON, context.say("button.person"), episode.token)
        reply = Reply((Line(text),), (person,), summary=text, language=context.language)
        post_id = posts.say(reply)
        context.work.episodes.save(episode.with_state(EpisodeState.ANSWERED, context.at, post_id=post_id))
        return Outcome(OutcomeKind.DONE, shows=posts.last_post())
