"""Carrying out a decision: answer, offer a choice, ask back, open a ticket, act."""

from dataclasses import replace

from bot.desk.cards.shadow_mode import ShadowMode
from bot.desk.cards.ticket_card import LISTED, TicketCards
from bot.desk.context import RequestContext
from bot.desk.conversations.replies import Replies
from bot.desk.knowledge.library import ContentSnapshot, Library
from bot.desk.merged_tickets import lives_in
from bot.desk.outages.opt_out import OutageOptOut
from bot.desk.tickets.lifecycle import TicketDraft, TicketLifecycle
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Line, Outcome, OutcomeKind, Reply
from bot.domain.knowledge.content import (
    Answer,
    AskBack,
    Choose,
    Decision,
    Escalate,
    Intent,
    Match,
    MatchResult,
    Tolerance,
)
from bot.domain.tickets.priority import ALIKE_WITHIN, MANY_ALIKE, Reason, reasons, start
from bot.domain.tickets.ticket import Priority, Ticket, reference


class Answers:
    """Does what was decided, in the episode's conversation, and saves the episode."""

    def __init__(
        self,
        library: Library,
        replies: Replies,
        cards: TicketCards,
        lifecycle: TicketLifecycle,
        opt_out: OutageOptOut,
        tolerance: Tolerance,
        shadow: ShadowMode,
    ) -> None:
        self._library = library
        self._replies = replies
        self._cards = cards
        self._lifecycle = lifecycle
        self._opt_out = opt_out
        self._tolerance = tolerance
        self._shadow = shadow

    @property
    def snapshot(self) -> ContentSnapshot:
        """The content and matcher in force."""
        return self._library.snapshot

    def silent(self, context: RequestContext) -> bool:
        """Whether the bot decides here and says nothing."""
        return self._shadow.covers(context)

    def carry_out(
        self, context: RequestContext, episode: Episode, decision: Decision, result: MatchResult
    ) -> Outcome:
        """Carry out a decision about an episode."""
        snapshot = self._library.snapshot
        kind = type(decision).__name__.lower()
        decision_id = context.work.episodes.decided(
            episode.id, context.at, kind, result, snapshot.content.hash, snapshot.matcher.version
        )
        if self._shadow.covers(context) and episode.ticket_id is None:
            outcome = self.escalate(context, episode, result, key="ticket.opened_shadow")
            self._shadow.keep(context, episode.id, decision, result, decision_id)
            return outcome
        match decision:
            case Answer(match):
                return self.answer(context, episode, match, result)
            case Choose(matches):
                return self._choose(context, episode, matches)
            case AskBack():
                return self.ask(context, episode)
            case Escalate():
                return self.escalate(context, episode, result)

    def answer(
        self, context: RequestContext, episode: Episode, match: Match, result: MatchResult | None = None
    ) -> Outcome:
        """Show what a match points to; the same thing shown twice in an episode is no help: a person is."""
        content = self._library.snapshot.content
        intent = content.intent(match.target)
        article = content.article(match.target, context.language)
        if any(target == match.target for target, _ in episode.tried) or not (article or intent):
            return self.escalate(context, episode, result)
        self.mark(context, episode, context.say("press.written"))
        episode = replace(episode, tried=(*episode.tried, (match.target, round(match.confidence, 3))))
        if article is not None:
            first_aid = intent is not None and intent.always_person
            replies = self._replies.article(context, episode, article, first_aid=first_aid)
        else:
            first_aid = bool(intent and intent.always_person)
            replies = [self._replies.text(context, episode, _words(intent, context.language))]
        post_id = self._post(context, episode, replies)
        if first_aid:
            return self.escalate(context, episode, result, key="ticket.opened_at_once")
        self._save(context, episode, EpisodeState.ANSWERED, post_id)
        return Outcome(OutcomeKind.ANSWERED)

    def _choose(self, context: RequestContext, episode: Episode, matches: tuple[Match, ...]) -> Outcome:
        reply = self._replies.choice(context, episode, self._library.snapshot.content, matches)
        offered = tuple((match.target, round(match.confidence, 3)) for match in matches)
        post_id = self._post(context, episode, [reply])
        self._save(context, replace(episode, asked=True, offered=offered), EpisodeState.CHOICE, post_id)
        return Outcome(OutcomeKind.CHOICE)

    def ask(self, context: RequestContext, episode: Episode) -> Outcome:
        """Put the episode's one question back; in shadow mode a ticket is opened instead."""
        if self._shadow.covers(context) and episode.ticket_id is None:
            return self.carry_out(context, episode, AskBack(), MatchResult())
        reply = self._replies.ask_back(context, episode, files=context.utterance.files)
        post_id = self._post(context, episode, [reply])
        self._save(context, replace(episode, asked=True), EpisodeState.ASKED, post_id)
        return Outcome(OutcomeKind.ASKED)

    def escalate(
        self,
        context: RequestContext,
        episode: Episode,
        result: MatchResult | None = None,
        *,
        key: str = "ticket.opened",
        pressed: str = "",
    ) -> Outcome:
        """Open the episode's ticket, or name the one that it has."""
        if pressed:
            episode = replace(episode, clicks=(*episode.clicks, pressed))
        if episode.ticket_id is not None:  # an episode has one ticket at most
            return self._has_ticket(context, episode, episode.ticket_id)
        self.mark(context, episode, context.say("press.written"))
        target = self._target_of(episode, result)
        intent = self._library.snapshot.content.intent(target) if target else None
        priority, why = self._priority(context, episode, result, target, intent)
        queue = (intent.queue or "") if intent else ""
        ticket = self._lifecycle.open(context, episode, TicketDraft(priority, queue, None, target, why))
        public = not context.work.conversations.ref(episode.conversation_id).private
        self.say(context, episode, self._replies.ticket(context, ticket, public=public, key=key), ticket)
        return Outcome(OutcomeKind.TICKET, ticket=ticket.reference)

    def _has_ticket(self, context: RequestContext, episode: Episode, ticket_id: int) -> Outcome:
        live, own = self.live_ticket(context, episode), context.work.tickets.get(ticket_id)
        key = "ticket.already" if live else "ticket.closed"
        left = live is not None and own is not None and self._opt_out.leave(context, own, live)
        key = "ticket.left_outage" if left else key
        self.say(context, episode, context.reply(context.say(key, ticket=reference(ticket_id))))
        context.work.episodes.save(episode.moved(episode.state, context.at))
        if left and live is not None and own is not None:
            self._opt_out.show(context, own, live)
        return Outcome(OutcomeKind.TICKET if live else OutcomeKind.DONE, ticket=reference(ticket_id))

    def act(self, context: RequestContext, episode: Episode, action: str) -> Outcome:
        """Greet, thank, explain ourselves: what opens no ticket and expects nothing."""
        # In shadow mode nothing is promised that the bot would not keep.
        talk = "shadow" if action in ("greeting", "capabilities") and self._shadow.covers(context) else action
        self.say(context, episode, context.reply(context.say(f"talk.{talk}")))
        context.work.episodes.save(episode.moved(episode.state, context.at))
        return Outcome(OutcomeKind.DONE)

    def solved(self, context: RequestContext, episode: Episode) -> Outcome:
        """Note that an answer helped."""
        text = context.say("answer.solved")
        self.mark(context, episode, text)
        self.say(context, episode, context.reply(context.say("answer.glad")))
        pressed = replace(episode, clicks=(*episode.clicks, "solved"))
        context.work.episodes.save(pressed.moved(EpisodeState.SOLVED, context.at))
        return Outcome(OutcomeKind.DONE, card=self.shown(context, episode))

    def mine(self, context: RequestContext, episode: Episode) -> Outcome:
        """List the person's tickets, in private where others can read along."""
        tickets = context.work.tickets.of(context.person.id, LISTED)
        named = tuple(ticket.id for ticket in tickets if ticket.live)
        self.say_privately(
            context, episode, self._cards.mine(tickets, context.language, context.at), naming=named
        )
        context.work.episodes.save(episode.moved(episode.state, context.at))
        return Outcome(OutcomeKind.DONE)

    def mark(self, context: RequestContext, episode: Episode, text: str) -> None:
        """Take the buttons off our last post, and note under it what was chosen."""
        if episode.post_id is None:
            return
        post = context.work.outbox.read(episode.post_id)
        if post.buttons:
            marked = replace(post, buttons=(), blocks=(*post.blocks, Line(text)))
            context.work.outbox.revise(episode.post_id, marked, context.at)

    def shown(self, context: RequestContext, episode: Episode) -> Reply | None:
        """Our last post with buttons, as it is now."""
        return context.work.outbox.read(episode.post_id) if episode.post_id is not None else None

    def say(
        self, context: RequestContext, episode: Episode, reply: Reply, ticket: Ticket | None = None
    ) -> int:
        """Post in the episode's conversation."""
        ticket_id = ticket.id if ticket else episode.ticket_id
        return context.work.outbox.say(episode.conversation_id, reply, context.at, ticket_id=ticket_id)

    def say_privately(
        self, context: RequestContext, episode: Episode, reply: Reply, *, naming: tuple[int, ...] = ()
    ) -> None:
        """Post so that nobody else reads it; its buttons hang on the tickets of `naming`."""
        public = not context.work.conversations.ref(episode.conversation_id).private
        private_to = context.utterance.sender if public else None
        context.work.outbox.say(
            episode.conversation_id, reply, context.at, private_to=private_to, naming=naming
        )

    def live_ticket(self, context: RequestContext, episode: Episode) -> Ticket | None:
        """The episode's ticket, or the one it was merged into, while somebody still has to do something."""
        ticket = context.work.tickets.get(episode.ticket_id) if episode.ticket_id is not None else None
        now = lives_in(context.work, ticket) if ticket is not None else None
        return now if now is not None and now.live else None

    def _post(self, context: RequestContext, episode: Episode, replies: list[Reply]) -> int:
        ids = [self.say(context, episode, reply) for reply in replies]
        return ids[0]

    def _save(self, context: RequestContext, episode: Episode, state: EpisodeState, post_id: int) -> None:
        context.work.episodes.save(episode.moved(state, context.at, post_id=post_id))

    def _priority(
        self,
        context: RequestContext,
        episode: Episode,
        result: MatchResult | None,
        target: str,
        intent: Intent | None,
    ) -> tuple[Priority, tuple[str, ...]]:
        found = set(reasons(episode.question))
        if episode.angry or (result is not None and result.angry):
            found.add(Reason.ANGRY)
        alike = 1
        if target:
            alike += context.work.assignments.alike(target, context.at - ALIKE_WITHIN, MANY_ALIKE)
        named = Priority.parse(intent.priority) if intent and intent.priority else None
        return start(named, found, alike)

    def _target_of(self, episode: Episode, result: MatchResult | None) -> str:
        """What it is about: what was shown last, else what it was matched with, if that is near."""
        if episode.tried:
            return episode.tried[-1][0]
        best = result.best if result else None
        if result is None or best is None:
            return ""
        near = best.confidence >= self._library.thresholds(self._tolerance, result).choose
        return best.target if near else ""


def _words(intent: Intent | None, language: str) -> str:
    if intent is None or not intent.reply:
        return ""
    return intent.reply.get(language) or intent.reply.get("en") or next(iter(intent.reply.values()))
