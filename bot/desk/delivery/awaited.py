"""Tells whether something is still to be said in a conversation."""

from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.conversations.messages import ConversationRef


class AwaitedPosts:
    """Posts that are on their way, whichever replica delivers them; it only reads."""

    def __init__(self, begin: UnitsOfWork) -> None:
        self._begin = begin

    def in_conversation(self, ref: ConversationRef) -> bool:
        """Tell whether a post of this conversation waits to be delivered."""
        with self._begin.reading() as work:
            conversation_id = work.conversations.find(ref)
            return conversation_id is not None and work.outbox.waits(conversation_id)
