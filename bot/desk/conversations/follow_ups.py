"""Decides what a message after a closed ticket means: thanks, another matter, or that the problem is back."""

from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.conversations.answering.episode_posts import EpisodePosts
from bot.desk.knowledge.understanding import ParsedMessage, Understanding
from bot.desk.ports.button_actions import CAME_BACK, SEPARATE
from bot.desk.tickets.reopening import Reopening
from bot.domain.conversations.episode import UNCLEAR, Episode, EpisodeState
from bot.domain.conversations.messages import Button, Line, Outcome, OutcomeKind, Reply
from bot.domain.conversations.reopen_phrases import says_it_came_back
from bot.domain.conversations.short_replies import ShortReply
from bot.domain.conversations.standalone import refers_back
from bot.domain.knowledge.decision import Answer, OpenTicket

PLEASED = frozenset(("thanks", "solved", "goodbye", "greeting"))
OVER = (ShortReply.SOLVED, ShortReply.DROPPED)
ASSENT = "assent"  # as an action: nothing opens, nothing reopens


class FollowUps:
    """Follow-ups to closed tickets: finds the ticket that a message means, and reopens it."""

    def __init__(self, understanding: Understanding, reopening: Reopening) -> None:
        self._understanding = understanding
        self._reopening = reopening

    def says_unsolved(self, parsed: ParsedMessage) -> bool:
        """Tell whether a message after a closed ticket means that it did not help."""
        if parsed.short in OVER:
            return False
        if says_it_came_back(parsed.text) or parsed.action == "not_solved":
            return True
        if parsed.short is ShortReply.UNSOLVED:
            return True
        urgent = parsed.result.asks or parsed.result.angry
        return parsed.result.vague and urgent and not parsed.empty and not self.is_pleased(parsed)

    def is_back(self, episode: Episode, parsed: ParsedMessage) -> bool:
        """Tell whether what was said to be solved by an answer is there again."""
        if episode.state is not EpisodeState.SOLVED:
            return False
        decision, tried = parsed.decision, {target for target, _ in episode.tried}
        known = decision.match.target if isinstance(decision, Answer | OpenTicket) else None
        if parsed.action is None and known is not None and known not in tried:
            return False
        if parsed.action is None and parsed.short is None and refers_back(parsed.text):
            return True  # “now it does it on my phone”
        return self.says_unsolved(parsed)

    def action_of(self, parsed: ParsedMessage) -> str | None:
        """Return the action that a message means, by its match or as a short reply."""
        if parsed.short is not None and parsed.short in OVER:
            return parsed.short.value
        return ASSENT if self.is_assent(parsed) else parsed.action

    def is_assent(self, parsed: ParsedMessage) -> bool:
        """Tell whether a message is assent alone, and no thanks or greeting, which have their own reply."""
        return parsed.short is ShortReply.ASSENT and parsed.action not in PLEASED

    def is_unclear(self, parsed: ParsedMessage) -> bool:
        """Tell whether a message says neither that it helped nor that it did not, nor anything else."""
        if parsed.empty or self.says_unsolved(parsed) or self.is_pleased(parsed):
            return False
        return parsed.result.vague or parsed.short is ShortReply.HESITATION

    def ask_whether_back(self, context: RequestContext, episode: Episode) -> Outcome:
        """Ask once whether a message means the closed ticket, or something else."""
        work = context.work
        ticket = work.tickets.get(episode.ticket_id) if episode.ticket_id is not None else None
        text_id = work.episodes.newest_text_id(episode.id)
        if ticket is None or text_id is None:
            raise LookupError(f"the episode {episode.id} has no ticket or no message to ask about")
        text = context.say("ask.is_it_back", ticket=ticket.reference)
        buttons = (
            Button(CAME_BACK, context.say("button.came_back"), ticket.token),
            Button(SEPARATE, context.say("button.separate"), episode.token, str(text_id)),
        )
        reply = Reply((Line(text),), buttons, summary=text, language=context.language)
        post_id = EpisodePosts(context, episode).say(reply, ticket)
        asked = replace(episode, clicks=(*episode.clicks, UNCLEAR))
        work.episodes.save(asked.with_state(episode.state, context.at, post_id=post_id))
        return Outcome(OutcomeKind.ASKED, ticket=ticket.reference)

    def is_pleased(self, parsed: ParsedMessage) -> bool:
        """Tell whether a message is only a kind word or an emoji: no question, and no complaint."""
        if parsed.action in PLEASED or parsed.short in OVER:
            return True
        if parsed.short is ShortReply.HESITATION:
            return False
        best = parsed.result.best
        intent = self._understanding.snapshot.content.intent(best.target) if best else None
        kind = intent is not None and intent.action in PLEASED
        return parsed.result.vague and (
            kind or parsed.only_signs or not any(char.isalnum() for char in parsed.text)
        )

    def find_earlier(
        self, context: RequestContext, episode: Episode | None, parsed: ParsedMessage
    ) -> Episode | None:
        """Find the episode of the ticket that “it came back” means, where no other one is going on."""
        if episode is not None and (
            episode.state is EpisodeState.ANSWERED or episode.ticket_id is not None or episode.asked
        ):
            return None
        plainly = says_it_came_back(parsed.text)
        if not plainly and parsed.action != "not_solved":
            return None
        ticket = context.work.tickets.last_closed(context.person)
        if ticket is None or not (plainly or self._reopening.is_recent(context, ticket)):
            return None
        earlier = context.work.episodes.get(ticket.episode_id)
        return earlier if self._may_be_about(context, earlier, parsed) else None

    def reopen(self, context: RequestContext, episode: Episode, text: str) -> Outcome:
        """Reopen the ticket of an episode, or open a new one; answer where the message was written."""
        work = context.work
        ticket = work.tickets.get(episode.ticket_id) if episode.ticket_id is not None else None
        if ticket is None:
            raise LookupError(f"the episode {episode.id} has no ticket to reopen")
        outcome = self._reopening.reopen(context, ticket, text)
        work.episodes.touch(episode.id, context.at)
        here = work.conversations.open(context.utterance.conversation)
        if here != episode.conversation_id and outcome.notice is None:
            text = context.say("told.open_again", ticket=outcome.ticket)
            work.outbox.say(here, context.reply(text), context.at)
        return outcome

    def _may_be_about(self, context: RequestContext, earlier: Episode, parsed: ParsedMessage) -> bool:
        """Tell whether a message that names a target names that of the earlier episode."""
        decision = parsed.decision
        if not isinstance(decision, Answer | OpenTicket) or parsed.action is not None:
            return True
        best = context.match(earlier.question, earlier.language).best
        tried = {target for target, _ in earlier.tried}
        return decision.match.target in tried or (best is not None and best.target == decision.match.target)
