"""What a person presses in their private chat with the bot."""

from bot.domain.conversations.messages import Outcome
from tests.support.desk.helpdesk import Helpdesk, buttons_of


def pressed(helpdesk: Helpdesk, person: str, action: str, argument: str | None = None) -> Outcome:
    """Press a button of the newest message."""
    button = helpdesk.button(helpdesk.last(person), action, argument)
    return helpdesk.click(person, button, conversation=helpdesk.direct(person))


def pressed_newest(desk: Helpdesk, person: str, action: str) -> Outcome:
    """Press the newest button of this action, on whichever message it is."""
    reply = [r for r in desk.in_space(f"D{person}") if action in buttons_of(r)][-1]
    return desk.click(person, desk.button(reply, action), conversation=desk.direct(person))
