"""Carrying out a decision: answer, offer a choice, ask back, open a ticket, act."""

from dataclasses import replace

from bot.desk.cards.shadow_mode import Shadow
from bot.desk.cards.ticket_card import LISTED, Cards
from bot.desk.context import Turn
from bot.desk.conversations.replies import Replies
from bot.desk.knowledge.library import Library, Shelf
from bot.desk.merged_tickets import lives_in
from bot.desk.outages.opt_out import Leaving
from bot.desk.tickets.lifecycle import Beginning, Escalations
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Line, Outcome, OutcomeKind, Reply
from bot.domain.knowledge.content import (
    Answer,
    AskBack,
    Choose,
    Decision,
    Escalate,
    Finding,
    Intent,
    Match,
    Tolerance,
)
from bot.domain.tickets.priority import ALIKE_WITHIN, MANY_ALIKE, Reason, reasons, start
from bot.domain.tickets.ticket import Priority, Ticket, reference


class Answering:
    """Does what was decided, in the episode's conversation, and saves the episode."""

    def __init__(
        self,
        library: Library,
        replies: Replies,
        cards: Cards,
        escalations: Escalations,
        leaving: Leaving,
        tolerance: Tolerance,
        shadow: Shadow,
    ) -> None:
        self._library = library
        self._replies = replies
        self._cards = cards
        self._escalations = escalations
        self._leaving = leaving
        self._tolerance = tolerance
        self._shadow = shadow

    @property
    def shelf(self) -> Shelf:
        """The content and matcher in force."""
        return self._library.shelf

    def silent(self, turn: Turn) -> bool:
        """Whether the bot decides here and says nothing."""
        return self._shadow.covers(turn)

    def carry_out(self, turn: Turn, episode: Episode, decision: Decision, finding: Finding) -> Outcome:
        """Carry out a decision about an episode."""
        shelf = self._library.shelf
        kind = type(decision).__name__.lower()
        decision_id = turn.work.episodes.decided(
            episode.id, turn.at, kind, finding, shelf.content.hash, shelf.matcher.version
        )
        if self._shadow.covers(turn) and episode.ticket_id is None:
            outcome = self.escalate(turn, episode, finding, key="ticket.opened_shadow")
            self._shadow.keep(turn, episode.id, decision, finding, decision_id)
            return outcome
        match decision:
            case Answer(match):
                return self.answer(turn, episode, match, finding)
            case Choose(matches):
                return self._choose(turn, episode, matches)
            case AskBack():
                return self.ask(turn, episode)
            case Escalate():
                return self.escalate(turn, episode, finding)

    def answer(self, turn: Turn, episode: Episode, match: Match, finding: Finding | None = None) -> Outcome:
        """Show what a match points to; the same thing shown twice in an episode is no help: a person is."""
        content = self._library.shelf.content
        intent = content.intent(match.target)
        article = content.article(match.target, turn.language)
        if any(target == match.target for target, _ in episode.tried) or not (article or intent):
            return self.escalate(turn, episode, finding)
        self.mark(turn, episode, turn.say("press.written"))
        episode = replace(episode, tried=(*episode.tried, (match.target, round(match.confidence, 3))))
        if article is not None:
            first_aid = intent is not None and intent.always_person
            replies = self._replies.article(turn, episode, article, first_aid=first_aid)
        else:
            first_aid = bool(intent and intent.always_person)
            replies = [self._replies.text(turn, episode, _words(intent, turn.language))]
        post_id = self._post(turn, episode, replies)
        if first_aid:
            return self.escalate(turn, episode, finding, key="ticket.opened_at_once")
        self._save(turn, episode, EpisodeState.ANSWERED, post_id)
        return Outcome(OutcomeKind.ANSWERED)

    def _choose(self, turn: Turn, episode: Episode, matches: tuple[Match, ...]) -> Outcome:
        reply = self._replies.choice(turn, episode, self._library.shelf.content, matches)
        offered = tuple((match.target, round(match.confidence, 3)) for match in matches)
        post_id = self._post(turn, episode, [reply])
        self._save(turn, replace(episode, asked=True, offered=offered), EpisodeState.CHOICE, post_id)
        return Outcome(OutcomeKind.CHOICE)

    def ask(self, turn: Turn, episode: Episode) -> Outcome:
        """Put the episode's one question back; in shadow mode a ticket is opened instead."""
        if self._shadow.covers(turn) and episode.ticket_id is None:
            return self.carry_out(turn, episode, AskBack(), Finding())
        reply = self._replies.ask_back(turn, episode, files=turn.utterance.files)
        post_id = self._post(turn, episode, [reply])
        self._save(turn, replace(episode, asked=True), EpisodeState.ASKED, post_id)
        return Outcome(OutcomeKind.ASKED)

    def escalate(
        self,
        turn: Turn,
        episode: Episode,
        finding: Finding | None = None,
        *,
        key: str = "ticket.opened",
        pressed: str = "",
    ) -> Outcome:
        """Open the episode's ticket, or name the one that it has."""
        if pressed:
            episode = replace(episode, presses=(*episode.presses, pressed))
        if episode.ticket_id is not None:  # an episode has one ticket at most
            return self._has_ticket(turn, episode, episode.ticket_id)
        self.mark(turn, episode, turn.say("press.written"))
        target = self._target_of(episode, finding)
        intent = self._library.shelf.content.intent(target) if target else None
        priority, why = self._priority(turn, episode, finding, target, intent)
        queue = (intent.queue or "") if intent else ""
        ticket = self._escalations.open(turn, episode, Beginning(priority, queue, None, target, why))
        public = not turn.work.conversations.ref(episode.conversation_id).private
        self.say(turn, episode, self._replies.ticket(turn, ticket, public=public, key=key), ticket)
        return Outcome(OutcomeKind.TICKET, ticket=ticket.reference)

    def _has_ticket(self, turn: Turn, episode: Episode, ticket_id: int) -> Outcome:
        live, own = self.live_ticket(turn, episode), turn.work.tickets.get(ticket_id)
        key = "ticket.already" if live else "ticket.closed"
        left = live is not None and own is not None and self._leaving.leave(turn, own, live)
        key = "ticket.left_outage" if left else key
        self.say(turn, episode, turn.reply(turn.say(key, ticket=reference(ticket_id))))
        turn.work.episodes.save(episode.moved(episode.state, turn.at))
        if left and live is not None and own is not None:
            self._leaving.show(turn, own, live)
        return Outcome(OutcomeKind.TICKET if live else OutcomeKind.DONE, ticket=reference(ticket_id))

    def act(self, turn: Turn, episode: Episode, action: str) -> Outcome:
        """Greet, thank, explain ourselves: what opens no ticket and expects nothing."""
        # In shadow mode nothing is promised that the bot would not keep.
        talk = "shadow" if action in ("greeting", "capabilities") and self._shadow.covers(turn) else action
        self.say(turn, episode, turn.reply(turn.say(f"talk.{talk}")))
        turn.work.episodes.save(episode.moved(episode.state, turn.at))
        return Outcome(OutcomeKind.DONE)

    def solved(self, turn: Turn, episode: Episode) -> Outcome:
        """Note that an answer helped."""
        text = turn.say("answer.solved")
        self.mark(turn, episode, text)
        self.say(turn, episode, turn.reply(turn.say("answer.glad")))
        pressed = replace(episode, presses=(*episode.presses, "solved"))
        turn.work.episodes.save(pressed.moved(EpisodeState.SOLVED, turn.at))
        return Outcome(OutcomeKind.DONE, card=self.shown(turn, episode))

    def mine(self, turn: Turn, episode: Episode) -> Outcome:
        """List the person's tickets, in private where others can read along."""
        tickets = turn.work.tickets.of(turn.person.id, LISTED)
        named = tuple(ticket.id for ticket in tickets if ticket.live)
        self.say_privately(turn, episode, self._cards.mine(tickets, turn.language, turn.at), naming=named)
        turn.work.episodes.save(episode.moved(episode.state, turn.at))
        return Outcome(OutcomeKind.DONE)

    def mark(self, turn: Turn, episode: Episode, text: str) -> None:
        """Take the buttons off our last post, and note under it what was chosen."""
        if episode.post_id is None:
            return
        post = turn.work.outbox.read(episode.post_id)
        if post.buttons:
            marked = replace(post, buttons=(), blocks=(*post.blocks, Line(text)))
            turn.work.outbox.revise(episode.post_id, marked, turn.at)

    def shown(self, turn: Turn, episode: Episode) -> Reply | None:
        """Our last post with buttons, as it is now."""
        return turn.work.outbox.read(episode.post_id) if episode.post_id is not None else None

    def say(self, turn: Turn, episode: Episode, reply: Reply, ticket: Ticket | None = None) -> int:
        """Post in the episode's conversation."""
        ticket_id = ticket.id if ticket else episode.ticket_id
        return turn.work.outbox.say(episode.conversation_id, reply, turn.at, ticket_id=ticket_id)

    def say_privately(
        self, turn: Turn, episode: Episode, reply: Reply, *, naming: tuple[int, ...] = ()
    ) -> None:
        """Post so that nobody else reads it; its buttons hang on the tickets of `naming`."""
        public = not turn.work.conversations.ref(episode.conversation_id).private
        private_to = turn.utterance.sender if public else None
        turn.work.outbox.say(episode.conversation_id, reply, turn.at, private_to=private_to, naming=naming)

    def live_ticket(self, turn: Turn, episode: Episode) -> Ticket | None:
        """The episode's ticket, or the one it was merged into, while somebody still has to do something."""
        ticket = turn.work.tickets.get(episode.ticket_id) if episode.ticket_id is not None else None
        now = lives_in(turn.work, ticket) if ticket is not None else None
        return now if now is not None and now.live else None

    def _post(self, turn: Turn, episode: Episode, replies: list[Reply]) -> int:
        ids = [self.say(turn, episode, reply) for reply in replies]
        return ids[0]

    def _save(self, turn: Turn, episode: Episode, state: EpisodeState, post_id: int) -> None:
        turn.work.episodes.save(episode.moved(state, turn.at, post_id=post_id))

    def _priority(
        self, turn: Turn, episode: Episode, finding: Finding | None, target: str, intent: Intent | None
    ) -> tuple[Priority, tuple[str, ...]]:
        found = set(reasons(episode.question))
        if episode.angry or (finding is not None and finding.angry):
            found.add(Reason.ANGRY)
        alike = 1
        if target:
            alike += turn.work.handovers.alike(target, turn.at - ALIKE_WITHIN, MANY_ALIKE)
        named = Priority.parse(intent.priority) if intent and intent.priority else None
        return start(named, found, alike)

    def _target_of(self, episode: Episode, finding: Finding | None) -> str:
        """What it is about: what was shown last, else what it was matched with, if that is near."""
        if episode.tried:
            return episode.tried[-1][0]
        best = finding.best if finding else None
        if finding is None or best is None:
            return ""
        near = best.confidence >= self._library.cuts(self._tolerance, finding).choose
        return best.target if near else ""


def _words(intent: Intent | None, language: str) -> str:
    if intent is None or not intent.reply:
        return ""
    return intent.reply.get(language) or intent.reply.get("en") or next(iter(intent.reply.values()))
