"""What stands in the room, under its cards and in private chats, and pressing it there."""

from bot.domain.conversations.messages import Outcome, Reply
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, is_card, text_of


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
        if shown.conversation.space == space and shown.conversation.thread and not is_card(shown.reply)
    ]


def pressed(helpdesk: Helpdesk, person: str, action: str, argument: str | None = None) -> Outcome:
    """Press a button of the newest message in somebody's private chat."""
    button = helpdesk.button(helpdesk.last(person), action, argument)
    return helpdesk.click(person, button, conversation=helpdesk.direct(person))


def pressed_newest(desk: Helpdesk, person: str, action: str) -> Outcome:
    """Press the newest button of this action in somebody's private chat, on whichever message it is."""
    reply = [r for r in desk.in_space(f"D{person}") if action in buttons_of(r)][-1]
    return desk.click(person, desk.button(reply, action), conversation=desk.direct(person))
