"""Makes comments for other systems of posts: what is the team's alone is an internal one, by its type."""

from bot.desk.ports.backends import Decision, InternalComment, OutgoingComment, PublicComment
from bot.desk.ports.button_actions import APPROVE, DISAPPROVE
from bot.desk.ports.outbox import LeasedPost
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import Line, Quote, Reply
from bot.domain.tickets.mirror import DECIDED
from bot.domain.tickets.relay import Visibility

# Nothing else is ever public elsewhere: what the requester wrote, and what was sent to them.
_PUBLIC = frozenset({Visibility.SENT, Visibility.FROM_EMPLOYEE})


class MirrorComments:
    """Comments of posts, by who may read the message now that a post carries."""

    def __init__(self, wording: Wording, language: str) -> None:
        self._wording = wording
        self._language = language

    def of_post(self, work: UnitOfWork, leased: LeasedPost, reply: Reply) -> OutgoingComment | Decision:
        """Return the comment of a post: of a person's message, else of what the desk says to the team.

        A decision on an approval is a post with the button that was clicked for it.
        """
        for button in reply.buttons:
            if button.action in (APPROVE, DISAPPROVE) and button.token == DECIDED:
                return Decision(button.argument, button.action == APPROVE, reply.summary)
        carried = work.relays.carried_by(leased.revises or leased.id)
        if carried is None:
            blocks = (block.text for block in reply.blocks if isinstance(block, Line | Quote))
            return InternalComment("", "\n".join(blocks) or reply.summary)
        relay, _ = carried
        author = work.people.name(relay.author_id) if relay.author_id is not None else ""
        # The post's own words, not the newest ones: each edit has a post of its own.
        said = "\n".join(block.text for block in reply.blocks if isinstance(block, Quote))
        text = f"📎 {leased.file.name}" if leased.file is not None else said or reply.summary
        if leased.edit and leased.file is None:
            author = f"{author} {self._wording.say(self._language, 'relay.edited')}"
        if relay.visibility in _PUBLIC and not relay.gone:
            return PublicComment(author, text)
        return InternalComment(author, text)
