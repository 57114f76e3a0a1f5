"""Posts in the conversation of an episode, and looks up its last post and its ticket."""

from dataclasses import dataclass, replace

from bot.desk.context import RequestContext
from bot.desk.history.merged_tickets import active_ticket
from bot.domain.conversations.episode import Episode
from bot.domain.conversations.messages import Line, Reply, ShowPost
from bot.domain.conversations.outcome import NotHelpfulReason
from bot.domain.tickets.ticket import Ticket

NO_CONTROLS = Reply(())


@dataclass(frozen=True, slots=True)
class EpisodePosts:
    """Posts to the employee about one episode, in the caller's transaction."""

    context: RequestContext
    episode: Episode

    def say(self, reply: Reply, ticket: Ticket | None = None) -> int:
        """Post in the episode's conversation; return the post's id."""
        ticket_id = ticket.id if ticket else self.episode.ticket_id
        outbox = self.context.work.outbox
        return outbox.say(self.episode.conversation_id, reply, self.context.at, ticket_id=ticket_id)

    def say_privately(self, reply: Reply, *, naming: tuple[int, ...] = ()) -> None:
        """Post so that nobody else reads it; its buttons belong to the tickets of `naming`."""
        work, conversation_id = self.context.work, self.episode.conversation_id
        private_to = (
            None if work.conversations.ref(conversation_id).private else self.context.utterance.sender
        )
        work.outbox.say(conversation_id, reply, self.context.at, private_to=private_to, naming=naming)

    def close_buttons(self, text: str) -> None:
        """Remove the buttons from the bot's last post, and note under it what was chosen."""
        if self.episode.post_id is None:
            return
        post = self.context.work.outbox.read(self.episode.post_id)
        if post.buttons:
            self._note(post, text)

    def offer_below(self, text: str, controls: Reply) -> None:
        """Put the buttons and the menu of a reply under the bot's last post, and note there what was said."""
        if self.episode.post_id is not None:
            self._note(self.context.work.outbox.read(self.episode.post_id), text, controls)

    def _note(self, post: Reply, text: str, controls: Reply = NO_CONTROLS) -> None:
        """Change a post's controls; the note takes the place of what was said of the answer before."""
        if self.episode.post_id is None:
            return
        say, language = self.context.wording.say, post.language
        reasons = [say(language, f"reason.{reason}") for reason in NotHelpfulReason]
        said = {say(language, key) for key in ("answer.solved", "answer.not_helpful")}
        said |= {say(language, "answer.because", reason=reason) for reason in reasons}
        blocks = tuple(block for block in post.blocks if not (isinstance(block, Line) and block.text in said))
        changed = replace(
            post,
            blocks=(*blocks, Line(text)),
            buttons=controls.buttons,
            menu=controls.menu,
            menu_label=controls.menu_label,
        )
        if changed != post:
            self.context.work.outbox.revise(self.episode.post_id, changed, self.context.at)

    def offers(self, action: str, argument: str) -> bool:
        """Tell whether the bot's last post still has this button."""
        if self.episode.post_id is None:
            return False
        post = self.context.work.outbox.read(self.episode.post_id)
        return any((button.action, button.argument) == (action, argument) for button in post.buttons)

    def drop_buttons(self, action: str) -> None:
        """Remove the buttons from the bot's last post where it has this one, without a word."""
        if self.episode.post_id is None:
            return
        post = self.context.work.outbox.read(self.episode.post_id)
        if any(button.action == action for button in post.buttons):
            bare = replace(post, buttons=(), menu=())
            self.context.work.outbox.revise(self.episode.post_id, bare, self.context.at)

    def last_post(self) -> ShowPost | None:
        """Return the bot's last post with buttons."""
        return ShowPost(self.episode.post_id) if self.episode.post_id is not None else None

    def live_ticket(self) -> Ticket | None:
        """Return the episode's ticket, or the one that it was merged into, while that is open or claimed."""
        work, ticket_id = self.context.work, self.episode.ticket_id
        ticket = work.tickets.get(ticket_id) if ticket_id is not None else None
        now = active_ticket(work, ticket) if ticket is not None else None
        return now if now is not None and now.live else None
