"""What somebody says after a ticket has ended: thanks, another matter, or that the trouble came back."""

from bot.desk.context import Turn
from bot.desk.knowledge.understanding import Heard, Hearing
from bot.desk.tickets.reopening import Reopening
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Outcome
from bot.domain.conversations.reopen_phrases import came_back
from bot.domain.knowledge.content import Answer

PLEASED = frozenset(("thanks", "solved", "goodbye", "greeting"))


class Returns:
    """Tells whether a message means a closed ticket, and which one."""

    def __init__(self, hearing: Hearing, reopening: Reopening) -> None:
        self._hearing = hearing
        self._reopening = reopening

    def after_ticket(self, heard: Heard) -> bool:
        """Whether this, said where a ticket has ended, means that it did not help."""
        if came_back(heard.text) or heard.action == "not_solved":
            return True
        return heard.finding.vague and not heard.empty and not self.pleased(heard)

    def pleased(self, heard: Heard) -> bool:
        """Whether this is only a kind word, or a sign: too little for an answer, and no complaint."""
        if heard.action in PLEASED:
            return True
        best = heard.finding.best
        intent = self._hearing.shelf.content.intent(best.target) if best else None
        kind = intent is not None and intent.action in PLEASED
        return heard.finding.vague and (kind or not any(char.isalnum() for char in heard.text))

    def out_of_the_blue(self, turn: Turn, episode: Episode | None, heard: Heard) -> Episode | None:
        """The episode of the ticket that is meant by “it came back”, where nothing was said just before."""
        if episode is not None and (
            episode.state is EpisodeState.ANSWERED or episode.ticket_id is not None or episode.asked
        ):
            return None
        plainly = came_back(heard.text)
        if not plainly and heard.action != "not_solved":
            return None
        ticket = turn.work.tickets.last_closed(turn.person.id)
        if ticket is None or not (plainly or self._reopening.recent(turn, ticket)):
            return None
        earlier = turn.work.episodes.get(ticket.episode_id)
        return earlier if self._may_be_about(earlier, heard) else None

    def back(self, turn: Turn, episode: Episode, words: str) -> Outcome:
        """Open the ticket of this episode again, or a new one; answer where it was said."""
        work = turn.work
        ticket = work.tickets.get(episode.ticket_id) if episode.ticket_id is not None else None
        if ticket is None:
            raise LookupError(f"the episode {episode.id} has no ticket")
        outcome = self._reopening.came_back(turn, ticket, words)
        work.episodes.save(work.episodes.get(episode.id).moved(episode.state, turn.at))
        here = work.conversations.open(turn.utterance.conversation)
        if here != episode.conversation_id and outcome.notice is None:
            text = turn.say("told.open_again", ticket=outcome.ticket)
            work.outbox.say(here, turn.reply(text), turn.at)
        return outcome

    def _may_be_about(self, earlier: Episode, heard: Heard) -> bool:
        """Whether a message that names a thing of its own names the one that was helped with."""
        decision = self._hearing.decision(heard.finding)
        if not isinstance(decision, Answer) or self._hearing.action_of(decision) is not None:
            return True
        best = self._hearing.again(earlier.question, earlier.language).best
        tried = {target for target, _ in earlier.tried}
        return decision.match.target in tried or (best is not None and best.target == decision.match.target)
