"""A known outage answers like questions first."""

from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.conversations.answers import Answers
from bot.desk.knowledge.understanding import Understanding
from bot.desk.outages.posts import MOST_LISTED, OutagePosts
from bot.desk.ports.button_actions import PERSON
from bot.desk.ports.content import Likeness
from bot.desk.tickets.lifecycle import TicketDraft, TicketLifecycle
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Button, Click, Heading, Line, Outcome, OutcomeKind, Reply, When
from bot.domain.knowledge.content import Escalate, MatchResult
from bot.domain.tickets.outage import Outage
from bot.domain.tickets.ticket import Priority

NEAR = 0.75  # of the shorter text's words; a wrong notice is worse than a person
OTHER = "other"


class OutageNotice:
    """Shows the notice of an outage to who asks like its tickets, and lets them join it."""

    def __init__(
        self,
        answers: Answers,
        understanding: Understanding,
        lifecycle: TicketLifecycle,
        outage_posts: OutagePosts,
        similarity: Likeness,
    ) -> None:
        self._answers = answers
        self._understanding = understanding
        self._lifecycle = lifecycle
        self._outage_posts = outage_posts
        self._likeness = similarity

    def like(self, context: RequestContext, episode: Episode, result: MatchResult) -> Outage | None:
        """The outage that lasts and that this question is like, the newest one of several.

        Like: the matcher finds the same target near, or most words are those of its title or its ticket.
        """
        if OTHER in episode.clicks or self._answers.silent(context):
            return None
        best = result.best
        near = (
            best.target if best and best.confidence >= self._understanding.thresholds(result).choose else ""
        )
        intent = self._understanding.snapshot.content.intent(near) if near else None
        if intent is not None and intent.always_person:
            return None
        for outage in context.work.outages.live(MOST_LISTED):
            if near and near == outage.target:
                return outage
            texts = (outage.title, outage.question)
            if any(text and self._likeness(episode.question, text) >= NEAR for text in texts):
                return outage
        return None

    def answer(
        self, context: RequestContext, episode: Episode, outage: Outage, result: MatchResult
    ) -> Outcome:
        """Show the notice; the person says whether that is it."""
        snapshot = self._understanding.snapshot
        context.work.episodes.decided(
            episode.id, context.at, "outage", result, snapshot.content.hash, snapshot.matcher.version
        )
        self._answers.mark(context, episode, context.say("press.written"))
        since = context.wording.when(context.language, outage.started_at)
        blocks = (
            Heading(context.say("outage.title", title=outage.title)),
            Line(outage.notice(context.language) or context.say("outage.notice")),
            When(context.say("outage.since"), outage.started_at, f"{since} UTC"),
            Line(context.say("outage.is_it")),
        )
        buttons = (
            Button("joined", context.say("button.joined"), episode.token, outage.token, style="primary"),
            Button(OTHER, context.say("button.other"), episode.token, outage.token),
        )
        reply = Reply(blocks, buttons, summary=outage.title, language=context.language)
        post_id = self._answers.say(context, episode, reply)
        context.work.episodes.save(episode.moved(EpisodeState.ANSWERED, context.at, post_id=post_id))
        return Outcome(OutcomeKind.ANSWERED)

    def joined(self, context: RequestContext, episode: Episode, click: Click) -> Outcome:
        """Put the person on the outage: their ticket closes with it, and they hear of it."""
        work = context.work
        outage = work.outages.by_token(click.argument)
        # First the outage's row: who ends it takes it first, too, and waits for us or we for them.
        if outage is None or not work.outages.hold(outage.id):
            return self._over(context, episode, outage)
        self._answers.mark(context, episode, context.say("press.joined"))
        ticket = self._lifecycle.open(
            context,
            replace(episode, clicks=(*episode.clicks, "joined")),
            TicketDraft(Priority.NORMAL, target=outage.target, outage_id=outage.id),
        )
        text = context.say("outage.joined", title=outage.title, ticket=ticket.reference)
        person = Button(PERSON, context.say("button.person"), episode.token)
        self._answers.say(
            context, episode, Reply((Line(text),), (person,), summary=text, language=context.language), ticket
        )
        self._outage_posts.show(work, outage, context.at)
        card = self._answers.shown(context, episode)
        return Outcome(OutcomeKind.TICKET, ticket=ticket.reference, card=card)

    def other(self, context: RequestContext, episode: Episode) -> Outcome:
        """It is something else: go on as usual."""
        self._answers.mark(context, episode, context.say("press.other"))
        shown = self._answers.shown(context, episode)
        result = self._understanding.again(episode.question, context.language)
        decision = self._understanding.decision(result)
        if self._understanding.action_of(decision) is not None:
            decision = Escalate()
        pressed = replace(episode, clicks=(*episode.clicks, OTHER))
        return replace(self._answers.carry_out(context, pressed, decision, result), card=shown)

    def _over(self, context: RequestContext, episode: Episode, outage: Outage | None) -> Outcome:
        self._answers.mark(context, episode, context.say("press.joined"))
        shown = self._answers.shown(context, episode)
        text = context.say("outage.over", title=outage.title if outage else "")
        person = Button(PERSON, context.say("button.person"), episode.token)
        reply = Reply((Line(text),), (person,), summary=text, language=context.language)
        post_id = self._answers.say(context, episode, reply)
        context.work.episodes.save(episode.moved(EpisodeState.ANSWERED, context.at, post_id=post_id))
        return Outcome(OutcomeKind.DONE, card=shown)
