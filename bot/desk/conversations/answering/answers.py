"""Answers an employee: with an article, a choice, a question back, a ticket, or small talk."""

from dataclasses import replace

from bot.desk.cards.shadow_mode import ShadowMode
from bot.desk.cards.ticket_card import LISTED, TicketCards
from bot.desk.context import RequestContext
from bot.desk.conversations.answering.episode_posts import EpisodePosts
from bot.desk.conversations.answering.replies import Replies
from bot.desk.knowledge.library import ContentSnapshot
from bot.desk.knowledge.promise import PromiseWatch
from bot.desk.knowledge.understanding import Understanding
from bot.desk.outages.opt_out import OutageOptOut
from bot.desk.ports.button_actions import NOT_HELPFUL, PERSON, SOLVED
from bot.desk.ports.unit_of_work import QuestionDecided
from bot.desk.tickets.details_request import DetailsRequest
from bot.desk.tickets.lifecycle import TicketDraft, TicketLifecycle
from bot.domain.conversations.commands import is_wish_alone
from bot.domain.conversations.episode import OFFERED, Episode, EpisodeState
from bot.domain.conversations.messages import Outcome, OutcomeKind
from bot.domain.conversations.outcome import AnswerVerdict, NotHelpfulReason
from bot.domain.knowledge.content import Intent, in_language
from bot.domain.knowledge.decision import (
    Answer,
    AskBack,
    Choose,
    Decision,
    Escalate,
    Match,
    MatchResult,
    OpenTicket,
)
from bot.domain.tickets.priority import ALIKE_WITHIN, MANY_ALIKE, Reason, decide_priority, find_reasons
from bot.domain.tickets.ticket import Priority, Ticket, format_reference

NOT_SOLVED = "not_solved"  # written, not clicked
CHOSEN = "chosen"  # kind of decision: the employee's own, from a list


class Answers:
    """Answers in an episode's conversation; each saves the episode."""

    def __init__(
        self,
        understanding: Understanding,
        replies: Replies,
        cards: TicketCards,
        lifecycle: TicketLifecycle,
        opt_out: OutageOptOut,
        shadow: ShadowMode,
        details: DetailsRequest,
        promise: PromiseWatch,
    ) -> None:
        self._understanding = understanding
        self._replies = replies
        self._cards = cards
        self._lifecycle = lifecycle
        self._opt_out = opt_out
        self._shadow = shadow
        self._details = details
        self._promise = promise

    @property
    def snapshot(self) -> ContentSnapshot:
        """Return the content and matcher in force."""
        return self._understanding.snapshot

    def is_silent(self, context: RequestContext) -> bool:
        """Tell whether the bot is in shadow mode here: it decides, and says nothing."""
        return self._shadow.is_silent(context)

    def carry_out(
        self, context: RequestContext, episode: Episode, decision: Decision, result: MatchResult
    ) -> Outcome:
        """Carry out a decision about an episode."""
        snapshot = self._understanding.snapshot
        decision = self._promise.hold(context.work, episode, decision, result)
        kind = type(decision).__name__.lower()
        if not (episode.tried or episode.asked or episode.offered or episode.ticket_id):
            context.work.facts.append(QuestionDecided(kind, result))
        decision_id = context.work.episodes.add_decision(
            episode.id, context.at, kind, result, snapshot.content.hash, snapshot.matcher.version
        )
        if self._shadow.is_silent(context) and episode.ticket_id is None:
            target = decision.match.target if isinstance(decision, OpenTicket) else ""
            outcome = self.escalate(context, episode, result, key="ticket.opened_shadow", target=target)
            self._shadow.keep(context, episode.id, decision, result, decision_id)
            return outcome
        match decision:
            case OpenTicket(match) if match.target not in snapshot.content.service_requests:
                return self.escalate(context, episode, result, target=match.target)
            case Answer(match) | OpenTicket(match):
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
        """Show the target of a match, or open the ticket of a service request.

        Where the episode was shown it already, open a ticket.
        """
        content = self._understanding.snapshot.content
        intent = content.intent(match.target)
        article = content.article(match.target, context.language)
        if any(target == match.target for target, _ in episode.tried) or not (article or intent):
            return self.escalate(context, episode, result)
        if intent is not None and intent.opens is not None:
            return self._open_request(context, episode, intent, result)
        posts = EpisodePosts(context, episode)
        posts.close_buttons(context.say("press.written"))
        # What was said of an earlier answer is no word on this one.
        clicks = tuple(click for click in episode.clicks if click != NOT_HELPFUL)
        tried = (*episode.tried, (match.target, round(match.confidence, 3)))
        episode = replace(episode, tried=tried, clicks=clicks)
        if article is not None:
            first_aid = intent is not None and intent.always_person
            replies = self._replies.article(context, episode, article, first_aid=first_aid)
        else:
            first_aid = bool(intent and intent.always_person)
            replies = [self._replies.text(context, episode, _reply_text(intent, context.language))]
        *_, post_id = [posts.say(reply) for reply in replies]  # the last one has the buttons
        if first_aid:
            return self.escalate(context, episode, result, key="ticket.opened_at_once")
        self._save(context, episode, EpisodeState.ANSWERED, post_id)
        return Outcome(OutcomeKind.ANSWERED)

    def answer_choice(
        self, context: RequestContext, episode: Episode, match: Match, result: MatchResult | None = None
    ) -> Outcome:
        """Show what somebody chose from a list."""
        snapshot, chosen = self._understanding.snapshot, MatchResult((match,), context.language)
        context.work.episodes.add_decision(
            episode.id, context.at, CHOSEN, chosen, snapshot.content.hash, snapshot.matcher.version
        )
        return self.answer(context, episode, match, result)

    def _open_request(
        self, context: RequestContext, episode: Episode, intent: Intent, result: MatchResult | None
    ) -> Outcome:
        """Open the ticket of a service request at once; what the intent asks waits behind a button."""
        if episode.ticket_id is not None:
            return self._has_ticket(context, episode, episode.ticket_id)
        ticket, public = self._open_ticket(context, episode, result, intent.target)
        reply = self._replies.request(context, ticket, intent, public=public)
        self._details.offer(context, episode, ticket, reply)
        return Outcome(OutcomeKind.TICKET, ticket=ticket.reference)

    def _choose(self, context: RequestContext, episode: Episode, matches: tuple[Match, ...]) -> Outcome:
        reply = self._replies.choice(context, episode, self._understanding.snapshot.content, matches)
        offered = tuple((match.target, round(match.confidence, 3)) for match in matches)
        post_id = EpisodePosts(context, episode).say(reply)
        self._save(context, replace(episode, asked=True, offered=offered), EpisodeState.CHOICE, post_id)
        return Outcome(OutcomeKind.CHOICE)

    def ask(self, context: RequestContext, episode: Episode) -> Outcome:
        """Put the episode's one question back; in shadow mode a ticket is opened instead."""
        if self._shadow.is_silent(context) and episode.ticket_id is None:
            return self.carry_out(context, episode, AskBack(), MatchResult())
        reply = self._replies.ask_back(context, episode, files=context.utterance.files)
        post_id = EpisodePosts(context, episode).say(reply)
        self._save(context, replace(episode, asked=True), EpisodeState.ASKED, post_id)
        return Outcome(OutcomeKind.ASKED)

    def escalate(
        self,
        context: RequestContext,
        episode: Episode,
        result: MatchResult | None = None,
        *,
        key: str = "ticket.opened",
        clicked: str = "",
        target: str = "",
    ) -> Outcome:
        """Open the episode's ticket, or name the one that it has already.

        Without a `target` the ticket is about what was shown last, else about the best match.
        """
        if clicked:
            episode = replace(episode, clicks=(*episode.clicks, clicked))
        if episode.ticket_id is not None:  # an episode has one ticket at most
            return self._has_ticket(context, episode, episode.ticket_id)
        target = target or self._target_of(episode, result)
        ticket, public = self._open_ticket(context, episode, result, target)
        EpisodePosts(context, episode).say(
            self._replies.ticket(context, ticket, public=public, key=key), ticket
        )
        wrong = clicked == PERSON or (clicked == NOT_SOLVED and self._means_not_solved(result))
        if wrong and not {NOT_HELPFUL, SOLVED} & set(episode.clicks):  # else it was counted then
            self._promise.judge(context, episode, wrong=True)
        return Outcome(OutcomeKind.TICKET, ticket=ticket.reference)

    def _open_ticket(
        self, context: RequestContext, episode: Episode, result: MatchResult | None, target: str
    ) -> tuple[Ticket, bool]:
        """Open a ticket about a target; return it, and whether others read along where it was asked."""
        EpisodePosts(context, episode).close_buttons(context.say("press.written"))
        intent = self._understanding.snapshot.content.intent(target) if target else None
        if intent is not None and intent.action and not is_wish_alone(episode.question):
            target = ""  # they said before what it is about: the wish for a person is not it
        priority, why = self._priority(context, episode, result, target, intent)
        queue = (intent.queue or "") if intent else ""
        draft = TicketDraft(priority, queue, None, target, why, tells_wait=True)
        ticket = self._lifecycle.open(context, episode, draft)
        return ticket, not context.work.conversations.ref(episode.conversation_id).private

    def _means_not_solved(self, result: MatchResult | None) -> bool:
        """Tell whether a text surely says that it did not help; one that says nothing is taken so, too."""
        best = result.best if result is not None else None
        if result is None or best is None:
            return False
        intent = self._understanding.snapshot.content.intent(best.target)
        sure = best.confidence >= self._understanding.thresholds(result).answer
        return sure and intent is not None and intent.action == NOT_SOLVED

    def _has_ticket(self, context: RequestContext, episode: Episode, ticket_id: int) -> Outcome:
        posts, own = EpisodePosts(context, episode), context.work.tickets.get(ticket_id)
        live = posts.live_ticket()
        key = "ticket.already" if live else "ticket.closed"
        left = live is not None and own is not None and self._opt_out.leave(context, own, live)
        key = "ticket.left_outage" if left else key
        posts.say(context.reply(context.say(key, ticket=format_reference(ticket_id))))
        context.work.episodes.save(episode.with_state(episode.state, context.at))
        if left and live is not None and own is not None:
            self._opt_out.show(context, own, live)
        return Outcome(OutcomeKind.TICKET if live else OutcomeKind.DONE, ticket=format_reference(ticket_id))

    def ask_whether_solved(self, context: RequestContext, episode: Episode) -> Outcome:
        """Ask once whether an answer helped, where a message says neither yes nor no."""
        posts = EpisodePosts(context, episode)
        posts.close_buttons(context.say("press.written"))
        post_id = posts.say(self._replies.ask_whether_solved(context, episode))
        self._save(context, replace(episode, asked=True), EpisodeState.ANSWERED, post_id)
        return Outcome(OutcomeKind.ASKED)

    def offer_ticket(self, context: RequestContext, episode: Episode) -> Outcome:
        """Ask in private whether a ticket is wanted; in shadow mode nothing is said."""
        if self._shadow.is_silent(context):
            context.work.episodes.forget_question(episode.id)
            return Outcome(OutcomeKind.IGNORED)
        EpisodePosts(context, episode).say_privately(self._replies.offer_ticket(context, episode))
        offered = replace(episode, clicks=(OFFERED,))
        context.work.episodes.save(offered.with_state(EpisodeState.CLOSED, context.at))
        return Outcome(OutcomeKind.ASKED)

    def answer_small_talk(
        self, context: RequestContext, episode: Episode, action: str, **values: str
    ) -> Outcome:
        """Answer small talk, such as a greeting: it opens no ticket and expects no reply."""
        # In shadow mode nothing is promised that the bot would not keep.
        talk = (
            "shadow" if action in ("greeting", "capabilities") and self._shadow.is_silent(context) else action
        )
        EpisodePosts(context, episode).say(self._replies.small_talk(context, talk, **values))
        context.work.episodes.save(episode.with_state(episode.state, context.at))
        return Outcome(OutcomeKind.DONE)

    def solved(self, context: RequestContext, episode: Episode) -> Outcome:
        """Record that an answer helped."""
        posts = EpisodePosts(context, episode)
        posts.close_buttons(context.say("answer.solved"))
        posts.say(context.reply(context.say("answer.glad")))
        clicks = tuple(click for click in episode.clicks if click != NOT_HELPFUL)
        clicked = replace(episode, clicks=(*clicks, SOLVED))
        context.work.episodes.save(clicked.with_state(EpisodeState.SOLVED, context.at))
        self._judge(context, episode, AnswerVerdict.SOLVED)
        return Outcome(OutcomeKind.DONE, shows=posts.last_post())

    def not_helpful(self, context: RequestContext, episode: Episode) -> Outcome:
        """Record that an answer did not help; no ticket is opened, and the two other ways stay open."""
        posts = EpisodePosts(context, episode)
        if NOT_HELPFUL not in episode.clicks:
            self._judge(context, episode, AnswerVerdict.NOT_HELPFUL)
            controls = self._replies.after_not_helpful(context, episode, may_say_why=True)
            posts.offer_below(context.say("answer.not_helpful"), controls)
            clicked = replace(episode, clicks=(*(c for c in episode.clicks if c != SOLVED), NOT_HELPFUL))
            context.work.episodes.save(clicked.with_state(EpisodeState.ANSWERED, context.at))
        return Outcome(OutcomeKind.DONE, shows=posts.last_post())

    def say_why(self, context: RequestContext, episode: Episode, reason: NotHelpfulReason) -> Outcome:
        """Record why an answer did not help."""
        target, _ = episode.tried[-1]
        context.work.verdicts.say_why(episode.id, target, reason)
        posts = EpisodePosts(context, episode)
        controls = self._replies.after_not_helpful(context, episode, may_say_why=False)
        said = context.say("answer.because", reason=context.say(f"reason.{reason}"))
        posts.offer_below(said, controls)
        return Outcome(OutcomeKind.DONE, shows=posts.last_post())

    def _judge(self, context: RequestContext, episode: Episode, verdict: AnswerVerdict) -> None:
        """Keep the person's last word on an answer; the first one is evidence for the promise."""
        if not episode.tried:
            return
        target, _ = episode.tried[-1]
        if context.work.verdicts.judge(episode.id, target, verdict, context.at):
            self._promise.judge(context, episode, wrong=verdict is AnswerVerdict.NOT_HELPFUL)

    def list_tickets(self, context: RequestContext, episode: Episode) -> Outcome:
        """List the person's tickets, in private where others can read along."""
        tickets = context.work.tickets.of(context.person, LISTED)
        named = tuple(ticket.id for ticket in tickets if ticket.live)
        channel = context.utterance.conversation.channel
        listed = self._cards.list_tickets(
            tickets, context.language, context.at, channel, context.utterance.zone
        )
        EpisodePosts(context, episode).say_privately(listed, naming=named)
        context.work.episodes.save(episode.with_state(episode.state, context.at))
        return Outcome(OutcomeKind.DONE)

    def _save(self, context: RequestContext, episode: Episode, state: EpisodeState, post_id: int) -> None:
        context.work.episodes.save(episode.with_state(state, context.at, post_id=post_id))

    def _priority(
        self,
        context: RequestContext,
        episode: Episode,
        result: MatchResult | None,
        target: str,
        intent: Intent | None,
    ) -> tuple[Priority, tuple[str, ...]]:
        found = set(find_reasons(episode.question))
        if episode.angry or (result is not None and result.angry):
            found.add(Reason.ANGRY)
        alike = 1
        # That many ask for a new laptop, or for a person, is no sign that something is broken.
        if target and not (intent and (intent.opens or intent.action)):
            alike += context.work.assignments.count_alike(target, context.at - ALIKE_WITHIN, MANY_ALIKE)
        named = Priority.parse(intent.priority) if intent and intent.priority else None
        return decide_priority(named, found, alike)

    def _target_of(self, episode: Episode, result: MatchResult | None) -> str:
        """Return the episode's target: the one shown last, else the best match where that is near."""
        if episode.tried:
            return episode.tried[-1][0]
        best = result.best if result else None
        if result is None or best is None:
            return ""
        near = best.confidence >= self._understanding.thresholds(result).choose
        return best.target if near else ""


def _reply_text(intent: Intent | None, language: str) -> str:
    return in_language(intent.reply, language) or "" if intent and intent.reply else ""
