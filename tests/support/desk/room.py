"""What is said in the room of the engineers: at its top, and under its cards."""

from bot.domain.conversations.messages import Reply
from tests.support.desk.helpdesk import ROOM, Helpdesk, text_of


def in_room(helpdesk: Helpdesk) -> list[str]:
    """What was said at the top of the room."""
    return [
        text_of(shown.reply)
        for shown in helpdesk.screen.values()
        if shown.conversation.space == ROOM.space and not shown.conversation.thread
    ]


def in_threads(helpdesk: Helpdesk, space: str = ROOM.space) -> list[Reply]:
    """What was said under the cards."""
    return [
        shown.reply
        for shown in helpdesk.screen.values()
        if shown.conversation.space == space
        and shown.conversation.thread
        and not shown.reply.summary.startswith("HELP-1001 · ")
    ]
